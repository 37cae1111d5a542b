"""Whose lead it is to call: taken, given to somebody, given back."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from leadwise.errors import UserError
from leadwise.store.identities import lock_leads
from leadwise.store.members import get_member
from leadwise.store.schema import lead_owner


def owner_of(connection: Connection, lead_id: int) -> int | None:
    """The member whose lead it is."""
    own = select(lead_owner.c.member_id).where(lead_owner.c.lead_id == lead_id)
    found: int | None = connection.execute(own).scalar()
    return found


def owning_members(connection: Connection) -> set[int]:
    """The members that any lead belongs to."""
    return set(connection.scalars(select(lead_owner.c.member_id).distinct()))


def give_lead(
    connection: Connection,
    lead_id: int,
    member_id: int | None,
    *,
    was: int | None,
    actor: str,
    now_us: int,
) -> bool:
    """Make it the lead of a member, or of nobody. Whether that changes anything.

    `was` is the owner that `actor` saw. UserError (`already-taken`) where it is another's by now,
    `member-disabled` for somebody who works here no more.
    """
    if member_id is not None:
        member = get_member(connection, member_id)
        if member.disabled_us is not None:
            raise UserError(
                "member-disabled", f"{member.name} cannot sign in any more.",
                hint="Give the lead to somebody else.",
            )  # fmt: skip
    lock_leads(connection, (lead_id,))
    now = owner_of(connection, lead_id)
    if now == member_id:
        return False
    if now != was:
        by = "nobody's" if now is None else f"{get_member(connection, now).name}'s"
        raise UserError(
            "already-taken", f"The lead is {by} by now.", hint="Look again, then decide."
        )
    own = lead_owner.c.lead_id == lead_id
    values = {"member_id": member_id, "since_us": now_us, "actor": actor}
    if member_id is None:
        connection.execute(delete(lead_owner).where(own))
    elif now is None:
        connection.execute(insert(lead_owner).values(lead_id=lead_id, **values))
    else:
        connection.execute(update(lead_owner).where(own).values(**values))
    return True
