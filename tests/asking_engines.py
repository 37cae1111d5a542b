"""Asking engines what the oracle is asked: rows in, the oracle's `Answer` out."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from leadwise.asking.population import Moment, Population, ask_each, with_engine
from leadwise.card.model import Card
from leadwise.engines import Engine
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry import Dataset, read
from leadwise.engines.entry.dataset import schemas
from leadwise.plan import ALWAYS, FOREVER, lines
from leadwise.plan.lines import total_name
from tests.histories import Lead
from tests.oracle import Answer, Facts, Values
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


def from_files(
    card: Card,
    leads: Sequence[Row],
    events: Sequence[Row],
    folder: Path,
    engine: DuckDBEngine,
) -> Population:
    """The rows written to CSV files and read again as the product reads them, into `engine`."""
    files = (
        write_rows(folder / "leads.csv", LEAD_COLUMNS, leads),
        write_rows(folder / "events.csv", EVENT_COLUMNS, events),
    )
    return Population(card, read(card, *files, engine=engine), engine)


def from_history(card: Card, leads: Sequence[Lead], engine: DuckDBEngine) -> Population:
    """Typed values put into the tables of a plan; the engine stays the caller's to close."""
    rows: dict[str, list[dict[str, Any]]] = {
        "leads": [{"lead_id": lead.id} for lead in leads],
        "facts": [row for lead in leads for row in fact_rows(lead.id, lead.facts)],
        "events": [
            {
                "lead_id": lead.id,
                "event": e.event,
                "at_us": e.at_us,
                "received_us": e.received_us,
                **stored(e.properties),
            }
            for lead in leads
            for e in lead.events
        ],
    }
    tables = {
        name: pa.Table.from_pylist(rows[name], schema=schema)
        for name, schema in schemas(card).items()
    }
    dataset = Dataset.from_arrow(card, **tables, engine=engine)
    return Population(card, dataset, engine)


def fact_rows(lead: str, facts: Facts) -> Iterator[dict[str, Any]]:
    """Each row from when it was known to when the next one was."""
    dated = [(ALWAYS if at is None else at, values) for at, values in facts]
    rows = sorted(dated, key=lambda row: row[0])
    for place, (start, values) in enumerate(rows, 1):
        end = rows[place][0] if place < len(rows) else FOREVER
        yield {"lead_id": lead, "from_us": start, "until_us": end, **stored(values)}


def stored(values: Values) -> dict[str, Any]:
    """Booleans are kept as 0 and 1."""
    return {k: int(v) if isinstance(v, bool) else v for k, v in values.items()}


def on_engine(of: Population, engine: Engine | None) -> Population:
    """The same on another engine; None stays where it was read."""
    if engine is None:
        return of
    of.dataset.copy_to(engine)
    return with_engine(of, engine)


def answers(of: Population, moments: Sequence[Moment]) -> list[Answer]:
    """The ledgers of these moments, in their order."""
    rows = ask_each(of, moments).to_pylist()
    assert sorted(row["_moment"] for row in rows) == list(range(len(moments)))
    rows.sort(key=lambda row: row["_moment"])
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
