"""`leadwise learn`: points that the past suggests, as a card."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import isfinite
from typing import Annotated, Any, cast

import typer

from leadwise.card import diff
from leadwise.cli import options, past
from leadwise.cli.backtest import told
from leadwise.cli.backtest_text import show_backtest
from leadwise.cli.cards import card_document, load_card
from leadwise.cli.files import require_writable
from leadwise.cli.screen import aside, heading, note, print_json, say
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted
from leadwise.engines.output import replacing
from leadwise.errors import UserError
from leadwise.learn.backtest.run import Options as Held
from leadwise.learn.backtest.run import backtest
from leadwise.learn.leakage import without as leaving_out
from leadwise.learn.moments import widened
from leadwise.learn.scorecard.learn import CardLearner, learn_card
from leadwise.learn.scorecard.model import LearnedCard, Options
from leadwise.learn.scorecard.prior import Direction

PANEL = "The card"


def learn(
    card: options.CardFile,
    leads: options.Leads,
    outcomes: options.Outcomes,
    events: options.Events = None,
    won: options.Won = None,
    horizon: past.Horizon = "90 days",
    every: past.Every = "7 days",
    age: past.Age = None,
    created: past.Created = None,
    in_order: past.InOrder = False,
    without: past.Without = None,
    allow: past.Allow = None,
    rising: Annotated[
        list[str] | None,
        typer.Option(
            "--rising",
            metavar="NAME",
            help="More of this number never means fewer points.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    falling: Annotated[
        list[str] | None,
        typer.Option(
            "--falling",
            metavar="NAME",
            help="More of this number never means more points.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    criteria: Annotated[
        int,
        typer.Option(
            "--criteria",
            metavar="N",
            min=1,
            help="So many criteria at most (never fewer than the card has).",
            rich_help_panel=PANEL,
        ),
    ] = 15,
    tiers: Annotated[
        int,
        typer.Option(
            "--tiers",
            metavar="N",
            min=2,
            help="So many tiers of a learned criterion at most.",
            rich_help_panel=PANEL,
        ),
    ] = 6,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FILE", help="Write the learned card there."),
    ] = None,
    column: options.Columns = None,
    json: options.Json = False,
) -> None:
    """Learn a card's points from what was won and lost.

    The result is a card: whole points, additive, small enough to read, run by the same query. It
    starts from the card given: with few outcomes it stays near it, with many it moves. What is said
    of how well it orders was measured on later leads than it was learned from.

    \b
    leadwise learn card.yaml --leads leads.csv --events events.csv --outcomes outcomes.csv \\
      --out learned.yaml
    """
    require_writable(out)
    chosen = load_card(card)
    gone_by = past.past_of(
        card, leads, events, outcomes, won, column, horizon, every, age, created, in_order, allow
    )
    gone_by = replace(gone_by, without=frozenset(without or ()))
    directions = _directions(rising, falling)
    built = past.rows_of(widened(chosen), gone_by, everything=True)
    asked = Options(directions, criteria, tiers)
    rows = leaving_out(built.rows, gone_by.without) if gone_by.without else built.rows
    with waiting("Learning"):
        found = learn_card(rows, asked)
    with waiting("Learning again and again from earlier leads, to see what later ones say"):
        held = backtest(rows, [CardLearner(asked)], Held(gone_by.watch.horizon_us, folds=2))
    if out is not None:
        with replacing(out) as beside:
            beside.write_text(found.text, encoding="utf-8")
    if json:
        print_json(
            {"card": card_document(found.card), **_document(found), "later": told(asdict(held))}
        )
    else:
        _show(found, chosen.id)
        heading("What later leads say of it")
        show_backtest(held, chosen, parts=False)
        heading("What changes")
        say("\n".join(diff(chosen, found.card)) or "Nothing.")
        if out is None:
            heading("The card")
            say(found.text)
    note((*found.notes, *held.warnings, *built.notes))
    if out is not None:
        aside().print(f"learned card written to {out}", style="dim", soft_wrap=True)


def _directions(rising: list[str] | None, falling: list[str] | None) -> dict[str, Direction]:
    both = set(rising or ()) & set(falling or ())
    if both:
        raise UserError("usage", f"{sorted(both)[0]} cannot both rise and fall.")
    found = dict.fromkeys(rising or (), "rising") | dict.fromkeys(falling or (), "falling")
    return cast("dict[str, Direction]", found)


def _show(found: LearnedCard, name: str) -> None:
    count = len(found.card.criteria)
    say(f"{name}: a card of {counted(count, 'criterion', 'criteria')} learned.")
    lost = found.auc_before_joining - found.auc
    if isfinite(lost):
        say(
            f"On the rows learned from its AUC is {found.auc:.3f} (by hand "
            f"{found.auc_by_hand:.3f}); being small and in whole points costs {max(lost, 0.0):.3f}."
        )


def _document(found: LearnedCard) -> dict[str, Any]:
    document: dict[str, Any] = told(
        {
            "text": found.text,
            "points": [asdict(line) for line in found.points],
            "auc": found.auc,
            "auc_by_hand": found.auc_by_hand,
            "auc_before_joining": found.auc_before_joining,
            "auc_before_rounding": found.auc_before_rounding,
            "notes": list(found.notes),
        }
    )
    return document
