"""Refused events: listed with the reason, and sent again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.ingest.gate.rules import recording_rules
from leadwise.ingest.resending import send_again
from leadwise.store.refusals import Refused, list_refused
from leadwise.web.api.parts import Parts, WriteEvents
from leadwise.web.api.shapes import (
    Cursor,
    Id,
    Limit,
    Line,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["refused"])
LONGEST_BODY = 32_768


class RefusedShape(Shape):
    """`place` counts from 0 in what was sent; `body` is the event as JSON text, `protocol` how it
    is read when it is sent again."""

    id: int
    received: Time
    source: str
    place: int
    code: str
    reason: str
    body: str
    protocol: str
    sent_again: Time | None


class Again(Shape):
    """`body` in place of what was sent, where that has to be put right."""

    body: Annotated[str, Field(max_length=LONGEST_BODY)] | None = None


class SentAgain(Shape):
    """`recorded` is 0 where the event was there already."""

    recorded: int
    duplicates: int


@router.get("/refused", summary="Refused events")
def get_refusals(
    api: Parts,
    who: WriteEvents,
    code: Annotated[Line | None, Query(max_length=60)] = None,
    source: Annotated[Line | None, Query(max_length=200)] = None,
    waiting: Annotated[bool, Query(description="Only those that were not sent again.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RefusedShape]:
    """The latest first."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_refused(
            connection, code=code, source=source, waiting=waiting,
            before_id=before[0] if before else None, limit=limit,
        )  # fmt: skip
    api.note_read(who, "list", "refused", None, f"{len(rows)} events")
    last = (rows[-1].id,) if rows else None
    return Page[RefusedShape](**page([_shape(row) for row in rows], limit, last))


@router.post("/refused/{refused_id}/resend", summary="Send a refused event again")
def resend(api: Parts, who: WriteEvents, refused_id: Id, again: Again) -> SentAgain:
    """As it was, or with a body that was put right. One that is refused again stays in the list."""
    now_us = api.clock()
    rules = recording_rules(api.settings)

    def work(connection: Connection) -> SentAgain:
        found = send_again(connection, refused_id, again.body, rules, by=who.actor, now_us=now_us)
        return SentAgain(recorded=found.events, duplicates=found.duplicates)

    return api.write(work)


def _shape(row: Refused) -> RefusedShape:
    return RefusedShape(
        id=row.id, received=row.received_us, source=row.source, place=row.place, code=row.code,
        reason=row.reason, body=row.body, protocol=row.protocol, sent_again=row.sent_again_us,
    )  # fmt: skip
