"""Leads that a member does not want to see for a while: they come back by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from leadwise.errors import UserError
from leadwise.store.schema import lead, snooze


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A lead and until when it is out of a member's queue."""

    lead_id: int
    until_us: int


def snooze_lead(
    connection: Connection, lead_id: int, member_id: int, until_us: int, now_us: int
) -> None:
    """Take a lead out of a member's queue until then. UserError (`snooze-past`)."""
    if until_us <= now_us:
        raise UserError("snooze-past", "This time has passed.", hint="Choose one that lies ahead.")
    wake_lead(connection, lead_id, member_id)
    # Those that are over are of no use to anybody.
    connection.execute(
        delete(snooze).where(snooze.c.member_id == member_id, snooze.c.until_us <= now_us)
    )
    values = {"lead_id": lead_id, "member_id": member_id, "until_us": until_us}
    connection.execute(insert(snooze).values(values))


def wake_lead(connection: Connection, lead_id: int, member_id: int) -> bool:
    """Have it back at once; whether it was snoozed."""
    own = (snooze.c.lead_id == lead_id) & (snooze.c.member_id == member_id)
    return connection.execute(delete(snooze).where(own)).rowcount > 0


def list_snoozed(
    connection: Connection, member_id: int, now_us: int, limit: int = 200
) -> list[Snoozed]:
    """What a member has snoozed, the next to come back first."""
    rows = (
        select(snooze.c.lead_id, snooze.c.until_us)
        .join(lead, lead.c.id == snooze.c.lead_id)
        .where(
            snooze.c.member_id == member_id, snooze.c.until_us > now_us,
            lead.c.merged_into.is_(None), lead.c.erased_us.is_(None),
        )
        .order_by(snooze.c.until_us, snooze.c.lead_id)
        .limit(limit)
    )  # fmt: skip
    return [Snoozed(*row) for row in connection.execute(rows)]


def count_snoozed(connection: Connection, member_id: int, now_us: int) -> int:
    """How many leads a member has snoozed."""
    own = (snooze.c.member_id == member_id) & (snooze.c.until_us > now_us)
    rows = select(func.count()).select_from(snooze).where(own)
    found: int = connection.execute(rows).scalar_one()
    return found
