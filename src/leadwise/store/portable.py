"""The record as JSON Lines, one packed file a table: what any kind of store can be restored from.

The first line of a file says the table and its columns with their kinds (`whole`, `text`, `json`),
each further line is a row, a JSON list in that order. A step of the migrations that renames
something does so after the rows have been loaded.
"""

# ruff: noqa: S608 - the SQL is made of names that come from the schema and are quoted

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, inspect

from leadwise.errors import Place, UserError
from leadwise.store.columns import Json
from leadwise.store.schema import metadata

ENDING = ".jsonl.gz"
AT_ONCE = 2_000
_KINDS = {"whole": "bigint", "text": "text", "json": "text"}


def write_rows(connection: Connection, folder: Path) -> dict[str, int]:
    """Write all tables into `folder`; the number of rows of each. `connection` is a snapshot."""
    return {
        table.name: _write_table(connection, table, folder / f"{table.name}{ENDING}")
        for table in metadata.sorted_tables
    }


def read_rows(connection: Connection, folder: Path, names: Mapping[str, int]) -> None:
    """Load the tables called `names` into those of `connection`, which are there and empty.

    Raises UserError (`backup-damaged`) where a file holds another number of rows than is said.
    """
    for name, count in names.items():
        path = folder / f"{name}{ENDING}"
        found = _read_table(connection, name, path)
        if found != count:
            raise UserError(
                "backup-damaged", f"The file holds {found:,} rows, not {count:,}.",
                where=Place(str(path)), hint="Take another backup.",
            )  # fmt: skip


def counters(connection: Connection) -> dict[str, int]:
    """How far each table's key was counted up: no id is ever given twice, after restoring too."""
    found: dict[str, int] = {}
    for table in _counted():
        if connection.dialect.name == "sqlite":
            sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)"
            last = connection.exec_driver_sql(sql, (table.name,)).scalar_one()
        else:
            sql = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table.name}_id_seq"
            last = connection.exec_driver_sql(sql).scalar_one()
        highest = connection.exec_driver_sql(f'SELECT max(id) FROM "{table.name}"').scalar_one()
        found[table.name] = max(int(last), int(highest or 0))
    return found


def set_counters(connection: Connection, counted: Mapping[str, int]) -> None:
    """Have keys counted up from there."""
    there = set(inspect(connection).get_table_names())
    for table in _counted():
        last = counted.get(table.name, 0)
        if table.name not in there or not last:
            continue
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval(%s, %s)", (f"{table.name}_id_seq", last))
        elif table.dialect_options["sqlite"]["autoincrement"]:
            sql = "DELETE FROM sqlite_sequence WHERE name = ?"
            connection.exec_driver_sql(sql, (table.name,))
            sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
            connection.exec_driver_sql(sql, (table.name, last))


def _counted() -> list[Table]:
    return [t for t in metadata.sorted_tables if "id" in t.c and t.c.id.autoincrement is True]


def _write_table(connection: Connection, table: Table, path: Path) -> int:
    columns = {column.name: _kind(column.type) for column in table.columns}
    postgres = connection.dialect.name == "postgresql"
    chosen = ", ".join(
        f'CAST("{name}" AS text)' if kind == "json" and postgres else f'"{name}"'
        for name, kind in columns.items()
    )
    places = [place for place, kind in enumerate(columns.values()) if kind == "json"]
    streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
    number = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=6, newline="\n") as file:
        file.write(_line({"table": table.name, "columns": columns}))
        for row in streamed.exec_driver_sql(f'SELECT {chosen} FROM "{table.name}"'):
            values = list(row)
            for place in places:
                values[place] = None if values[place] is None else json.loads(values[place])
            file.write(_line(values))
            number += 1
    return number


def _read_table(connection: Connection, name: str, path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        header = json.loads(file.readline())
        columns: dict[str, str] = header["columns"]
        if header["table"] != name or not set(columns.values()) <= set(_KINDS):
            raise UserError(
                "backup-damaged", f"The file is of the table '{header['table']}'.",
                where=Place(str(path)), hint="Take another backup.",
            )  # fmt: skip
        places = [place for place, kind in enumerate(columns.values()) if kind == "json"]
        insert = _insert(connection, name, columns)
        rows = _rows(file, places)
        number = 0
        while part := list(islice(rows, AT_ONCE)):
            number += len(part)
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(insert, part)
            else:
                arrays = tuple(list(values) for values in zip(*part, strict=True))
                connection.exec_driver_sql(insert, arrays)
    return number


def _rows(lines: Iterator[str], places: list[int]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        values = json.loads(line)
        for place in places:
            if values[place] is not None:
                values[place] = json.dumps(
                    values[place], ensure_ascii=False, sort_keys=True, separators=(",", ":")
                )
        yield tuple(values)


def _insert(connection: Connection, name: str, columns: Mapping[str, str]) -> str:
    named = ", ".join(f'"{column}"' for column in columns)
    if connection.dialect.name == "sqlite":
        return f'INSERT INTO "{name}" ({named}) VALUES ({", ".join("?" for _ in columns)})'
    values = ", ".join(
        f'"{column}"::jsonb' if kind == "json" else f'"{column}"'
        for column, kind in columns.items()
    )
    arrays = ", ".join(f"%s::{_KINDS[kind]}[]" for kind in columns.values())
    return f'INSERT INTO "{name}" ({named}) SELECT {values} FROM unnest({arrays}) AS given({named})'


def _kind(type_: object) -> str:
    if isinstance(type_, Json):
        return "json"
    return "whole" if getattr(type_, "python_type", None) is int else "text"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
