"""The audit trail: who did what, and who read or exported what is known of a person.

A row says ids and counts, never contents: it outlives the erasure of the person it is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from leadwise.store.schema import audit as table

LONGEST_DETAIL = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the trail. `actor` is `key:<name>` for who came over HTTP."""

    id: int
    at_us: int
    actor: str
    action: str
    subject: str
    subject_id: str | None
    detail: str | None


def audit(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    subject_id: str | int | None,
    detail: str | None,
    now_us: int,
) -> None:
    """Write down that `actor` did `action` (`read`, `export`, `create` ...) to a subject."""
    connection.execute(
        insert(table).values(
            at_us=now_us,
            actor=actor,
            action=action,
            subject=subject,
            subject_id=None if subject_id is None else str(subject_id),
            detail=None if detail is None else detail[:LONGEST_DETAIL],
        )
    )


def list_audit(
    connection: Connection,
    *,
    subject: str | None = None,
    subject_id: str | None = None,
    actor: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The trail, the newest entry first, from before the entry `before_id` on."""
    rows = select(table).order_by(table.c.id.desc()).limit(limit)
    if subject is not None:
        rows = rows.where(table.c.subject == subject)
    if subject_id is not None:
        rows = rows.where(table.c.subject_id == subject_id)
    if actor is not None:
        rows = rows.where(table.c.actor == actor)
    if before_id is not None:
        rows = rows.where(table.c.id < before_id)
    return [Entry(*row) for row in connection.execute(rows)]
