"""`leadwise compare`: what a changed card does to everybody, before it is published."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from leadwise.asking.compare import Comparison
from leadwise.asking.compare import compare as compare_populations
from leadwise.asking.differences import LineChange, line_changes
from leadwise.asking.summary import as_points
from leadwise.card import Card
from leadwise.cli import options
from leadwise.cli.cards import STDIN, at_most_one_stdin, card_document, load_card
from leadwise.cli.compare_table import show_comparison
from leadwise.cli.files import require_output, write_rows
from leadwise.cli.population import Data, asking, columns_of, moment, opened
from leadwise.cli.screen import print_json
from leadwise.cli.words import points_number, time

SHOWN = 10


def compare(
    old: options.OldCard,
    new: options.NewCard,
    leads: options.Leads,
    events: options.Events = None,
    as_of: options.AsOf = None,
    days: Annotated[
        int,
        typer.Option("--days", min=0, help="Days to look back on for the calls of a day; 0: none."),
    ] = 28,
    top: Annotated[
        int, typer.Option("--top", min=1, metavar="N", help="How many leads to show.")
    ] = SHOWN,
    column: options.Columns = None,
    out: options.Out = None,
    format: options.Format = None,  # noqa: A002 - the name of the option
    json: options.Json = False,
) -> None:
    """Compare two cards on the same leads at the same instant.

    Who changes band and why, how many leads go from which band to which, and what it does to the
    calls of a day. Files have the columns lead_id, old_score, new_score, difference, old_band,
    new_band. The exit code is 0 whether anybody moves or not.

    \b
    leadwise compare card.yaml card-new.yaml --leads leads.csv --events events.csv
    """
    require_output(out, format, json=json)
    at_most_one_stdin(old=old, new=new, leads=leads, events=events)
    before, after = load_card(old), load_card(new)
    at = moment(as_of)
    with _read_twice(leads) as leads_file, _read_twice(events) as events_file:
        data = Data(leads_file or leads, events_file, columns_of(column))
        with opened(before, data) as one:
            told = frozenset(one.read.notes.lines())
            with opened(after, data, told=told) as two, asking(one, "Comparing"):
                found = compare_populations(one, two, at.as_of_us, days=days)
                shown = _first(found, top)
                ids = [row["lead_id"] for row in shown]
                reasons = line_changes(one, two, ids, at.as_of_us)
    if out is not None:
        write_rows(_in_points(found.leads), out, format)
    if json:
        print_json(_document(before, after, found, shown, reasons))
    elif out is None:
        show_comparison(before, after, found, shown, reasons)


@contextmanager
def _read_twice(file: str | None) -> Iterator[str | None]:
    """The file itself, or what standard input holds as one: it is read for each of the cards."""
    if file != STDIN:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="leadwise-") as folder:
        kept = Path(folder, "standard-input")
        with kept.open("wb") as to:
            shutil.copyfileobj(sys.stdin.buffer, to)
        yield str(kept)


def _first(found: Comparison, top: int) -> list[dict[str, Any]]:
    """The leads that move most: those that change their band, then those whose score changes."""
    rows: list[dict[str, Any]] = found.leads.to_pylist()
    rows = [row for row in rows if row["difference"] or row["old_band"] != row["new_band"]]
    return sorted(rows, key=lambda row: row["old_band"] == row["new_band"])[:top]


def _in_points(leads: pa.Table) -> pa.Table:
    for name in ("old_score", "new_score", "difference"):
        place = leads.schema.get_field_index(name)
        leads = leads.set_column(place, name, as_points(leads[name]))
    return leads


def _document(
    old: Card,
    new: Card,
    found: Comparison,
    shown: list[dict[str, Any]],
    reasons: dict[str, tuple[LineChange, ...]],
) -> dict[str, Any]:
    return {
        "old": card_document(old),
        "new": card_document(new),
        "as_of": time(found.as_of_us),
        "count": found.leads.num_rows,
        "moved": found.moved,
        "matrix": [
            {"old_band": one, "new_band": two, "leads": n} for (one, two), n in found.matrix.items()
        ],
        "calls": {
            "days": found.days,
            **{
                name: {"band": calls.band, "waiting": calls.waiting, "per_day": calls.per_day}
                for name, calls in (("old", found.before), ("new", found.after))
            },
        },
        "leads": [_lead(row, reasons[row["lead_id"]]) for row in shown],
    }


def _lead(row: dict[str, Any], changes: tuple[LineChange, ...]) -> dict[str, Any]:
    scores = {k: points_number(row[k]) for k in ("old_score", "new_score", "difference")}
    lines = [
        {
            "name": change.line.name,
            "label": change.line.label,
            "old": None if change.old is None else points_number(change.old),
            "new": None if change.new is None else points_number(change.new),
        }
        for change in changes
    ]
    return row | scores | {"lines": lines}
