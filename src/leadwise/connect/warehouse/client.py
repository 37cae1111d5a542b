"""Talking to a database of others: reading writes nothing, errors tell no passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from leadwise.errors import RemoteError, UserError

ROWS_AT_ONCE = 1_000
SECONDS = 30
_READS = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?")


def engine_of(url: str) -> Engine:
    """The database at an address. UserError `connection-secret`, which tells nothing of it."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        name = parsed.get_backend_name()
        patience: dict[str, Any] = {"connect_timeout": SECONDS} if name == "postgresql" else {}
        return create_engine(parsed, pool_pre_ping=True, pool_size=1, connect_args=patience)
    except (ArgumentError, ValueError, TypeError):
        said = "The address of the warehouse is none."
    except (NoSuchModuleError, ImportError) as error:
        module = str(getattr(error, "name", "") or error)[:80]
        said = f"There is no driver for the warehouse: {module}."
    raise UserError(
        "connection-secret", said,
        hint="Write postgresql://user:password@host/database; for other databases install their "
        "driver for SQLAlchemy.",
    )  # fmt: skip


def checked_query(query: str) -> str:
    """The query if it is one that reads. UserError `warehouse-query`."""
    plain = query.strip().removesuffix(";").strip()
    if not _READS.match(plain) or ";" in plain:
        raise UserError(
            "warehouse-query", "The query of the warehouse is no single SELECT.",
            hint="SELECT email AS lead_id, plan, updated_at FROM users WHERE updated_at >= :since",
        )  # fmt: skip
    return plain


def checked_table(table: str) -> tuple[str | None, str]:
    """Schema and name of a table. UserError `warehouse-table`."""
    if not _TABLE.fullmatch(table):
        raise UserError(
            "warehouse-table", f"'{table[:60]}' is no name of a table.",
            hint="Write leadwise_scores, or marketing.leadwise_scores.",
        )  # fmt: skip
    schema, _, name = table.rpartition(".")
    return schema or None, name


@contextmanager
def reading(engine: Engine, system: str) -> Iterator[Database]:
    """A connection in which nothing can be written, where the database knows of such."""
    with told(engine, system), engine.connect() as opened:
        kind = opened.dialect.name
        if kind == "postgresql":
            opened = opened.execution_options(postgresql_readonly=True)
        elif kind == "sqlite":
            opened.execute(text("PRAGMA query_only = ON"))
        elif kind in ("mysql", "mariadb"):
            opened.execute(text("SET SESSION TRANSACTION READ ONLY"))
        try:
            yield opened
        finally:
            opened.rollback()
            if kind == "sqlite":
                opened.execute(text("PRAGMA query_only = OFF"))


@contextmanager
def writing(engine: Engine, system: str) -> Iterator[Database]:
    """A transaction."""
    with told(engine, system), engine.begin() as opened:
        yield opened


@contextmanager
def told(engine: Engine, system: str) -> Iterator[None]:
    """What the driver raises as a RemoteError: its first line, without the password."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        said = (str(cause).strip().splitlines() or [type(error).__name__])[0][:300]
        password = engine.url.password
        if password:
            said = said.replace(str(password), "(secret)")
        passing = isinstance(error, OperationalError | InterfaceError) and not re.search(
            "no such|password|authentication|does not exist|readonly|read-only", said
        )
        raise RemoteError(f"{system} did not answer: {said}.", permanent=not passing) from None


def rows(database: Database, query: str, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a query, read as they come."""
    streamed = database.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE)
    known = {name: value for name, value in given.items() if f":{name}" in query}
    for row in streamed.execute(text(query), known).mappings():
        yield dict(row)
