"""What people did with leads, as the trail has it: for lists that are open elsewhere, timelines."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from leadwise.store.schema import audit

SHOWN = ("outcome", "undo outcome", "owner", "merge", "undo merge", "object", "erase")
"""After these the row of a lead in a list says something else, though its score may be the same."""


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the trail; `lead_ids`: the lead that it is about and, of a merge, the other."""

    id: int
    lead_ids: tuple[int, ...]
    action: str


def acts_after(connection: Connection, after_id: int, up_to_id: int) -> list[Act]:
    """What was done with leads, in the order of the trail; ids above `after_id`, to `up_to_id`."""
    rows = select(audit.c.id, audit.c.subject_id, audit.c.action, audit.c.detail).where(
        audit.c.id > after_id, audit.c.id <= up_to_id, audit.c.subject == "lead",
        audit.c.action.in_(SHOWN), audit.c.subject_id.is_not(None),
    )  # fmt: skip
    found = connection.execute(rows.order_by(audit.c.id))
    return [Act(id_, (int(own), *_other(detail)), action) for id_, own, action, detail in found]


def _other(detail: str | None) -> tuple[int, ...]:
    """The lead that is named as `lead 7`."""
    number = (detail or "").removeprefix("lead ")
    return (int(number),) if number != detail and number.isdecimal() else ()
