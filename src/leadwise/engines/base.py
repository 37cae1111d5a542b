"""What every engine can do, and the types in which its columns are kept.

An engine holds relations (leads, facts, events, moments) and answers query trees over them. Data
goes in and comes out as Arrow; the column types are those of `canonical_type`.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa
from sqlglot import exp


class Engine(Protocol):
    """A database that a card's query is run on; a context manager that closes itself."""

    @property
    def name(self) -> str:
        """The word the engine is opened by, for messages."""

    @property
    def dialect(self) -> str:
        """SQLGlot's name of the language it speaks."""

    def load(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        """Create or replace the relation `name`; columns become BIGINT, DOUBLE or VARCHAR."""

    def query(self, tree: exp.Expression, schema: pa.Schema | None = None) -> pa.Table:
        """The rows of `tree`, cast to `schema` where it is given.

        Without it the types are the engine's own; a column of nothing but NULL may then have the
        null type (SQLite has no other).
        """

    def close(self) -> None:
        """Let go of everything, leaving nothing behind."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Closing:
    """The `with` of every engine, and of what has one."""

    __slots__ = ()

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def canonical_type(type_: pa.DataType) -> str:
    """`BIGINT`, `DOUBLE` or `VARCHAR`: what a column of this Arrow type is kept as.

    Booleans are BIGINT 0 and 1, because not every engine has a boolean that can be summed.
    """
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return "BIGINT"
    if pa.types.is_floating(type_):
        return "DOUBLE"
    if pa.types.is_dictionary(type_):
        return canonical_type(type_.value_type)
    if (
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
        or pa.types.is_null(type_)
    ):
        return "VARCHAR"
    raise TypeError(f"an engine keeps no column of type {type_}")


def canonical_schema(schema: pa.Schema) -> pa.Schema:
    """The same columns as int64, float64 and string."""
    arrow = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "VARCHAR": pa.string()}
    return pa.schema([(field.name, arrow[canonical_type(field.type)]) for field in schema])


def canonical_batches(data: pa.Table | pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The same rows in the types of `canonical_schema`, batch by batch."""
    reader = data.to_reader() if isinstance(data, pa.Table) else data
    schema = canonical_schema(reader.schema)
    if schema.equals(reader.schema):
        return reader
    return pa.RecordBatchReader.from_batches(
        schema,
        (
            pa.RecordBatch.from_arrays(
                [
                    _plain(column, field.type)
                    for column, field in zip(batch.columns, schema, strict=True)
                ],
                schema=schema,
            )
            for batch in reader
        ),
    )


def _plain(column: pa.Array, type_: pa.DataType) -> pa.Array:
    return column if column.type == type_ else column.cast(type_)


def conform(table: pa.Table, schema: pa.Schema | None) -> pa.Table:
    """`table` with the names in the order and types of `schema` (all of them must be there)."""
    if schema is None or table.schema.equals(schema):
        return table
    return table.select(schema.names).cast(schema)
