"""`leadwise refine`: which criteria of a card help, harm, overlap or never fire."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from leadwise.cli import options, past
from leadwise.cli.backtest import told
from leadwise.cli.cards import card_document, load_card
from leadwise.cli.screen import grid, note, plain, print_json, say, show
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted
from leadwise.learn.refinement.criteria import Worth, worths
from leadwise.report.wording import percent

SHOWN = {"makes no difference": "unclear", "never fires": "never", "always fires": "always"}


def refine(
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
    allow: past.Allow = None,
    column: options.Columns = None,
    json: options.Json = False,
) -> None:
    """See which criteria help the order, harm it, say the same as others, or never fire.

    A criterion helps where the order of the past would have been worse without its points, beyond
    chance. `leadwise learn` proposes better points.

    \b
    leadwise refine card.yaml --leads leads.csv --events events.csv --outcomes outcomes.csv
    """
    chosen = load_card(card)
    gone_by = past.past_of(
        card, leads, events, outcomes, won, column, horizon, every, age, created, in_order, allow
    )
    built = past.rows_of(chosen, gone_by)
    with waiting("Leaving out each criterion in turn"):
        found = worths(built.rows)
    if json:
        document: dict[str, Any] = told({"criteria": [asdict(one) for one in found]})
        print_json({"card": card_document(chosen), **document})
    else:
        say(
            f"{counted(len(built.rows), 'moment')}, {int(built.rows.won.sum()):,} won. Difference: "
            "the order's AUC less what it would be without the criterion."
        )
        say()
        _show(found)
    note(built.notes)


def _show(found: tuple[Worth, ...]) -> None:
    table = grid()
    table.add_column("criterion", overflow="fold", min_width=12)
    table.add_column("", no_wrap=True)
    for title in ("points to", "won with", "without", "difference (95%)"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in sorted(found, key=lambda each: -each.gain.value if isfinite(each.gain.value) else 9):
        table.add_row(
            plain(one.criterion),
            SHOWN.get(one.verdict, one.verdict),
            percent(one.share),
            percent(one.won_with.value) if isfinite(one.won_with.value) else "–",
            percent(one.won_without.value) if isfinite(one.won_without.value) else "–",
            _difference(one),
        )
    show(table)
    doubtful = [one.text for one in found if one.verdict != "helps"]
    if doubtful:
        say()
    for text in doubtful:
        say(text)


def _difference(one: Worth) -> str:
    if not isfinite(one.gain.value):
        return "–"
    told = f"{one.gain.value:+.3f}"
    return (
        f"{told} ({one.gain.low:+.3f} to {one.gain.high:+.3f})" if isfinite(one.gain.low) else told
    )
