"""SQLite: the embedded store's engine; here over a private database that nothing outlives."""

# ruff: noqa: S608 - SQL is made of quoted names and rendered trees only

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from sqlglot import exp

from leadwise.engines.base import Closing, canonical_batches, canonical_type, conform
from leadwise.plan.render import render

BATCH = 20_000  # rows turned from Arrow into Python objects, and back, at once


class SQLiteEngine(Closing):
    """A database of SQLite's own temporary kind: in memory, moved to a deleted file if large."""

    name = "sqlite"
    dialect = "sqlite"

    def __init__(self) -> None:
        self.connection = sqlite3.connect("", isolation_level=None)
        add_missing_functions(self.connection)

    def load(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        reader = canonical_batches(data)
        table = _quoted(name)
        columns = ", ".join(
            f"{_quoted(field.name)} {canonical_type(field.type)}" for field in reader.schema
        )
        places = ", ".join("?" for _ in reader.schema)
        execute = self.connection.execute
        execute("BEGIN")
        try:
            execute(f"DROP TABLE IF EXISTS {table}")
            execute(f"CREATE TABLE {table} ({columns})")
            self.connection.executemany(f"INSERT INTO {table} VALUES ({places})", _rows(reader))
            if "lead_id" in reader.schema.names:
                index = _quoted(f"{name} by lead")
                execute(f"CREATE INDEX {index} ON {table} (lead_id)")
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("ANALYZE")

    def query(self, tree: exp.Expression, schema: pa.Schema | None = None) -> pa.Table:
        cursor = self.connection.execute(render(tree, self.dialect))
        names = [entry[0] for entry in cursor.description]
        columns: list[list[Any]] = [[] for _ in names]
        while rows := cursor.fetchmany(BATCH):
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
        arrays = [_array(values) for values in columns]
        return conform(pa.Table.from_arrays(arrays, names=names), schema)

    def close(self) -> None:
        self.connection.close()


def add_missing_functions(connection: sqlite3.Connection) -> None:
    """Give `connection` POWER and FLOOR where this build of SQLite lacks them (before 3.35, or
    without SQLITE_ENABLE_MATH_FUNCTIONS)."""
    for name, arguments, function in (("power", 2, _power), ("floor", 1, _floor)):
        try:
            connection.execute(f"SELECT {name}({', '.join(['1'] * arguments)})")
        except sqlite3.OperationalError:
            connection.create_function(name, arguments, function, deterministic=True)


def _power(base: float | None, exponent: float | None) -> float | None:
    """C's pow: infinity where Python raises OverflowError, NULL where it is not a number."""
    if base is None or exponent is None:
        return None
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
    except ValueError:
        return math.inf if base == 0 else None


def _floor(value: float | None) -> float | int | None:
    """SQLite's floor: integers stay integers, doubles stay doubles."""
    if value is None or isinstance(value, int) or not math.isfinite(value):
        return value
    return float(math.floor(value))


def _rows(reader: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    for batch in reader:
        for start in range(0, batch.num_rows, BATCH):
            columns = (column.to_pylist() for column in batch.slice(start, BATCH).columns)
            yield from zip(*columns, strict=True)


def _array(values: Iterable[Any]) -> pa.Array:
    """Typed by what is in it: a value of SQLite carries its own type, a column has none."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int, float}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    return pa.array(values)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
