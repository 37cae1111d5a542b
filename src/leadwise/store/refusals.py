"""Events that were refused, with the reason: kept, listed, sent again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from leadwise.errors import UserError
from leadwise.store.schema import refused


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of `refused`; `place` counts from 0 in what was sent, `body` is JSON text."""

    id: int
    received_us: int
    source: str
    place: int
    code: str
    reason: str
    body: str
    protocol: str
    sent_again_us: int | None


def list_refused(
    connection: Connection,
    *,
    code: str | None = None,
    source: str | None = None,
    waiting: bool = False,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Refused]:
    """Refused events, the newest first; `waiting`: only those that were not sent again."""
    rows = select(refused).order_by(refused.c.id.desc()).limit(limit)
    if code is not None:
        rows = rows.where(refused.c.code == code)
    if source is not None:
        rows = rows.where(refused.c.source == source)
    if waiting:
        rows = rows.where(refused.c.sent_again_us.is_(None))
    if before_id is not None:
        rows = rows.where(refused.c.id < before_id)
    return [Refused(*row) for row in connection.execute(rows)]


def get_refused(connection: Connection, refused_id: int) -> Refused:
    """The refused event of this id. UserError (`no-such-refused`) where there is none."""
    row = connection.execute(select(refused).where(refused.c.id == refused_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-refused",
            f"There is no refused event {refused_id}.",
            hint="GET /api/refused lists them; they are kept as long as retention.refused_days.",
        )
    return Refused(*row)


def mark_sent_again(connection: Connection, refused_id: int, now_us: int) -> None:
    """Remember that it was sent again just now."""
    connection.execute(
        update(refused).where(refused.c.id == refused_id).values(sent_again_us=now_us)
    )
