"""What a database's errors mean to us: to be tried again, and how they are said."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from leadwise.errors import RemoteError

# PostgreSQL: serialization failure, deadlock, lock not available, and a server that restarts.
_PASSING = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03")
_SQLITE_PASSING = ("database is locked", "database table is locked")


def passing(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed if it is simply tried again."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig).lower()
    return state in _PASSING or any(words in text for words in _SQLITE_PASSING)


def said(error: DBAPIError) -> RemoteError:
    """The database's own first line, without the statement and its values (they are personal)."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return RemoteError(f"The database did not do as asked: {lines[0]}", permanent=False)
