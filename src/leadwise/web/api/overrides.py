"""Overrides: what a person says over a computed score, with a reason and an end."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection

from leadwise.live.overrides import add_override, end_override
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.leads import get_head
from leadwise.store.said import Overridden, overrides_of_lead
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    Amount,
    Id,
    Moment,
    Points,
    Reason,
    Shape,
    ShortText,
    Time,
)

router = APIRouter(tags=["overrides"])


class NewOverride(Shape):
    """Either a band or points; without `until` it holds until somebody ends it."""

    band: ShortText | None = None
    points: Points | None = None
    reason: Reason
    until: Moment | None = None


class OverrideShape(Shape):
    id: int
    lead_id: int
    band: str | None
    points: Amount | None
    reason: str
    from_: Time = Field(alias="from", serialization_alias="from")
    until: Time | None
    actor: str
    ended: Time | None
    ended_by: str | None
    in_force: bool


class Overrides(Shape):
    items: list[OverrideShape]


@router.get("/leads/{lead_id}/overrides", summary="A lead's overrides")
def get_overrides(api: Parts, _who: ReadLeads, lead_id: Id) -> Overrides:
    """All of them, those that have ended too, in the order in which they were said."""
    now_us = api.clock()
    with api.store.read() as connection:
        get_head(connection, lead_id)
        found = overrides_of_lead(connection, lead_id)
    return Overrides(items=[override_shape(one, now_us) for one in found])


@router.post("/leads/{lead_id}/overrides", status_code=201, summary="Override a score")
def create_override(api: Parts, who: WriteLeads, lead_id: Id, new: NewOverride) -> OverrideShape:
    """Set the band or add points; the lead is scored again within moments."""
    now_us = api.clock()

    def work(connection: Connection) -> Overridden:
        get_head(connection, lead_id)
        version = live_version(connection)
        made = add_override(
            connection, version.card if version else None, lead_id, band=new.band,
            points=new.points, reason=new.reason, until_us=new.until, actor=who.actor,
            now_us=now_us,
        )  # fmt: skip
        audit(connection, who.actor, "override", "lead", lead_id, f"override {made.id}", now_us)
        return next(o for o in overrides_of_lead(connection, lead_id) if o.id == made.id)

    return override_shape(api.write(work), now_us)


@router.post("/overrides/{override_id}/end", summary="End an override")
def finish_override(api: Parts, who: WriteLeads, override_id: Id) -> OverrideShape:
    """Let the computed score stand again from now on."""
    now_us = api.clock()

    def work(connection: Connection) -> Overridden:
        ended = end_override(connection, override_id, who.actor, now_us)
        audit(
            connection, who.actor, "end override", "lead", ended.lead_id, f"override {ended.id}",
            now_us,
        )  # fmt: skip
        return next(o for o in overrides_of_lead(connection, ended.lead_id) if o.id == ended.id)

    return override_shape(api.write(work), now_us)


def override_shape(one: Overridden, now_us: int) -> OverrideShape:
    """An override as it is answered."""
    return OverrideShape(
        id=one.id, lead_id=one.lead_id, band=one.band, points=one.points, reason=one.reason,
        **{"from": one.from_us}, until=one.until_us, actor=one.actor, ended=one.ended_us,
        ended_by=one.ended_by, in_force=one.in_force(now_us),
    )  # fmt: skip
