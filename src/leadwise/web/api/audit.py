"""The audit trail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from leadwise.store.audit import list_audit
from leadwise.web.api.parts import Parts, Privacy
from leadwise.web.api.shapes import (
    Cursor,
    Limit,
    Line,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["audit"])


class EntryShape(Shape):
    id: int
    at: Time
    actor: str
    action: str
    subject: str
    subject_id: str | None
    detail: str | None


@router.get("/audit", summary="Who did what, and who read what")
def get_audit(
    api: Parts,
    _who: Privacy,
    subject: Annotated[Line | None, Query(max_length=40)] = None,
    subject_id: Annotated[Line | None, Query(max_length=40)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EntryShape]:
    """The latest first; of one subject where it is named."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_audit(
            connection, subject=subject, subject_id=subject_id,
            before_id=before[0] if before else None, limit=limit,
        )  # fmt: skip
    items = [
        EntryShape(
            id=row.id, at=row.at_us, actor=row.actor, action=row.action, subject=row.subject,
            subject_id=row.subject_id, detail=row.detail,
        )
        for row in rows
    ]  # fmt: skip
    return Page[EntryShape](**page(items, limit, (rows[-1].id,) if rows else None))
