"""Two cards compared, in the terminal: who moves, the matrix of bands, the calls of a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from leadwise.asking.compare import Calls, Comparison
from leadwise.asking.differences import LineChange
from leadwise.asking.summary import signed
from leadwise.card import Card
from leadwise.cli.screen import grid, heading, plain, say, show
from leadwise.cli.words import band_label, counted, points, time

REASONS = 3


def show_comparison(
    old: Card,
    new: Card,
    found: Comparison,
    shown: list[dict[str, Any]],
    reasons: Mapping[str, tuple[LineChange, ...]],
) -> None:
    """Print it all."""
    number = found.leads.num_rows
    said = f"{counted(number, 'lead')} · as of {time(found.as_of_us)}"
    say(f"{_called(old)} → {_called(new)} · {said}")
    say()
    if not shown:
        say("Nobody's score or band changes.")
    else:
        changed = sum(1 for one in found.leads["difference"].to_pylist() if one)
        say(f"{counted(found.moved, 'lead')} in another band, {changed:,} with another score.")
        say()
        _show_leads(old, new, shown, reasons)
        rest = max(changed, found.moved) - len(shown)
        if rest > 0:
            say(f"{rest:,} more; --top N shows more of them, --out FILE writes all.", "dim")
    if old.bands and new.bands and number:
        _show_matrix(old, new, found.matrix)
        _show_calls(old, new, found)


def _called(card: Card) -> str:
    return f"{card.id}, version {card.version}"


def _show_leads(
    old: Card,
    new: Card,
    shown: list[dict[str, Any]],
    reasons: Mapping[str, tuple[LineChange, ...]],
) -> None:
    table = grid()
    table.add_column("lead", overflow="fold", style="bold", max_width=32)
    table.add_column("score", no_wrap=True)
    table.add_column("change", justify="right", no_wrap=True)
    table.add_column("band", overflow="fold")
    table.add_column("because", overflow="fold", ratio=1)
    for row in shown:
        change = row["difference"]
        bands = [band_label(old, row["old_band"]), band_label(new, row["new_band"])]
        moved = row["old_band"] != row["new_band"]
        table.add_row(
            plain(row["lead_id"]),
            f"{points(row['old_score'])} → {points(row['new_score'])}",
            Text(signed(change) if change else "0", "green" if change > 0 else "red"),
            plain(" → ".join(bands) if moved else bands[1]),
            plain(_because(reasons[row["lead_id"]])),
        )
    show(table)


def _because(changes: tuple[LineChange, ...]) -> str:
    """The lines that differ most, each with what it gave and what it gives."""
    said = [f"{c.line.label} {_amount(c.old)} → {_amount(c.new)}" for c in changes[:REASONS]]
    more = [f"{len(changes) - REASONS} more lines"] if len(changes) > REASONS else []
    return ", ".join(said + more) or "the bands' thresholds"


def _amount(hundredths: int | None) -> str:
    if hundredths is None:
        return "–"
    return signed(hundredths) if hundredths else "0"


def _show_matrix(old: Card, new: Card, matrix: Mapping[tuple[str | None, str | None], int]) -> None:
    heading("From band (down) to band (across)")
    table = grid()
    table.add_column("", overflow="fold")
    for band in reversed(new.bands):
        table.add_column(plain(band.label or band.id), justify="right", overflow="fold")
    for one in reversed(old.bands):
        cells = []
        for two in reversed(new.bands):
            count = matrix.get((one.id, two.id), 0)
            style = "dim" if one.id == two.id or not count else "bold"
            cells.append(Text(f"{count:,}" if count else "·", style))
        table.add_row(plain(one.label or one.id), *cells)
    show(table)


def _show_calls(old: Card, new: Card, found: Comparison) -> None:
    heading("Calls")
    table = grid()
    table.add_column("")
    table.add_column("band that asks for a call", overflow="fold")
    table.add_column("in it now", justify="right", no_wrap=True)
    if found.days:
        table.add_column("arrive on a day", justify="right", no_wrap=True)
    for word, card, calls in (("old", old, found.before), ("new", new, found.after)):
        row = [word, plain(band_label(card, calls.band)), f"{calls.waiting:,}"]
        table.add_row(*row, *([_per_day(calls)] if found.days else []))
    show(table)
    if found.days:
        say(
            "A lead arrives on a day on which it is in the card's top band and was not the day "
            "before, each as known at the time; the average of the last "
            f"{counted(found.days, 'day')}.",
            "dim",
        )


def _per_day(calls: Calls) -> str:
    return "–" if calls.per_day is None else f"{calls.per_day:,.1f}"
