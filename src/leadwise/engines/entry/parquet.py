"""Parquet files as a source: read by DuckDB, or through Arrow where DuckDB sees them otherwise."""

# ruff: noqa: ARG002, S608 - a source is asked in one way; SQL is made of quoted names and literals

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from leadwise.engines.duckdb import literal, quoted
from leadwise.engines.entry.arrow import columns_of, numbered
from leadwise.engines.entry.files import InputFile
from leadwise.engines.entry.sources import INCOMING, Column, said_of
from leadwise.errors import Place, UserError

GLOB = frozenset("*?[{")  # signs that DuckDB takes for a pattern in a path


class ParquetSource:
    """One Parquet file."""

    def __init__(self, file: InputFile) -> None:
        self.label = file.label
        self._file = file
        self._path = file.path
        try:
            self._schema: pa.Schema = pq.read_schema(file.path)
        except (pa.ArrowException, OSError) as error:
            raise self.diagnose(error) from None
        self.columns = columns_of(self._schema)

    def missing(self, name: str) -> Column | None:
        return None

    def attach(self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[Column]) -> str:
        fields = [self._schema.field(column.position - 1) for column in wanted]
        if not self._plain_for_duckdb(fields):
            file = pq.ParquetFile(self._path)
            names = [column.name for column in wanted]
            schema = pa.schema(fields)
            moved = [
                Column(column.name, position, column.kind)
                for position, column in enumerate(wanted, start=1)
            ]
            batches = (batch.select(names) for batch in file.iter_batches(columns=names))
            connection.register(INCOMING, numbered(batches, schema, moved))
            return f'SELECT * FROM "{INCOMING}"'
        select = ", ".join(
            f"{_plain(field)} AS c{number}" for number, field in enumerate(fields, start=1)
        )
        path = literal(str(self._path.resolve()))
        return (
            f"SELECT file_row_number AS row{', ' if select else ''}{select} "
            f"FROM read_parquet({path}, file_row_number = true)"
        )

    def _plain_for_duckdb(self, fields: Sequence[pa.Field]) -> bool:
        names = [name.lower() for name in self._schema.names]
        return (
            GLOB.isdisjoint(str(self._path.resolve()))
            and "file_row_number" not in names
            and len(set(names)) == len(names)  # DuckDB's names do not mind case
            and not any(pa.types.is_timestamp(f.type) and f.type.unit == "ns" for f in fields)
        )

    def lines(self, rows: Collection[int]) -> dict[int, int]:
        return {}

    def diagnose(self, error: Exception) -> UserError:
        said = said_of(error)
        if "magic bytes" in said or "footer" in said:
            said = "it is of another kind, or cut short"
        return UserError(
            "input-unreadable",
            f"This is not a Parquet file that can be read: {said}.",
            where=Place(self.label),
            hint="Write it again, or give it as CSV or JSON Lines.",
        )

    def close(self) -> None:
        self._file.remove()


def _plain(field: pa.Field) -> str:
    """The column as `arrow.plain` would give it."""
    name = quoted(field.name)
    type_ = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return f"epoch_us({name})"
    if pa.types.is_floating(type_):
        return f"CAST({name} AS DOUBLE)"
    if pa.types.is_decimal(type_) or pa.types.is_null(type_):
        return f"CAST({name} AS VARCHAR)"
    return name
