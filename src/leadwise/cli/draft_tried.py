"""What a draft may name, and what it would do to the leads that there are, for `leadwise draft`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from leadwise.asking.instants import DAY_US, now_us
from leadwise.card import parse as parse_card
from leadwise.card.model import Card
from leadwise.cli.playbook_dry_run import document_of, past_of, show_told
from leadwise.cli.population import Data, asking, moment, opened
from leadwise.cli.screen import heading, say
from leadwise.cli.stores import opened_store
from leadwise.cli.waiting import waiting
from leadwise.errors import UserError
from leadwise.playbooks.drafting.drafting import Around, Drafted
from leadwise.playbooks.dry_run import replay
from leadwise.settings import Settings

DAYS = 90
LISTED = 5


@dataclass(frozen=True, slots=True)
class On:
    """What a draft is tried on: files where `leads` are given, else the store of the settings."""

    settings: Settings
    card: Card | None
    leads: str | None
    events: str | None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: how it is shown, and as JSON."""

    show: Callable[[], None]
    document: dict[str, Any] | None = None


def around(on: On, templates: list[str] | None, connections: list[str] | None) -> Around:
    """The names that a draft may use: those that are given, and else the store's."""
    found = Around(on.card)
    if _has_store(on):
        from leadwise.playbooks.drafting.surroundings import around_of

        with opened_store(on.settings) as store, store.read() as connection:
            found = around_of(connection, on.settings, on.card)
    return Around(
        found.card,
        found.templates if templates is None else tuple(templates),
        found.connections if connections is None else tuple(connections),
        found.playbooks,
    )


def on_population(made: Drafted, on: On, names: Around) -> Tried:
    """A draft without errors tried on the leads of files or of the store, as far as there are."""
    if not made.fine:
        return Tried(lambda: None)
    if made.kind == "card":
        return _card(made.text, on)
    if on.leads is None and not _has_store(on):
        return Tried(_nobody)
    until_us = now_us()
    past = past_of(made.text, "draft", on.settings, names.card, on.leads, on.events, on.columns)
    with past as (playbook, of), waiting("Playing the past again"):
        told = replay(playbook, of, on.settings.playbooks, until_us - DAYS * DAY_US, until_us)

    def show() -> None:
        heading("What it would have done")
        show_told(told, DAYS, LISTED)

    return Tried(show, document_of(told))


def _card(text: str, on: On) -> Tried:
    """Who would be in which band now."""
    from leadwise.asking.summary import summarise
    from leadwise.asking.tallies import tally
    from leadwise.cli.histogram import show_tally

    card = parse_card(text).card
    if card is None or on.leads is None:
        return Tried(
            lambda: say("Try it: leadwise score FILE --leads leads.csv; of a store: leadwise "
                        "publish FILE --try")
        )  # fmt: skip
    with opened(card, Data(on.leads, on.events, on.columns)) as of:
        with asking(of, "Scoring"):
            summarise(of, moment(None))
        found = tally(of)
    bands = {band or "": number for band, number in found.bands.items()}
    return Tried(lambda: show_tally(card, found), {"leads": found.leads, "bands": bands})


def _nobody() -> None:
    say("It was tried on nobody: there is no store here (leadwise init), and no --leads.")


def _has_store(on: On) -> bool:
    """Whether the settings name a store that is there, where no files are meant."""
    if on.leads is not None:
        return False
    try:
        with opened_store(on.settings, current=False):
            return True
    except UserError as error:
        if error.code != "store-missing":
            raise
        return False
