"""What a person may ask for: a copy, erasure, not to be scored."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from leadwise.store.export import export_person
from leadwise.store.privacy import object_to_scoring, withdraw_objection
from leadwise.web.api.parts import Parts, Privacy
from leadwise.web.api.shapes import Id, Shape
from leadwise.web.erasing import erase_everywhere

router = APIRouter(tags=["privacy"])


class ErasedShape(Shape):
    """How much was erased; `lead_ids` are the leads that the person was."""

    lead_ids: list[int]
    events: int
    refused: int


class Objection(Shape):
    lead_id: int
    objects: bool = Field(description="Whether the person objects to being scored.")


@router.post(
    "/leads/{lead_id}/export",
    summary="Export a person",
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def export(api: Parts, who: Privacy, lead_id: Id) -> dict[str, Any]:
    """Everything that is kept of the person, as one document. Noted in the audit trail."""
    now_us = api.clock()
    return api.write(lambda connection: export_person(connection, lead_id, now_us, who.actor))


@router.post("/leads/{lead_id}/object", summary="Record an objection to scoring")
def object_(api: Parts, who: Privacy, lead_id: Id) -> Objection:
    """The person is scored no more, and no score of the past is kept."""
    now_us = api.clock()
    lead = api.write(lambda connection: object_to_scoring(connection, lead_id, now_us, who.actor))
    return Objection(lead_id=lead, objects=True)


@router.post("/leads/{lead_id}/withdraw-objection", summary="Take an objection back")
def withdraw(api: Parts, who: Privacy, lead_id: Id) -> Objection:
    """The person may be scored again, and is soon."""
    now_us = api.clock()
    lead = api.write(lambda connection: withdraw_objection(connection, lead_id, now_us, who.actor))
    return Objection(lead_id=lead, objects=False)


@router.post("/leads/{lead_id}/erase", summary="Erase a person")
def erase(api: Parts, who: Privacy, lead_id: Id) -> ErasedShape:
    """For ever: events, facts, scores, history, at once; the columnar mirror follows within
    moments. The audit trail keeps that it was done."""
    found = erase_everywhere(api, lead_id, who.actor)
    return ErasedShape(lead_ids=list(found.lead_ids), events=found.events, refused=found.refused)
