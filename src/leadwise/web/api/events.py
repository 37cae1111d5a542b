"""Events of a lead, with the marks of those that are suspected to be no person's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.ingest.gate.clearing import clear, forget, standing
from leadwise.ingest.gate.rules import ClearRule
from leadwise.ingest.gate.rules import Reason as MarkReason
from leadwise.store.audit import audit
from leadwise.store.leads import get_head
from leadwise.store.said import Happening, Mark, events_of_lead, require_event
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    Cursor,
    Id,
    Limit,
    Line,
    Page,
    Reason,
    Shape,
    ShortText,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["events"])
Value = int | float | bool | str | None


class MarkShape(Shape):
    """The event weighs nothing until every mark of it is cleared."""

    id: int
    reason: str
    detail: str | None
    marked: Time
    cleared: Time | None
    cleared_by: str | None
    cleared_why: str | None


class EventShape(Shape):
    id: int
    type: str
    event: str
    name: str
    source: str
    message_id: str
    at: Time
    received: Time
    properties: dict[str, Value]
    context: dict[str, Value]
    marks: list[MarkShape]
    weighs: bool


class Clearing(Shape):
    why: Reason


class Cleared(Shape):
    """The leads that are scored again, 1,000 of them at most, and how many there are."""

    lead_ids: list[int]
    leads: int


class Rule(Shape):
    """Which marks are no reason for suspicion; what is given must all be so."""

    reason: MarkReason | None = None
    identity: ShortText | None = None
    mail: ShortText | None = None
    user_agent: ShortText | None = None


class ClearingRule(Shape):
    rule: Rule
    why: Reason


class Rules(Shape):
    items: list[Rule]


class Forgotten(Shape):
    stood: bool = Field(description="Whether there was such a rule.")


@router.get("/leads/{lead_id}/events", summary="A lead's events")
def get_events(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    event: Annotated[Line | None, Query(max_length=200, description="Of this plain name.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EventShape]:
    """The latest first. `event` is the name that cards use, `name` what was sent."""
    before = from_cursor(cursor, int, int)
    with api.store.read() as connection:
        get_head(connection, lead_id)
        rows = events_of_lead(
            connection, lead_id, event=event, limit=limit,
            before=None if before is None else (before[0], before[1]),
        )  # fmt: skip
    api.note_read(who, "read", "lead", lead_id, "events")
    last = (rows[-1].at_us, rows[-1].id) if rows else None
    return Page[EventShape](**page([_event(row) for row in rows], limit, last))


@router.post("/leads/{lead_id}/events/{event_id}/clear", summary="Clear an event's marks")
def clear_event(
    api: Parts, who: WriteLeads, lead_id: Id, event_id: Id, clearing: Clearing
) -> Cleared:
    """Let a suspected event weigh after all; past scores are right again as well."""
    now_us = api.clock()

    def work(connection: Connection) -> list[int]:
        require_event(connection, lead_id, event_id)
        leads = clear(connection, [event_id], who.actor, clearing.why, now_us)
        audit(connection, who.actor, "clear", "event", event_id, f"lead {lead_id}", now_us)
        return leads

    return _cleared(api.write(work))


@router.get("/clearing-rules", summary="Standing rules that clear marks")
def get_rules(api: Parts, _who: ReadLeads) -> Rules:
    """What these cover is not marked again."""
    with api.store.read() as connection:
        return Rules(items=[_rule(one) for one in standing(connection)])


@router.post("/clearing-rules", status_code=201, summary="Clear marks by a rule")
def add_rule(api: Parts, who: WriteLeads, new: ClearingRule) -> Cleared:
    """Clear every mark that the rule covers; from now on it stands."""
    now_us, rule = api.clock(), ClearRule(**new.rule.model_dump())

    def work(connection: Connection) -> list[int]:
        leads = clear(connection, rule, who.actor, new.why, now_us)
        audit(connection, who.actor, "clear", "rule", None, f"{len(leads)} leads", now_us)
        return leads

    return _cleared(api.write(work))


@router.post("/clearing-rules/forget", summary="Let a rule stand no longer")
def forget_rule(api: Parts, who: WriteLeads, rule: Rule) -> Forgotten:
    """What it cleared stays cleared."""
    now_us, meant = api.clock(), ClearRule(**rule.model_dump())

    def work(connection: Connection) -> bool:
        audit(connection, who.actor, "forget", "rule", None, None, now_us)
        return forget(connection, meant)

    return Forgotten(stood=api.write(work))


def _cleared(leads: list[int]) -> Cleared:
    return Cleared(lead_ids=leads[:1_000], leads=len(leads))


def _rule(one: ClearRule) -> Rule:
    return Rule(reason=one.reason, identity=one.identity, mail=one.mail, user_agent=one.user_agent)


def _event(row: Happening) -> EventShape:
    return EventShape(
        id=row.id, type=row.type, event=row.event, name=row.name or row.event, source=row.source,
        message_id=row.message_id, at=row.at_us, received=row.received_us,
        properties=row.properties, context=row.context, marks=[_mark(one) for one in row.marks],
        weighs=all(one.cleared_us is not None for one in row.marks),
    )  # fmt: skip


def _mark(one: Mark) -> MarkShape:
    return MarkShape(
        id=one.id, reason=one.reason, detail=one.detail, marked=one.marked_us,
        cleared=one.cleared_us, cleared_by=one.cleared_by, cleared_why=one.cleared_why,
    )  # fmt: skip
