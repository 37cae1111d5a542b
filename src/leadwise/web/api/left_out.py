"""Why playbooks did nothing for leads."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from leadwise.playbooks.triggers.why import why_not
from leadwise.store.left_out import counted, left_out
from leadwise.web.api.parts import Parts, ReadLeads
from leadwise.web.api.shapes import LARGEST_ID, Line, Shape, Time

router = APIRouter(tags=["playbooks"])
Name = Annotated[Line, Query(min_length=1, max_length=100)]
LeadId = Annotated[int, Query(ge=1, le=LARGEST_ID)]


class WhyFound(Shape):
    """One sentence. `against`: it speaks against a start; `at` is when it was."""

    what: Literal["playbook", "lead", "run", "waits", "start", "left out", "now"]
    text: str
    against: bool
    at: Time | None


class WhyShape(Shape):
    """`version` is the number of the one that is live."""

    playbook: str
    version: int
    lead_id: int
    found: list[WhyFound]


class LeftOutLead(Shape):
    """A lead that something fitted: `by` says what kind of start, `why` goes after "the lead"."""

    lead_id: int
    by: str
    why: str
    at: Time


class LeftOutShape(Shape):
    """`counts`: how many of each reason there were in all; of each the latest leads are kept."""

    counts: dict[str, int]
    leads: list[LeftOutLead] = Field(max_length=500)


@router.get("/playbooks/why", summary="Why a playbook did nothing for a lead")
def get_why(api: Parts, _who: ReadLeads, playbook: Name, lead_id: LeadId) -> WhyShape:
    """What became of each of its starts, why the lead was left out, and what speaks against a start
    at this instant."""
    with api.store.read() as connection:
        found = why_not(connection, api.settings, playbook, lead_id, api.clock())
    return WhyShape(
        playbook=found.playbook, version=found.number, lead_id=found.lead_id,
        found=[
            WhyFound(what=one.what, text=one.text, against=one.against, at=one.at_us)
            for one in found.found
        ],
    )  # fmt: skip


@router.get("/playbooks/left-out", summary="Leads that a playbook left out")
def get_left_out(
    api: Parts, _who: ReadLeads, playbook: Name,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> LeftOutShape:  # fmt: skip
    """The latest first."""
    with api.store.read() as connection:
        rows = left_out(connection, playbook=playbook, limit=limit)
        counts = counted(connection, playbook)
    return LeftOutShape(
        counts=counts,
        leads=[
            LeftOutLead(lead_id=one.lead_id, by=one.by, why=one.why, at=one.at_us) for one in rows
        ],
    )  # fmt: skip
