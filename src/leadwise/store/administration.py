"""How much waits in a record: what an administrator looks at first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from leadwise.store.schema import member, refused, touched

COUNTED = 1_000
"""More of a kind is not counted: whoever has so many needs no exact number."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers, at most COUNTED + 1: touched leads without their new score, refused events that
    nobody has sent again, members who may sign in."""

    to_score: int
    refused: int
    members: int


def waiting(connection: Connection) -> Waiting:
    """What waits now."""
    return Waiting(
        _counted(connection, select(touched.c.id)),
        _counted(connection, select(refused.c.id).where(refused.c.sent_again_us.is_(None))),
        _counted(connection, select(member.c.id).where(member.c.disabled_us.is_(None))),
    )


def _counted(connection: Connection, rows: Select[tuple[int]]) -> int:
    some = rows.limit(COUNTED + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())
