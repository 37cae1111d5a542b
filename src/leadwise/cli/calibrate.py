"""`leadwise calibrate`: the probability that a score means, and the thresholds that follow."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from leadwise.card.values import format_hundredths
from leadwise.cli import options, past
from leadwise.cli.backtest import told
from leadwise.cli.cards import card_document, load_card
from leadwise.cli.screen import bar, grid, heading, note, print_json, say, show
from leadwise.cli.words import counted
from leadwise.errors import UserError
from leadwise.learn.backtest.splits import last_part
from leadwise.learn.calibration.fit import calibrate as fit
from leadwise.learn.calibration.model import Calibration
from leadwise.learn.calibration.thresholds import Threshold, from_capacity, from_value
from leadwise.learn.judge.probability import calibration_error
from leadwise.learn.rows import Rows, by_hand
from leadwise.report.wording import percent

LATEST = 0.2
SHOWN = 12
ROOM = 20
DAY_US = 86_400_000_000
PANEL = "Thresholds"


def calibrate(
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
        float | None,
        typer.Option("--calls", metavar="N", help="Calls a day.", rich_help_panel=PANEL),
    ] = None,
    arriving: Annotated[
        float | None,
        typer.Option(
            "--arriving",
            metavar="N",
            help="Leads that come a day. Counted from the past if not given.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    value: Annotated[
        float | None,
        typer.Option(
            "--value", metavar="MONEY", help="What a won deal brings.", rich_help_panel=PANEL
        ),
    ] = None,
    cost: Annotated[
        float | None,
        typer.Option(
            "--cost",
            metavar="MONEY",
            help="What the work on one lead costs, in the same currency.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    column: options.Columns = None,
    json: options.Json = False,
) -> None:
    """Say what probability each score means, with its interval; never 0 or 100 percent.

    Of the past, the last fifth by time is held back to see whether what is said then comes.
    Thresholds are proposed from what the team can call (--calls) or from what a deal brings and a
    call costs (--value, --cost).

    \b
    leadwise calibrate card.yaml --leads leads.csv --events events.csv --outcomes outcomes.csv \\
      --calls 40 --value 5000 --cost 60
    """
    if (value is None) != (cost is None):
        raise UserError("usage", "--value and --cost are given together.")
    chosen = load_card(card)
    gone_by = past.past_of(
        card, leads, events, outcomes, won, column, horizon, every, age, created, in_order, allow
    )
    built = past.rows_of(chosen, gone_by)
    rows = built.rows
    found = fit(by_hand(rows), rows.won, rows.lead, horizon_us=gone_by.watch.horizon_us)
    error = _held_back(rows, gone_by.watch.horizon_us)
    proposed = _thresholds(rows, found, calls, arriving, value, cost)
    if json:
        document: dict[str, Any] = {"card": card_document(chosen), **found.document()}
        print_json(
            {**document, "error_later": error, "thresholds": told([asdict(t) for t in proposed])}
        )
    else:
        _show(found, error, proposed)
    note(built.notes)


def _held_back(rows: Rows, horizon_us: int) -> float | None:
    """How far probabilities learned from the first four fifths were off on the last fifth."""
    split = last_part(rows, LATEST, horizon_us)
    known, ahead = rows.take(split.known), rows.take(split.ahead)
    try:
        earlier = fit(by_hand(known), known.won, known.lead)
    except UserError:
        return None
    return calibration_error(earlier.probability(by_hand(ahead)), ahead.won) if len(ahead) else None


def _thresholds(
    rows: Rows, found: Calibration, calls: float | None, arriving: float | None,
    value: float | None, cost: float | None,
) -> list[Threshold]:  # fmt: skip
    proposed = []
    score = by_hand(rows)
    if calls is not None:
        come = _arriving(rows) if arriving is None else arriving
        proposed.append(from_capacity(score, rows.won, come, calls))
    if value is not None and cost is not None:
        pays = from_value(found, score, rows.won, value, cost)
        if pays is None:
            note([f"A call that costs {cost:g} never pays: no score is likely enough to bring it."])
        else:
            proposed.append(pays)
    return proposed


def _arriving(rows: Rows) -> float:
    """Leads that came a day."""
    days = (rows.when_us[-1] - rows.when_us[0]) / DAY_US if rows.dated and len(rows) else 0
    if days < 1:
        raise UserError(
            "calibrate-arriving",
            "The past does not say how many leads come a day.",
            hint="Say it with --arriving N.",
        )
    return len(set(rows.lead.tolist())) / float(days)


def _show(found: Calibration, error: float | None, proposed: list[Threshold]) -> None:
    say(
        f"{counted(found.rows, 'moment')} of {counted(found.leads, 'lead')}, {found.won:,} won "
        f"({percent(found.base_rate)}); method: {found.method}"
    )
    if error is not None:
        say(
            f"Learned from the first four fifths, what was said of the last fifth was off by "
            f"{percent(error)} on average."
        )
    heading("What a score means")
    table = grid()
    for title in ("score", "probability", "95% interval"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    step = max(1, len(found.knots) // SHOWN)
    highest = max(knot.probability for knot in found.knots)
    for knot in found.knots[::step]:
        table.add_row(
            format_hundredths(round(knot.score * 100)),
            percent(knot.probability),
            f"{percent(knot.low)} to {percent(knot.high)}",
            bar(knot.probability / highest, ROOM),
        )
    show(table)
    for one in proposed:
        heading(f"From {one.points} points on")
        say(
            f"{one.why[0].upper()}{one.why[1:]}. {percent(one.share)} of the moments stand there; "
            f"{percent(one.rate.value)} of them were won ({percent(one.rate.low)} to "
            f"{percent(one.rate.high)}), {percent(one.captured, 0)} of all wins."
        )
