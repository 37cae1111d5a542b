"""Connections to other systems: rows, how far each was followed, what was exchanged.

What the systems have of leads is `store/pushed.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection as Database
from sqlalchemy import delete, insert, select, text, update

from leadwise.errors import UserError
from leadwise.store.schema import connection, connection_cursor, exchange, pushed, remote_record

Direction: TypeAlias = Literal["in", "out"]
Outcome: TypeAlias = Literal["done", "refused", "failed"]
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
PUSHING_LOCK = 7007
"""With a connection's id, PostgreSQL's advisory lock of the one process that pushes through it."""
LONGEST_DETAIL = 1_000
_OWN = (connection_cursor, pushed, remote_record, exchange)


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A row of `connection`. `secrets` are as the team gave them: values, or `env:NAME`."""

    id: int
    name: str
    kind: str
    options: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    mapping: Mapping[str, str]
    pulls: bool
    pushes: bool
    created_us: int
    created_by: str
    paused_us: int | None = None
    trouble: str | None = None
    trouble_us: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A row of the log: what was asked of a system, or what it asked of us."""

    id: int
    connection_id: int
    at_us: int
    direction: str
    what: str
    state: str
    records: int
    detail: str | None


def add_connection(
    database: Database, name: str, kind: str, *, options: Mapping[str, str],
    secrets: Mapping[str, str], mapping: Mapping[str, str] | None = None, pulls: bool = True,
    pushes: bool = False, by: str, now_us: int,
) -> ConnectionRow:  # fmt: skip
    """A new one. UserError (`connection-name`, `already-a-connection`)."""
    if not NAME.fullmatch(name):
        raise UserError(
            "connection-name", f"{name!r} cannot be the name of a connection.",
            hint="Small letters, digits, - and _, a letter first, at most 40: crm, sales-calls.",
        )  # fmt: skip
    same = select(connection.c.id).where(connection.c.name == name)
    if database.execute(same).first() is not None:
        raise UserError(
            "already-a-connection", f"There is a connection {name} already.",
            hint="Give this one another name, or remove that one.",
        )  # fmt: skip
    values = {
        "name": name, "kind": kind, "options": dict(options), "secrets": dict(secrets),
        "mapping": dict(mapping or {}), "pulls": int(pulls), "pushes": int(pushes),
        "created_us": now_us, "created_by": by,
    }  # fmt: skip
    made = database.execute(insert(connection).values(values).returning(connection))
    return _row(made.one())


def get_connection(database: Database, name: str) -> ConnectionRow:
    """The connection of this name. UserError (`no-such-connection`)."""
    found = database.execute(select(connection).where(connection.c.name == name)).one_or_none()
    if found is None:
        raise no_such_connection(name)
    return _row(found)


def connection_of(database: Database, connection_id: int) -> ConnectionRow:
    """The connection of this id. UserError (`no-such-connection`)."""
    here = connection.c.id == connection_id
    found = database.execute(select(connection).where(here)).one_or_none()
    if found is None:
        raise no_such_connection(str(connection_id))
    return _row(found)


def list_connections(database: Database) -> list[ConnectionRow]:
    """All of them, by name."""
    return [_row(row) for row in database.execute(select(connection).order_by(connection.c.name))]


def change_connection(database: Database, connection_id: int, **values: Any) -> ConnectionRow:
    """Give columns of a row (`options`, `secrets`, `mapping`, `pulls`, `pushes`, `paused_us`) these
    values."""
    given = {name: int(v) if isinstance(v, bool) else v for name, v in values.items()}
    if given:
        here = update(connection).where(connection.c.id == connection_id)
        database.execute(here.values(given))
    return connection_of(database, connection_id)


def remove_connection(database: Database, connection_id: int) -> None:
    """Remove it with all that is kept of its exchanges; what was pulled stays."""
    for table in _OWN:
        database.execute(delete(table).where(table.c.connection_id == connection_id))
    database.execute(delete(connection).where(connection.c.id == connection_id))


def set_trouble(database: Database, connection_id: int, why: str | None, now_us: int) -> None:
    """Remember what went wrong last; None: it goes well."""
    had = connection.c.trouble.is_not(None) if why is None else connection.c.id == connection_id
    at_us = None if why is None else now_us
    said = None if why is None else why[:LONGEST_DETAIL]
    here = update(connection).where(connection.c.id == connection_id, had)
    database.execute(here.values(trouble=said, trouble_us=at_us))


def get_cursor(database: Database, connection_id: int, what: str) -> str | None:
    """How far a connection was followed."""
    found: str | None = database.execute(
        select(connection_cursor.c.cursor).where(
            connection_cursor.c.connection_id == connection_id, connection_cursor.c.what == what
        )
    ).scalar()
    return found


def set_cursor(
    database: Database, connection_id: int, what: str, cursor: str | None, now_us: int
) -> None:
    """Remember how far it was followed; None: from the start."""
    here = (connection_cursor.c.connection_id == connection_id) & (connection_cursor.c.what == what)
    if cursor is None:
        database.execute(delete(connection_cursor).where(here))
        return
    database.execute(
        text(
            "INSERT INTO connection_cursor (connection_id, what, cursor, at_us) "
            "VALUES (:id, :what, :cursor, :at) ON CONFLICT (connection_id, what) "
            "DO UPDATE SET cursor = excluded.cursor, at_us = excluded.at_us"
        ),
        {"id": connection_id, "what": what, "cursor": cursor, "at": now_us},
    )


def list_cursors(database: Database, connection_id: int) -> dict[str, tuple[str, int]]:
    """How far it was followed, and when that was written, by what it is."""
    own = select(connection_cursor).where(connection_cursor.c.connection_id == connection_id)
    return {row.what: (row.cursor, row.at_us) for row in database.execute(own)}


def note_exchange(
    database: Database, connection_id: int, direction: Direction, what: str, state: Outcome,
    records: int, now_us: int, detail: str | None = None,
) -> None:  # fmt: skip
    """Write into the log. `detail` tells reasons and counts, never what is known of people."""
    said = None if detail is None else detail[:LONGEST_DETAIL]
    values = {
        "connection_id": connection_id, "at_us": now_us, "direction": direction, "what": what,
        "state": state, "records": records, "detail": said,
    }  # fmt: skip
    database.execute(insert(exchange).values(values))


def list_exchanges(
    database: Database, connection_id: int, *, before_id: int | None = None, limit: int = 50
) -> list[Exchange]:
    """The log of a connection, the latest first."""
    rows = select(exchange).where(exchange.c.connection_id == connection_id)
    if before_id is not None:
        rows = rows.where(exchange.c.id < before_id)
    return [
        Exchange(*row) for row in database.execute(rows.order_by(exchange.c.id.desc()).limit(limit))
    ]


def forget_exchanges(database: Database, before_us: int, limit: int) -> int:
    """Delete what was exchanged before; at most so many rows. Returns how many."""
    return database.execute(
        text(
            "DELETE FROM exchange WHERE id IN "
            "(SELECT id FROM exchange WHERE at_us < :before ORDER BY id LIMIT :limit)"
        ),
        {"before": before_us, "limit": limit},
    ).rowcount


def made_before(database: Database, connection_id: int, key: str) -> str | None:
    """The id there of the record that was made by this key."""
    found: str | None = database.execute(
        select(remote_record.c.remote_id).where(
            remote_record.c.connection_id == connection_id, remote_record.c.key == key
        )
    ).scalar()
    return found


def keep_made(
    database: Database, connection_id: int, key: str, noun: str, remote_id: str, now_us: int
) -> None:
    """Remember the record that was made by this key; the first one stays."""
    database.execute(
        text(
            "INSERT INTO remote_record (connection_id, key, noun, remote_id, at_us) "
            "VALUES (:id, :key, :noun, :remote, :at) ON CONFLICT (connection_id, key) DO NOTHING"
        ),
        {"id": connection_id, "key": key, "noun": noun, "remote": remote_id, "at": now_us},
    )


def only_pusher(database: Database, connection_id: int) -> bool:
    """Whether nobody else pushes through it until this connection's transaction ends."""
    if database.dialect.name != "postgresql":
        return True
    asked = {"lock": PUSHING_LOCK, "id": connection_id % 2**31}
    sql = text("SELECT pg_try_advisory_xact_lock(CAST(:lock AS int), CAST(:id AS int))")
    return bool(database.execute(sql, asked).scalar_one())


def no_such_connection(name: str) -> UserError:
    """There is none of this name."""
    return UserError(
        "no-such-connection", f"There is no connection {name}.",
        hint="leadwise connect list shows them.",
    )  # fmt: skip


def _row(row: Any) -> ConnectionRow:
    return ConnectionRow(
        row.id, row.name, row.kind, row.options, row.secrets, row.mapping, bool(row.pulls),
        bool(row.pushes), row.created_us, row.created_by, row.paused_us, row.trouble,
        row.trouble_us,
    )  # fmt: skip
