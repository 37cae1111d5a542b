"""Asking engines what the oracle is asked: rows as a file has them in, the oracle's `Answer` out."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadwise.asking.population import Moment, Population, ask_each, with_engine
from leadwise.card.model import Card
from leadwise.engines import Engine
from leadwise.engines.entry import read
from leadwise.plan import lines
from leadwise.plan.lines import total_name
from tests.oracle import Answer
from tests.oracle_entry import Row

LEAD_COLUMNS = ("lead_id", "known_at")
EVENT_COLUMNS = ("lead_id", "event", "timestamp", "received_at", "message_id", "source")


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> Path:
    """A CSV file of the columns that any row has (the first two always)."""
    used = {*columns[:2], *(name for row in rows for name in row)}
    names = [*(c for c in columns if c in used), *sorted(used - set(columns))]
    if "known_at" in names and not any("known_at" in row for row in rows):
        names.remove("known_at")
    if columns is EVENT_COLUMNS and "timestamp" not in names:
        names.insert(2, "timestamp")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@contextmanager
def from_files(
    card: Card, leads: Sequence[Row], events: Sequence[Row], folder: Path
) -> Iterator[Population]:
    """The rows written to CSV files and read again as the product reads them, on DuckDB."""
    files = (
        write_rows(folder / "leads.csv", LEAD_COLUMNS, leads),
        write_rows(folder / "events.csv", EVENT_COLUMNS, events),
    )
    with read(card, *files) as dataset:
        yield Population(card, dataset, dataset.engine)


def on_engine(of: Population, engine: Engine | None) -> Population:
    """The same on another engine; None stays where it was read."""
    if engine is None:
        return of
    of.dataset.copy_to(engine)
    return with_engine(of, engine)


def answers(of: Population, moments: Sequence[Moment]) -> list[Answer]:
    """The ledgers of these moments, in their order."""
    rows = ask_each(of, moments).to_pylist()
    assert sorted(row["moment"] for row in rows) == list(range(len(moments)))
    rows.sort(key=lambda row: row["moment"])
    return [answer_of(of.card, row) for row in rows]


def answer_of(card: Card, row: dict[str, Any]) -> Answer:
    return Answer(
        lines={line.name: row[line.name] for line in lines(card)},
        dimensions={d.id: row[total_name(d.id)] for d in card.dimensions},
        score=row["score"],
        band=row["band"],
        grade=row["grade"],
        unknown=tuple((row["unknown"] or "").split()),
        edge=0.0,
    )
