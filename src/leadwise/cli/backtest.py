"""`leadwise backtest`: a card held against what came after."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import isfinite
from typing import Annotated, Any

import typer

from leadwise.cli import options, past
from leadwise.cli.backtest_text import show_backtest
from leadwise.cli.cards import card_document, load_card
from leadwise.cli.files import require_writable
from leadwise.cli.screen import aside, note, print_json
from leadwise.cli.waiting import waiting
from leadwise.cli.words import today
from leadwise.engines.output import replacing
from leadwise.errors import UserError
from leadwise.learn.backtest.model import Backtest
from leadwise.learn.backtest.page import backtest_page
from leadwise.learn.backtest.run import Options
from leadwise.learn.backtest.run import backtest as run
from leadwise.learn.rows import Floats, Rows


def backtest(
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
    calls: Annotated[
        int | None,
        typer.Option("--calls", metavar="N", min=1, help="How many leads your team calls a day."),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            metavar="FIELD",
            help="Also order by this number of the leads (an old score), as often as needed.",
        ),
    ] = None,
    column: options.Columns = None,
    html: Annotated[
        str | None,
        typer.Option(
            "--html", metavar="FILE", help="Write a page with charts there, for a browser."
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Hold a card against what came after: would its order have found the buyers?

    Each lead is asked about at the moments at which somebody would have decided (its arrival, every
    so many days while it is open, each change of its band), with what was known then; it counts as
    won if it converted within the horizon. Moments whose horizon is not over are left out.

    \b
    leadwise backtest card.yaml --leads leads.csv --events events.csv \\
      --outcomes outcomes.csv --horizon "60 days" --calls 40 --html backtest.html
    """
    require_writable(html)
    chosen = load_card(card)
    gone_by = past.past_of(
        card, leads, events, outcomes, won, column, horizon, every, age, created, in_order, allow
    )
    built = past.rows_of(chosen, gone_by)
    others = {name: _numbers(built.rows, name) for name in against or ()}
    with waiting("Drawing again and again to see what is chance"):
        found = run(built.rows, (), Options(gone_by.watch.horizon_us, calls), others, built.notes)
    if html is not None:
        with replacing(html) as beside:
            beside.write_text(backtest_page(found, chosen, made_at=today()), encoding="utf-8")
    if json:
        print_json({"card": card_document(chosen), **_document(found)})
    else:
        show_backtest(found, chosen)
    note((*found.warnings, *found.notes))
    if html is not None:
        aside().print(f"page with charts written to {html}", style="dim", soft_wrap=True)


def _numbers(rows: Rows, name: str) -> Floats:
    """A field of the rows as an order; unknown stands last."""
    numbers = [f.name for f in rows.card.fields if f.type == "number"]
    if name not in numbers:
        raise UserError(
            "backtest-against",
            f"--against {name}: the card has no number of that name.",
            hint=f"It has {', '.join(numbers)}." if numbers else "Declare it under fields.",
        )
    found = rows.numbers(name)
    lowest = min((float(value) for value in found if isfinite(value)), default=0.0)
    found = found.copy()
    found[~(found == found)] = lowest - 1
    return found


def _document(found: Backtest) -> dict[str, Any]:
    """The backtest as JSON: what cannot be said is null, curves are left out."""
    bare = replace(found, orders=tuple(replace(order, curve=()) for order in found.orders))
    document: dict[str, Any] = told(asdict(bare))
    for order in document["orders"]:
        del order["curve"]
    return document


def told(value: Any) -> Any:
    """Plain data for JSON: what cannot be said is null."""
    if isinstance(value, dict):
        return {name: told(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
