"""PostgreSQL: what a team's deployment scores with; here over temporary tables only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from sqlglot import exp

from leadwise.engines.base import Closing, canonical_batches, canonical_type, conform
from leadwise.errors import UserError
from leadwise.plan.render import render

TYPES = {"BIGINT": "bigint", "DOUBLE": "double precision", "VARCHAR": 'text COLLATE "C"'}
COPY_TYPES = {"BIGINT": "int8", "DOUBLE": "float8", "VARCHAR": "text"}
ARROW: dict[int, pa.DataType] = {
    16: pa.int64(),  # boolean, as 0 and 1
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    25: pa.string(),
    700: pa.float64(),
    701: pa.float64(),
    1043: pa.string(),
    1700: pa.float64(),  # numeric: plans cast their sums, so only a stray one comes as it is
}
"""Arrow types of PostgreSQL's type numbers (its catalogue `pg_type`)."""
BATCH = 20_000  # rows held as Python objects at once


class PostgresEngine(Closing):
    """A connection to a server. Tables are TEMP, so nothing is left there when it closes."""

    name = "postgresql"
    dialect = "postgres"

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise UserError(
                "engine-missing",
                "PostgreSQL needs the package psycopg, which is not installed.",
                hint="Install it: pip install 'psycopg[binary]'.",
            ) from None
        try:
            self.connection = psycopg.connect(
                url, autocommit=True, connect_timeout=10, client_encoding="UTF8"
            )
        except psycopg.Error as error:
            said = " ".join(str(error).split()) or "no reason given"
            raise UserError(
                "engine-unreachable",
                f"The PostgreSQL server cannot be used: {said}",
                hint="Check the address: postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
            ) from None
        # JIT compiles the long CASE expressions of a plan for longer than it then saves.
        self.connection.execute("SET jit = off")
        self.connection.execute("SET client_min_messages = warning")

    def load(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        reader = canonical_batches(data)
        kinds = [canonical_type(field.type) for field in reader.schema]
        columns = ", ".join(
            f"{_quoted(field.name)} {TYPES[kind]}"
            for field, kind in zip(reader.schema, kinds, strict=True)
        )
        table = _quoted(name)
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
            cursor.execute(f"CREATE TEMP TABLE {table} ({columns})")
            with cursor.copy(f"COPY pg_temp.{table} FROM STDIN (FORMAT binary)") as copy:
                copy.set_types([COPY_TYPES[kind] for kind in kinds])
                for row in _rows(reader):
                    copy.write_row(row)
            if "lead_id" in reader.schema.names:
                cursor.execute(f"CREATE INDEX ON pg_temp.{table} (lead_id)")
        self.connection.execute(f"ANALYZE pg_temp.{table}")

    def query(self, tree: exp.Expression, schema: pa.Schema | None = None) -> pa.Table:
        # A named cursor lives on the server: only `BATCH` rows are ever here as Python objects.
        with self.connection.transaction(), self.connection.cursor("leadwise") as cursor:
            cursor.itersize = BATCH
            cursor.execute(render(tree, self.dialect))
            description = cursor.description or []
            target = pa.schema([(c.name, ARROW.get(c.type_code, pa.string())) for c in description])
            batches = []
            while rows := cursor.fetchmany(BATCH):
                batches.append(
                    pa.RecordBatch.from_arrays(
                        [
                            _array(values, field.type)
                            for values, field in zip(zip(*rows, strict=True), target, strict=True)
                        ],
                        schema=target,
                    )
                )
        return conform(pa.Table.from_batches(batches, target), schema)

    def close(self) -> None:
        self.connection.close()


def _rows(reader: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    for batch in reader:
        for start in range(0, batch.num_rows, BATCH):
            columns = (column.to_pylist() for column in batch.slice(start, BATCH).columns)
            yield from zip(*columns, strict=True)


def _array(values: tuple[Any, ...], type_: pa.DataType) -> pa.Array:
    if pa.types.is_floating(type_):
        return pa.array([None if value is None else float(value) for value in values], type_)
    if pa.types.is_integer(type_):
        return pa.array([None if value is None else int(value) for value in values], type_)
    return pa.array([None if value is None else str(value) for value in values], type_)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
