"""When members are not there: nothing new is given to them meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from leadwise.errors import UserError
from leadwise.store.members import get_member
from leadwise.store.schema import absence


@dataclass(frozen=True, slots=True)
class Absence:
    """A row of `absence`: away from `from_us` on, back at `until_us`."""

    id: int
    member_id: int
    from_us: int
    until_us: int
    reason: str


def add_absence(
    connection: Connection, member_id: int, from_us: int, until_us: int, reason: str = ""
) -> Absence:
    """Say that a member is away. UserError (`member-unknown`; `absence-backwards` where it ends
    before it begins)."""
    get_member(connection, member_id)
    if until_us <= from_us:
        raise UserError(
            "absence-backwards", "An absence ends after it begins.",
            hint="`until` is the instant at which the member is back.",
        )  # fmt: skip
    values = {"member_id": member_id, "from_us": from_us, "until_us": until_us, "reason": reason}
    row = connection.execute(insert(absence).values(values).returning(absence)).one()
    return Absence(**row._mapping)


def list_absences(
    connection: Connection, *, member_id: int | None = None, ends_after_us: int = 0
) -> list[Absence]:
    """Absences that are not over at that instant, by when they begin."""
    rows = select(absence).where(absence.c.until_us > ends_after_us)
    if member_id is not None:
        rows = rows.where(absence.c.member_id == member_id)
    ordered = rows.order_by(absence.c.from_us, absence.c.id)
    return [Absence(**row._mapping) for row in connection.execute(ordered)]


def remove_absence(connection: Connection, absence_id: int) -> Absence:
    """The member is there after all. UserError (`absence-unknown`)."""
    gone = delete(absence).where(absence.c.id == absence_id).returning(absence)
    row = connection.execute(gone).one_or_none()
    if row is None:
        raise UserError("absence-unknown", f"There is no absence {absence_id}.")
    return Absence(**row._mapping)


def absent_members(connection: Connection, at_us: int) -> set[int]:
    """Who is away at that instant."""
    away = (absence.c.from_us <= at_us) & (absence.c.until_us > at_us)
    return set(connection.scalars(select(absence.c.member_id).where(away)))
