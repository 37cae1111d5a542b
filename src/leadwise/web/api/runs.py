"""Runs: leads on their way through playbooks, step by step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from leadwise.plan.relations import FOREVER
from leadwise.playbooks.versions import stop_by_hand
from leadwise.store import tasks
from leadwise.store.audit import audit
from leadwise.store.runs import RunRow, RunState, get_run, list_runs, steps_of
from leadwise.web.api.jobs import Said
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    LARGEST_ID,
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

router = APIRouter(tags=["runs"])


class RunShape(Shape):
    """`at` is the place of the step that it stands at, `until` when it is looked at again (null:
    when what it `awaits` happens, or never), `why` why it stands or ended so."""

    id: int
    playbook: str
    version_id: int
    lead_id: int | None
    state: RunState
    at: int
    trigger: str
    began: Time
    until: Time | None
    awaits: str | None
    ended: Time | None
    why: str | None


class StepShape(Shape):
    """What came of a step: `result` is what later steps see of it."""

    number: int
    step: str
    kind: str
    state: str
    began: Time
    ended: Time | None
    why: str | None
    result: dict[str, Any]


class WholeRun(RunShape):
    steps: list[StepShape]


class GoingOn(Shape):
    """Past the step, with the step again, or not at all."""

    how: Literal["go on", "again", "stop"]


@router.get("/runs", summary="Runs of playbooks")
def get_runs(
    api: Parts,
    _who: ReadLeads,
    playbook: Annotated[Line | None, Query(max_length=200)] = None,
    lead_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    state: RunState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RunShape]:
    """The newest first."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_runs(
            connection, playbook=playbook, lead_id=lead_id, state=state, limit=limit,
            before_id=before[0] if before else None,
        )  # fmt: skip
    last = (rows[-1].id,) if rows else None
    return Page[RunShape](**page([RunShape(**_values(one)) for one in rows], limit, last))


@router.get("/runs/{run_id}", summary="A run of a playbook")
def get_one(api: Parts, who: ReadLeads, run_id: Id) -> WholeRun:
    """Step by step, with what came of each."""
    with api.store.read() as connection:
        found, steps = get_run(connection, run_id), steps_of(connection, run_id)
    api.note_read(who, "read", "playbook run", run_id, None)
    shapes = [
        StepShape(
            number=one.number, step=one.step, kind=one.kind, state=one.state, began=one.began_us,
            ended=one.ended_us, why=one.why, result=one.doc,
        )
        for one in steps
    ]  # fmt: skip
    return WholeRun(**_values(found), steps=shapes)


@router.post("/runs/{run_id}/stop", summary="Stop a run")
def stop_run(api: Parts, who: WriteLeads, run_id: Id) -> Said:
    """Its open tasks are dropped; what a step is doing outside just now is not taken back."""
    now_us = api.clock()

    def work(connection: Connection) -> bool:
        get_run(connection, run_id)
        return bool(stop_by_hand(connection, actor=who.actor, now_us=now_us, run_id=run_id))

    return Said(did=api.write(work))


@router.post("/runs/{run_id}/go-on", summary="Say how a held run goes on")
def go_on(api: Parts, who: WriteLeads, run_id: Id, chosen: GoingOn) -> Said:
    """For runs that wait for a person to look at them."""
    now_us = api.clock()

    def work(connection: Connection) -> None:
        get_run(connection, run_id)
        tasks.go_on(connection, run_id, chosen.how, who.actor, now_us)
        audit(connection, who.actor, "go on", "playbook run", run_id, chosen.how, now_us)

    api.write(work)
    return Said(did=True)


def _values(one: RunRow) -> dict[str, Any]:
    waits = one.state == "waiting" and one.due_us < FOREVER
    return {
        "id": one.id, "playbook": one.playbook, "version_id": one.version_id,
        "lead_id": one.lead_id, "state": one.state, "at": one.at, "trigger": one.trigger,
        "began": one.began_us, "until": one.due_us if waits else None, "awaits": one.awaits,
        "ended": one.ended_us, "why": one.why,
    }  # fmt: skip
