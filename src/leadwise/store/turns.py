"""Whose turn it is among those who share leads: whoever was given one longest ago.

So among members who are all there nobody has two more than another; and who comes back after weeks
gets the next one, and not all that they missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import turn

TURNS_LOCK = 7013
"""PostgreSQL's advisory lock of a pool's turns, together with the pool's hash."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A row of `turn`: how many were given to the member in this pool, and when last."""

    pool: str
    member_id: int
    given: int
    last_us: int | None


def take_turn(
    connection: Connection, pool: str, member_ids: Sequence[int], now_us: int
) -> int | None:
    """The member of these whose turn it is, noted as given; None where there are none.

    Who never had one comes first, in the order of `member_ids`.
    """
    if not member_ids:
        return None
    hold_pool(connection, pool)
    last = {one.member_id: one.last_us or 0 for one in turns_of(connection, pool)}
    chosen = min(member_ids, key=lambda one: last.get(one, 0))
    # Later than all others, even where many are given within one instant of the clock.
    note_turn(connection, pool, chosen, max(now_us, max(last.values(), default=0) + 1))
    return chosen


def note_turn(connection: Connection, pool: str, member_id: int, at_us: int) -> None:
    """The member was given one, by whatever way."""
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = into(turn).values(pool=pool, member_id=member_id, given=1, last_us=at_us)
    again = {"given": turn.c.given + 1, "last_us": at_us}
    connection.execute(
        new.on_conflict_do_update(index_elements=[turn.c.pool, turn.c.member_id], set_=again)
    )


def turns_of(connection: Connection, pool: str) -> list[Turn]:
    """The turns of a pool, by member."""
    rows = select(turn).where(turn.c.pool == pool).order_by(turn.c.member_id)
    return [Turn(**row._mapping) for row in connection.execute(rows)]


def hold_pool(connection: Connection, pool: str) -> None:
    """Two processes must not give the same turn; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(f"SELECT pg_advisory_xact_lock({TURNS_LOCK}, hashtext(:pool))"), {"pool": pool}
        )
