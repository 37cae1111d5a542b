"""Times that a step has chosen for a meeting: kept until the calendar itself shows them.

A calendar shows a meeting only once it is booked, and two runs may look at the same moment: so each
says first which time it takes, in one transaction. It is a `remote_record` with the noun `slot`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection as Database
from sqlalchemy import delete, insert, select, text

from leadwise.store.schema import remote_record

Span: TypeAlias = tuple[int, int]
NOUN = "slot"
LOCK = 7009
"""With a connection's id, PostgreSQL's advisory lock of whoever chooses a time of its calendar."""
HOLDS_US = 15 * 60 * 1_000_000
"""After this, what was chosen is booked or was given up."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that was chosen, and when."""

    from_us: int
    until_us: int
    at_us: int


def held_slot(database: Database, connection_id: int, key: str) -> Slot | None:
    """The time that this step has chosen."""
    row = database.execute(
        select(remote_record.c.remote_id, remote_record.c.at_us).where(
            remote_record.c.connection_id == connection_id, remote_record.c.key == _key(key)
        )
    ).one_or_none()
    return None if row is None else _slot(row.remote_id, row.at_us)


def choose_slot(
    database: Database, connection_id: int, key: str,
    choose: Callable[[list[Span]], Span | None], now_us: int,
) -> Slot | None:  # fmt: skip
    """Hold the time that is chosen, in place of one held before; None where none was.

    `choose` is given what other steps hold and the calendar may not show yet. Of several processes
    each waits for the others' transactions.
    """
    if database.dialect.name == "postgresql":
        asked = {"lock": LOCK, "id": connection_id % 2**31}
        database.execute(
            text("SELECT pg_advisory_xact_lock(CAST(:lock AS int), CAST(:id AS int))"), asked
        )
    rows = database.scalars(
        select(remote_record.c.remote_id).where(
            remote_record.c.connection_id == connection_id, remote_record.c.noun == NOUN,
            remote_record.c.key != _key(key), remote_record.c.at_us > now_us - HOLDS_US,
        )
    )  # fmt: skip
    others = [_slot(said, 0) for said in rows]
    chosen = choose([(one.from_us, one.until_us) for one in others])
    if chosen is None:
        return None
    own = (remote_record.c.connection_id == connection_id) & (remote_record.c.key == _key(key))
    database.execute(delete(remote_record).where(own))
    database.execute(
        insert(remote_record).values(
            connection_id=connection_id, key=_key(key), noun=NOUN,
            remote_id=f"{chosen[0]}-{chosen[1]}", at_us=now_us,
        )
    )  # fmt: skip
    return Slot(*chosen, now_us)


def _key(key: str) -> str:
    return f"{key}:slot"


def _slot(said: str, at_us: int) -> Slot:
    from_us, _, until_us = said.partition("-")
    return Slot(int(from_us), int(until_us), at_us)
