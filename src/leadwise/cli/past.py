"""What the commands that learn from the past have in common: their options, and the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from leadwise.asking.outcomes import read_outcomes, without_outcomes
from leadwise.card import Card
from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.durations import span
from leadwise.cli.population import Data, asking, columns_of, opened
from leadwise.cli.waiting import waiting
from leadwise.learn.leakage.used import guard, require_known
from leadwise.learn.moments import Built, Watch, training_rows

PAST = "The past"

Horizon = Annotated[
    str,
    typer.Option(
        "--horizon",
        metavar="TIME",
        help="How long after a moment a conversion still counts.",
        rich_help_panel=PAST,
    ),
]
Every = Annotated[
    str,
    typer.Option(
        "--every",
        metavar="TIME",
        help="A moment every so often while a lead is open.",
        rich_help_panel=PAST,
    ),
]
Age = Annotated[
    list[str] | None,
    typer.Option(
        "--age",
        metavar="TIME",
        help="Judge each lead once, at this age, instead of again and again; as often as needed.",
        rich_help_panel=PAST,
    ),
]
Created = Annotated[
    str | None,
    typer.Option(
        "--created",
        metavar="FIELD",
        help="The time field that says when a lead came. created_at if the card has it.",
        rich_help_panel=PAST,
    ),
]
InOrder = Annotated[
    bool,
    typer.Option(
        "--in-order",
        help="The rows of the leads' file stand in order of time, though they have no dates.",
        rich_help_panel=PAST,
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="NAME",
        help="A field or event that seems to give the outcome away is truly known by then.",
        rich_help_panel=PAST,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="NAME",
        help="Do not learn from this field, measure or event; as often as needed.",
        rich_help_panel=PAST,
    ),
]


@dataclass(frozen=True, slots=True)
class Past:
    """Where the past is and how it is cut into moments, as the options say it."""

    leads: str
    events: str | None
    outcomes: str
    won: Sequence[str]
    columns: dict[str, str]
    watch: Watch
    in_order: bool
    allowed: frozenset[str]
    without: frozenset[str] = frozenset()


def past_of(
    card: str, leads: str, events: str | None, outcomes: str, won: Sequence[str] | None,
    column: Sequence[str] | None, horizon: str, every: str, age: Sequence[str] | None,
    created: str | None, in_order: bool, allow: Sequence[str] | None,
) -> Past:  # fmt: skip
    """The options together; UserError where one cannot be read."""
    at_most_one_stdin(card=card, leads=leads, events=events, outcomes=outcomes)
    ages = tuple(span(one, "--age") for one in age or ())
    watch = Watch(
        horizon_us=span(horizon, "--horizon"),
        every_us=None if ages else span(every, "--every"),
        bands=not ages,
        arrival=not ages,
        ages_us=ages,
        created=created,
    )
    return Past(leads, events, outcomes, won or (), columns_of(column), watch, in_order,
                frozenset(allow or ()))  # fmt: skip


def rows_of(card: Card, past: Past, *, everything: bool = False) -> Built:
    """The rows of the past, asked of the card. UserError (`leakage`) where what is used gives the
    outcome away: what the card reads, or, for what will be learned from, `everything`."""
    with waiting("Reading outcomes"):
        became = read_outcomes(past.outcomes, columns=past.columns, won=past.won)
    require_known(card, {"--allow": past.allowed, "--without": past.without})
    data = Data(past.leads, past.events, without_outcomes(past.columns))
    with opened(card, data) as of, asking(of, "Asking what was known then"):
        built = training_rows(of, became, past.watch, in_order=past.in_order)
        guard(built, of, became, past.allowed | past.without, everything=everything)
    return built
