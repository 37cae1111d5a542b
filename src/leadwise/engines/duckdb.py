"""DuckDB: files, frames and whole populations, in this process."""

# ruff: noqa: S608 - SQL is made of quoted names and rendered trees only

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from leadwise.engines.base import Closing, canonical_type, conform
from leadwise.plan.render import render


class DuckDBEngine(Closing):
    """A database in memory that spills to `temp_directory` when `memory_limit` is reached.

    `memory_limit` is a text like `8GB` (80 percent of the machine's memory if not said);
    `temp_directory` is made, and removed by `close`, if not said. Nothing is ever downloaded.
    """

    name = "duckdb"
    dialect = "duckdb"

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        temp_directory: str | Path | None = None,
        threads: int | None = None,
    ) -> None:
        self._own_directory = (
            tempfile.mkdtemp(prefix="leadwise-") if temp_directory is None else None
        )
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            # A name in a query is a relation of ours, never a variable of the calling program.
            "python_enable_replacements": False,
            "temp_directory": str(self._own_directory or temp_directory),
        }
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        self.connection = duckdb.connect(":memory:", config=config)
        self.connection.execute("SET TimeZone = 'UTC'")
        # Progress is measured for `progress`, and never printed by DuckDB itself.
        self.connection.execute("SET enable_progress_bar = true")
        self.connection.execute("SET enable_progress_bar_print = false")

    def load(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        columns = ", ".join(
            f"CAST({quoted(field.name)} AS {canonical_type(field.type)}) AS {quoted(field.name)}"
            for field in data.schema
        )
        self.connection.register("incoming", data)
        try:
            self.create(name, f"SELECT {columns} FROM incoming")
        finally:
            self.connection.unregister("incoming")

    def create(self, name: str, select: str, *, view: bool = False) -> None:
        """Create or replace the relation `name` from DuckDB's own SQL; a view where asked."""
        self.drop(name)
        kind = "VIEW" if view else "TABLE"
        self.connection.execute(f"CREATE {kind} {quoted(name)} AS {select}")

    def drop(self, name: str) -> None:
        """Remove the relation `name` if there is one."""
        for kind in ("VIEW", "TABLE"):
            with contextlib.suppress(duckdb.CatalogException):  # it is of the other kind
                self.connection.execute(f"DROP {kind} IF EXISTS {quoted(name)}")

    def query(self, tree: exp.Expression, schema: pa.Schema | None = None) -> pa.Table:
        return conform(self.connection.sql(render(tree, self.dialect)).to_arrow_table(), schema)

    def stream(self, tree: exp.Expression, rows: int = 100_000) -> pa.RecordBatchReader:
        """The rows of `tree` in batches of about `rows`, worked out while they are read."""
        return self.connection.sql(render(tree, self.dialect)).to_arrow_reader(rows)

    def schema(self, name: str) -> pa.Schema:
        """The columns of the relation `name`, in Arrow types."""
        return self.connection.sql(f"SELECT * FROM {quoted(name)} LIMIT 0").to_arrow_table().schema

    def read(self, name: str) -> pa.RecordBatchReader:
        """The rows of the relation `name` in batches, in the canonical types."""
        cursor = self.connection.cursor()
        return cursor.sql(f"SELECT * FROM {quoted(name)}").to_arrow_reader(100_000)

    def copy_to_parquet(self, tree: exp.Expression, path: str | Path) -> int:
        """Write the rows of `tree` to the Parquet file `path`, never holding them all.

        Returns their number. The caller sees to it that nothing half written stays behind
        (`leadwise.engines.output.replacing`).
        """
        sql = render(tree, self.dialect)
        done = self.connection.execute(
            f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        return int(done[0]) if done else 0

    def progress(self) -> float | None:
        """How much of the running query is done, from 0 to 1; None where that is not known.

        To be asked from another thread than the one that waits for the query.
        """
        percent = self.connection.query_progress()
        return None if percent < 0 else min(percent / 100, 1.0)

    def close(self) -> None:
        self.connection.close()
        if self._own_directory is not None:
            shutil.rmtree(self._own_directory, ignore_errors=True)


def quoted(name: str) -> str:
    """`name` as DuckDB (and every other engine here but Spark) quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a literal of DuckDB: only the quote is special in it."""
    return "'" + text.replace("'", "''") + "'"
