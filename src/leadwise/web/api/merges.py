"""Merging two leads that are one person, and undoing it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection

from leadwise.ingest.merging import Merge, merge_leads, merges_of, undo_merge
from leadwise.store.audit import audit
from leadwise.store.leads import get_head
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import LARGEST_ID, Id, Shape, Time

router = APIRouter(tags=["merges"])


class NewMerge(Shape):
    """`other_id` becomes part of the lead."""

    other_id: int = Field(ge=1, le=LARGEST_ID)


class MergeShape(Shape):
    id: int
    kept_id: int
    other_id: int
    cause: str
    actor: str
    at: Time
    undone: Time | None


class Merges(Shape):
    items: list[MergeShape]


@router.get("/leads/{lead_id}/merges", summary="The merges of a lead")
def get_merges(api: Parts, _who: ReadLeads, lead_id: Id) -> Merges:
    """What was merged into it, the latest first."""
    with api.store.read() as connection:
        get_head(connection, lead_id)
        return Merges(items=[_shape(one) for one in merges_of(connection, lead_id)])


@router.post("/leads/{lead_id}/merges", status_code=201, summary="Merge another lead into this one")
def create_merge(api: Parts, who: WriteLeads, lead_id: Id, new: NewMerge) -> MergeShape:
    """A union of their histories; the lead is scored again."""
    now_us = api.clock()

    def work(connection: Connection) -> Merge:
        made = merge_leads(connection, lead_id, new.other_id, "person", who.actor, now_us)
        audit(connection, who.actor, "merge", "lead", lead_id, f"lead {new.other_id}", now_us)
        return made

    return _shape(api.write(work))


@router.post("/merges/{merge_id}/undo", summary="Take a merge apart")
def undo(api: Parts, who: WriteLeads, merge_id: Id) -> MergeShape:
    """Each of the two has its own history again."""
    now_us = api.clock()

    def work(connection: Connection) -> Merge:
        undone = undo_merge(connection, merge_id, who.actor, now_us)
        audit(
            connection, who.actor, "undo merge", "lead", undone.kept_id, f"lead {undone.other_id}",
            now_us,
        )  # fmt: skip
        return undone

    return _shape(api.write(work))


def _shape(one: Merge) -> MergeShape:
    return MergeShape(
        id=one.id, kept_id=one.kept_id, other_id=one.other_id, cause=one.cause, actor=one.actor,
        at=one.at_us, undone=one.undone_us,
    )  # fmt: skip
