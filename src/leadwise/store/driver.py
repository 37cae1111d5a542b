"""Statements that go straight to the driver: those that every event and every score goes through.

SQLAlchemy takes some 200 microseconds for a statement, the driver 10. The transaction is that of
the connection all the same, and errors are SQLAlchemy's, so callers see no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")


def ask(connection: Connection, sql: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """Run a statement with parameters written as `:name`; its rows, none where it has none.

    Values go as the driver takes them and come as it gives them: JSON columns are not decoded on
    SQLite. The statement has no `:name` in a literal of its own. Raises DBAPIError.
    """
    spoken = sql if connection.dialect.name == "sqlite" else _in_percents(sql)
    found: list[tuple[Any, ...]] = run(connection, spoken, values)
    return found


def run(connection: Connection, sql: str, values: Any) -> list[tuple[Any, ...]]:
    """Run a statement in the driver's own words, whatever parameters it takes. Raises DBAPIError"""
    try:
        cursor = _cursor(connection)
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []
    except _errors(connection) as error:
        raise _said(connection, sql, error) from error


def run_many(connection: Connection, sql: str, rows: Sequence[Any]) -> None:
    """Run a statement in the driver's own words once for each row. Raises DBAPIError."""
    try:
        _cursor(connection).executemany(sql, rows)
    except _errors(connection) as error:
        raise _said(connection, sql, error) from error


def _cursor(connection: Connection) -> Any:
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()


def _errors(connection: Connection) -> type[Exception]:
    error: type[Exception] = connection.dialect.loaded_dbapi.Error
    return error


def _said(connection: Connection, sql: str, error: Exception) -> BaseException:
    """The error as SQLAlchemy says it; a connection that is lost is given up."""
    lost = connection.dialect.is_disconnect(
        error,  # type: ignore[arg-type]  # it is the driver's, which only its dialect knows
        connection.connection, None,
    )  # fmt: skip
    told = DBAPIError.instance(
        sql, None, error, _errors(connection), connection_invalidated=lost,
        dialect=connection.dialect,
    )  # fmt: skip
    if lost:
        connection.invalidate(error)
    return told


@lru_cache(maxsize=256)
def _in_percents(sql: str) -> str:
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))
