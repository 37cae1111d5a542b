"""Outcomes: what became of leads."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from leadwise.store.audit import audit
from leadwise.store.leads import get_head
from leadwise.store.outcomes import Outcome, OutcomeKind, add_outcome, list_outcomes
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Amount,
    Cursor,
    Id,
    Limit,
    Moment,
    Money,
    Page,
    Shape,
    ShortText,
    Text,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["outcomes"])


class NewOutcome(Shape):
    """`id` is yours: an outcome that is sent twice under one id is recorded once."""

    kind: OutcomeKind
    at: Moment | None = None
    value: Money | None = Field(default=None, description="Money, with two decimals at most.")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    reason: Annotated[Text, Field(max_length=2_000)] | None = None
    id: ShortText | None = None


class OutcomeShape(Shape):
    id: int
    lead_id: int
    kind: str
    at: Time
    received: Time
    value: Amount | None
    currency: str | None
    reason: str | None
    source: str
    message_id: str
    actor: str | None


@router.get("/outcomes", summary="Outcomes")
def get_outcomes(
    api: Parts,
    _who: ReadLeads,
    lead: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    kind: OutcomeKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[OutcomeShape]:
    """In the order in which they were recorded, so that one can follow them."""
    after = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_outcomes(
            connection, lead_id=lead, kind=kind, after_id=after[0] if after else 0, limit=limit
        )
    last = (rows[-1].id,) if rows else None
    return Page[OutcomeShape](**page([_shape(row) for row in rows], limit, last))


@router.post(
    "/leads/{lead_id}/outcomes",
    status_code=201,
    summary="Record an outcome",
    responses={200: {"model": OutcomeShape, "description": "It was recorded before."}},
)
def create_outcome(
    api: Parts, who: WriteLeads, lead_id: Id, new: NewOutcome, response: Response
) -> OutcomeShape:
    """What became of the lead, now or at `at`."""
    now_us = api.clock()

    def work(connection: Connection) -> tuple[Outcome, bool]:
        get_head(connection, lead_id)
        found = add_outcome(
            connection, lead_id, new.kind, at_us=now_us if new.at is None else new.at,
            now_us=now_us, source="api", message_id=new.id or uuid.uuid4().hex, actor=who.actor,
            value=new.value, currency=new.currency, reason=new.reason,
        )  # fmt: skip
        audit(connection, who.actor, "outcome", "lead", lead_id, new.kind, now_us)
        return found

    found, fresh = api.write(work)
    response.status_code = 201 if fresh else 200
    return _shape(found)


def _shape(one: Outcome) -> OutcomeShape:
    return OutcomeShape(
        id=one.id, lead_id=one.lead_id, kind=one.kind, at=one.at_us, received=one.received_us,
        value=one.value, currency=one.currency, reason=one.reason, source=one.source,
        message_id=one.message_id, actor=one.actor,
    )  # fmt: skip
