"""What a store has that a draft may name: the live card, templates, connections, playbooks."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.card.model import Card
from leadwise.playbooks.drafting.drafting import Around
from leadwise.playbooks.mails.templates import template_names
from leadwise.settings import Settings
from leadwise.store.cards import live_version
from leadwise.store.connections import list_connections
from leadwise.store.playbooks import list_playbooks


def around_of(connection: Connection, settings: Settings, card: Card | None = None) -> Around:
    """What there is to write with; `card` in the place of the live one."""
    live = live_version(connection)
    return Around(
        card or (live.card if live else None),
        tuple(template_names(connection, settings)),
        tuple(one.name for one in list_connections(connection)),
        tuple(sorted({one.playbook for one in list_playbooks(connection)})),
    )
