"""Leads that something fitted and that no playbook was started for, as far as it is remembered.

`playbooks.triggers.left_out` says what is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from leadwise.store.schema import playbook_cursor, playbook_left_out

SOURCE = "left out"
"""What the counters begin with, among the cursors of playbooks."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A lead that was not started, when, by what kind of start, and why."""

    playbook: str
    why: str
    lead_id: int
    by: str
    at_us: int


def left_out(
    connection: Connection, *, playbook: str | None = None, lead_ids: Iterable[int] | None = None,
    limit: int = 50,
) -> list[LeftOut]:  # fmt: skip
    """What is remembered, the latest first."""
    table = playbook_left_out
    columns = (table.c.playbook, table.c.why, table.c.lead_id, table.c.kind, table.c.at_us)
    rows = select(*columns).order_by(table.c.at_us.desc(), table.c.why, table.c.slot).limit(limit)
    if playbook is not None:
        rows = rows.where(table.c.playbook == playbook)
    if lead_ids is not None:
        rows = rows.where(table.c.lead_id.in_(list(lead_ids)))
    return [LeftOut(*row) for row in connection.execute(rows)]


def counted(connection: Connection, playbook: str) -> dict[str, int]:
    """How many were left out in all, by the reason, without those a schedule passed by."""
    begins = f"{SOURCE}:{playbook}:"
    own = func.substr(playbook_cursor.c.source, 1, len(begins)) == begins
    rows = connection.execute(select(playbook_cursor).where(own))
    found = {row.source.removeprefix(begins): row.after_id for row in rows}
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def forget_left_out(connection: Connection, before_us: int, limit: int) -> int:
    """Forget what was kept before; at most so many. How many."""
    table = playbook_left_out
    key = (table.c.playbook, table.c.why, table.c.slot)
    old = select(*key).where(table.c.at_us < before_us).order_by(table.c.at_us).limit(limit)
    found = connection.execute(old).all()
    for row in found:
        same = [column == value for column, value in zip(key, row, strict=True)]
        connection.execute(delete(table).where(*same))
    return len(found)
