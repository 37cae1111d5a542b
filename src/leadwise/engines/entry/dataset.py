"""The tables that a plan asks, in DuckDB, and what there is to say about how they came there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from leadwise.card.model import Card, ValueType, Variable
from leadwise.engines.base import Closing, Engine
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry.notes import Notes

TABLES = ("leads", "facts", "events")

ARROW: dict[ValueType, pa.DataType] = {
    "number": pa.float64(),
    "text": pa.string(),
    "choice": pa.string(),
    "boolean": pa.int64(),
    "time": pa.int64(),
}


@dataclass(frozen=True, slots=True)
class Dataset(Closing):
    """`engine` holds the tables `leads`, `facts` and `events` of the card; it is ours to close."""

    engine: DuckDBEngine
    notes: Notes

    @classmethod
    def from_arrow(
        cls,
        card: Card,
        leads: pa.Table,
        facts: pa.Table,
        events: pa.Table | None = None,
        *,
        engine: DuckDBEngine | None = None,
    ) -> Self:
        """Tables that are typed already: cast to the card's types, columns not given are NULL."""
        engine = engine or DuckDBEngine()
        given = {"leads": leads, "facts": facts, "events": events}
        for name, schema in schemas(card).items():
            table = given[name]
            if table is None:
                table = schema.empty_table()
            columns = [
                table[field.name].cast(field.type)
                if field.name in table.column_names
                else pa.nulls(table.num_rows, field.type)
                for field in schema
            ]
            engine.load(name, pa.Table.from_arrays(columns, schema=schema))
        rows = 0 if events is None else events.num_rows
        return cls(engine, Notes(leads=leads.num_rows, lead_rows=facts.num_rows, events=rows))

    def copy_to(self, engine: Engine) -> None:
        """Load the tables into another engine."""
        for name in TABLES:
            engine.load(name, self.engine.read(name))

    def close(self) -> None:
        self.engine.close()


def schemas(card: Card) -> dict[str, pa.Schema]:
    """The Arrow schemas of the three tables of `card`."""
    lead = ("lead_id", pa.string())
    fields = [(field.name, ARROW[field.type]) for field in card.fields]
    values = [(variable.name, ARROW[variable.type]) for variable, _ in properties(card)]
    us = pa.int64()
    return {
        "leads": pa.schema([lead]),
        "facts": pa.schema([lead, ("from_us", us), ("until_us", us), *fields]),
        "events": pa.schema(
            [lead, ("event", pa.string()), ("at_us", us), ("received_us", us), *values]
        ),
    }


def properties(card: Card) -> tuple[tuple[Variable, tuple[str, ...]], ...]:
    """Each property once (the card declares it alike everywhere), with the events that have it."""
    found: dict[str, tuple[Variable, tuple[str, ...]]] = {}
    for event in card.events:
        for variable in event.properties:
            first, events = found.get(variable.name, (variable, ()))
            found[variable.name] = (first, (*events, event.name))
    return tuple(found.values())
