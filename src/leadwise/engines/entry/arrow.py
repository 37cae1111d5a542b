"""Arrow data as a source: frames, readers, and the batches that file readers make."""

# ruff: noqa: ARG002, S608 - a source is asked in one way; SQL is made of our own names

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.engines.entry.sources import INCOMING, Column, Kind, said_of
from leadwise.errors import Place, UserError

PER_SECOND = {"s": 1_000_000, "ms": 1_000}
DAY_US = 86_400_000_000


def kind_of(type_: pa.DataType) -> Kind:
    """What the values of an Arrow type are to the entry."""
    types = pa.types
    if types.is_dictionary(type_):
        return kind_of(type_.value_type)
    known: tuple[tuple[Kind, tuple[Callable[[pa.DataType], bool], ...]], ...] = (
        ("text", (types.is_string, types.is_large_string, types.is_string_view)),
        ("text", (types.is_decimal,)),
        ("boolean", (types.is_boolean,)),
        ("integer", (types.is_integer,)),
        ("float", (types.is_floating,)),
        ("instant", (types.is_timestamp, types.is_date)),
        ("null", (types.is_null,)),
    )
    for kind, tests in known:
        if any(test(type_) for test in tests):
            return kind
    return "other"


def plain_type(type_: pa.DataType) -> pa.DataType:
    """The type in which values of `type_` go to DuckDB."""
    if pa.types.is_dictionary(type_):
        return plain_type(type_.value_type)
    plain = {"text": pa.string(), "float": pa.float64(), "instant": pa.int64(), "null": pa.string()}
    return plain.get(kind_of(type_), type_)


def plain(values: pa.Array) -> pa.Array:
    """`values` in `plain_type`: instants as microseconds (floored), all else without a loss."""
    if pa.types.is_dictionary(values.type):
        return plain(values.dictionary).take(values.indices)
    type_ = values.type
    if pa.types.is_date(type_):
        return pc.multiply(values.cast(pa.date32()).view(pa.int32()).cast(pa.int64()), DAY_US)
    if pa.types.is_timestamp(type_):
        ticks = values.cast(pa.timestamp(type_.unit)).view(pa.int64())
        if type_.unit == "us":
            return ticks
        if type_.unit == "ns":
            return _floored_by_1000(ticks)
        return pc.multiply_checked(ticks, PER_SECOND[type_.unit])
    wanted = plain_type(type_)
    return values if type_ == wanted else values.cast(wanted)


def _floored_by_1000(ticks: pa.Array) -> pa.Array:
    towards_zero = pc.divide(ticks, 1000)
    below = pc.less(pc.subtract(ticks, pc.multiply(towards_zero, 1000)), 0)
    return pc.subtract(towards_zero, below.cast(pa.int64()))


def columns_of(schema: pa.Schema) -> tuple[Column, ...]:
    """The columns of a schema, as a source describes them."""
    return tuple(
        Column(field.name, position, kind_of(field.type), str(field.type))
        for position, field in enumerate(schema, start=1)
    )


def numbered(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, wanted: Sequence[Column]
) -> pa.RecordBatchReader:
    """The columns `wanted` as `c1`, ..., and before them `row`, counting from 0."""
    indexes = [column.position - 1 for column in wanted]
    names = ["row", *(f"c{i}" for i in range(1, len(wanted) + 1))]
    types = [pa.int64(), *(plain_type(schema.field(i).type) for i in indexes)]
    target = pa.schema(list(zip(names, types, strict=True)))

    def rows() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in batches:
            row = pa.arange(start, start + batch.num_rows)
            columns = [plain(batch.column(i)) for i in indexes]
            yield pa.RecordBatch.from_arrays([row, *columns], schema=target)
            start += batch.num_rows

    return pa.RecordBatchReader.from_batches(target, rows())


class FrameSource:
    """Anything with `__arrow_c_stream__`: pyarrow, pandas, Polars. It is read once."""

    def __init__(self, frame: object, label: str) -> None:
        self.label = label
        try:
            self._reader = pa.RecordBatchReader.from_stream(frame)
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise self.diagnose(error) from error
        self.columns = columns_of(self._reader.schema)

    def missing(self, name: str) -> Column | None:
        return None

    def attach(self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[Column]) -> str:
        reader = numbered(iter(self._reader), self._reader.schema, wanted)
        connection.register(INCOMING, reader)
        return f'SELECT * FROM "{INCOMING}"'

    def lines(self, rows: Collection[int]) -> dict[int, int]:
        return {}

    def diagnose(self, error: Exception) -> UserError:
        return UserError(
            "input-unreadable",
            f"The frame cannot be read: {said_of(error)}.",
            where=Place(self.label),
            hint="Give each column values of one type, and texts in UTF-8.",
        )

    def close(self) -> None:
        self._reader.close()
