"""How far what happened was looked at; kept in the record, moved on in the transaction that starts
the runs."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import playbook_cursor

TAKING_LOCK = 7013
"""PostgreSQL's advisory lock of the one process that takes what happened."""
FAR = 20_000
"""Ids between a cursor and the newest row above which it is looked what can be passed over."""
SLACK = 1_000
"""Ids before an instant that are looked at all the same: ids and instants do not rise quite alike.
"""


def only_taker(connection: Connection) -> bool:
    """Whether nobody else takes what happened until this transaction ends."""
    if connection.dialect.name != "postgresql":
        return True
    sql = text(f"SELECT pg_try_advisory_xact_lock({TAKING_LOCK})")
    return bool(connection.execute(sql).scalar_one())


def cursors(connection: Connection) -> dict[str, int]:
    """All of them, by what they are of."""
    rows = connection.execute(select(playbook_cursor.c.source, playbook_cursor.c.after_id))
    return {row[0]: row[1] for row in rows}


def cursor(connection: Connection, source: str) -> int | None:
    """How far a source was looked at; None where never."""
    own = select(playbook_cursor.c.after_id).where(playbook_cursor.c.source == source)
    found: int | None = connection.execute(own).scalar()
    return found


def move(connection: Connection, source: str, after_id: int) -> None:
    """Remember how far a source was looked at."""
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = into(playbook_cursor).values(source=source, after_id=after_id)
    key = [playbook_cursor.c.source]
    connection.execute(row.on_conflict_do_update(index_elements=key, set_={"after_id": after_id}))


def forget(connection: Connection, beginning: str, but: str) -> None:
    """Forget the sources that begin like that, but for one."""
    alike = func.substr(playbook_cursor.c.source, 1, len(beginning)) == beginning
    connection.execute(delete(playbook_cursor).where(alike, playbook_cursor.c.source != but))


def start_after(
    connection: Connection, table: Table, column: str, after_id: int | None, up_to_id: int,
    since_us: int,
) -> int:  # fmt: skip
    """The id after which to look: where a source was never looked at, or nobody wanted it for
    long, nothing before `since_us` needs to be. `column` is the instant at which rows came in."""
    had = 0 if after_id is None else after_id
    if up_to_id - had <= FAR:
        return had
    low, high = had, up_to_id
    while high - low > SLACK:
        middle = (low + high) // 2
        next_ = select(table.c[column]).where(table.c.id >= middle).order_by(table.c.id).limit(1)
        came_us = connection.execute(next_).scalar()
        if came_us is None or came_us >= since_us:
            high = middle
        else:
            low = middle
    return max(had, low - SLACK)
