"""A number that rises when identities are removed: then no process uses ids that it recalls."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.store.driver import ask

_KEY = "generation"


def generation(connection: Connection) -> int:
    """The number as it stands."""
    found = ask(connection, "SELECT value FROM meta WHERE key = :key", key=_KEY)
    return int(found[0][0]) if found else 0


def next_generation(connection: Connection) -> None:
    """Have every process forget the ids that it recalls."""
    sign = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(
        f"INSERT INTO meta (key, value) VALUES ({sign}, '1') ON CONFLICT (key) "  # noqa: S608 - our own SQL
        "DO UPDATE SET value = CAST(CAST(meta.value AS bigint) + 1 AS text)",
        (_KEY,),
    )
