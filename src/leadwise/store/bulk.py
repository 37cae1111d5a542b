"""Many rows at once, the quick way of each database, and keys counted up beforehand."""

# ruff: noqa: S608 - the SQL is made of the schema's own names

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from leadwise.store.columns import Json
from leadwise.store.driver import ask, run, run_many

_ENCODER = msgspec.json.Encoder()


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    conflict: str = "",
) -> None:
    """Insert `rows`, their values in the order of `columns`; JSON values are given as text.

    `conflict` is what follows: `ON CONFLICT ...`. Values go as the driver takes them.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        run_many(connection, _sqlite_insert(table, tuple(columns), conflict), rows)
        return
    sql = _postgres_insert(table, tuple(columns), conflict)
    run(connection, sql, [list(values) for values in zip(*rows, strict=True)])


@lru_cache(maxsize=128)
def _sqlite_insert(table: Table, columns: tuple[str, ...], conflict: str) -> str:
    places = ", ".join("?" for _ in columns)
    return f'INSERT INTO "{table.name}" ({_names(columns)}) VALUES ({places}) {conflict}'


@lru_cache(maxsize=128)
def _postgres_insert(table: Table, columns: tuple[str, ...], conflict: str) -> str:
    """One statement with an array for each column: one round trip, planned once."""
    kinds = [_array_type(table, name) for name in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    names = [f"c{place}" for place in range(len(columns))]
    values = ", ".join(
        f"{name}::jsonb" if isinstance(table.c[column].type, Json) else name
        for name, column in zip(names, columns, strict=True)
    )
    return (
        f'INSERT INTO "{table.name}" ({_names(columns)}) SELECT {values} '
        f"FROM unnest({arrays}) AS given({', '.join(names)}) {conflict}"
    )


def _array_type(table: Table, column: str) -> str:
    python = table.c[column].type.python_type if not isinstance(table.c[column].type, Json) else str
    return "bigint" if python is int else "text"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def as_list(values: Iterable[int | str]) -> str:
    """The value of `:list`: a JSON list."""
    return _ENCODER.encode(list(values)).decode()


def listed(connection: Connection) -> str:
    """SQL of the rows of a JSON list bound as one parameter (`:list`): `SELECT value ...`.

    So that a list of any length is one statement, planned once. The values are texts on
    PostgreSQL: cast where they are numbers (`listed_whole`).
    """
    if connection.dialect.name == "sqlite":
        return "(SELECT value FROM json_each(:list))"
    return "(SELECT value FROM json_array_elements_text(CAST(:list AS json)))"


def listed_whole(connection: Connection) -> str:
    """The same for whole numbers."""
    if connection.dialect.name == "sqlite":
        return "(SELECT value FROM json_each(:list))"
    return "(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:list AS json)))"


def next_ids(connection: Connection, table: Table, count: int) -> range | list[int]:
    """Keys for `count` new rows of a table whose key the database counts up.

    On SQLite the caller's transaction is the only one that writes.
    """
    if connection.dialect.name == "sqlite":
        ((last,),) = ask(
            connection,
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = :name), "
            f'(SELECT max(id) FROM "{table.name}"), 0)',
            name=table.name,
        )
        return range(last + 1, last + 1 + count)
    sql = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
    return [row[0] for row in run(connection, sql, (f"{table.name}_id_seq", count))]
