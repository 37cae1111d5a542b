"""`leadwise playbook describe`: a playbook in plain English."""

from __future__ import annotations

import sys

from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.options import Json
from leadwise.cli.playbooks import CardOption, PlaybookFile, given_card, load_playbook
from leadwise.cli.screen import print_json
from leadwise.playbooks.language.plain import content_hash, plain_playbook
from leadwise.playbooks.library import connections_of, mails_of
from leadwise.playbooks.words.describe import describe as described


def describe(playbook: PlaybookFile, card: CardOption = None, json: Json = False) -> None:
    """Say in plain English what starts a playbook, what it does, and what holds it back.

    With --card the card's labels stand for its names.

    \b
    leadwise playbook describe follow-up.yaml
    leadwise playbook describe sales-call
    """
    at_most_one_stdin(playbook=playbook, card=card)
    found = load_playbook(playbook)
    text = described(found, given_card(card))
    if not json:
        sys.stdout.write(text)
        return
    print_json(
        {
            "playbook": found.id,
            "version": found.number,
            "hash": content_hash(found),
            "text": text,
            "mails": list(mails_of(found)),
            "connections": list(connections_of(found)),
            "content": plain_playbook(found),
        }
    )
