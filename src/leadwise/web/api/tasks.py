"""Tasks and approvals: what people are to do; and absences: when they cannot."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.store import absences
from leadwise.store.audit import audit
from leadwise.store.tasks import (
    Ending,
    Task,
    TaskState,
    end_task,
    get_task,
    give_task,
    list_tasks,
)
from leadwise.web.api.parts import Admin, Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Cursor,
    Id,
    Limit,
    Line,
    Moment,
    Page,
    Shape,
    Text,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["tasks"])

Whole = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class TaskShape(Shape):
    """`run_id`: the run that opened it, which goes on when it is ended if it waits for that."""

    id: int
    kind: str
    title: str
    about: str
    lead_id: int | None
    member_id: int | None
    state: TaskState
    created: Time
    due: Time | None
    ended: Time | None
    ended_by: str | None
    said: str | None
    run_id: int | None


class Ended(Shape):
    """What whoever ended it has to say."""

    said: Annotated[Text | None, Field(max_length=2_000)] = None


class Given(Shape):
    """Null: nobody's."""

    member_id: Whole | None


class NewAbsence(Shape):
    member_id: Whole
    from_: Moment = Field(alias="from")
    until: Moment
    reason: Annotated[Text, Field(max_length=200)] = ""


class AbsenceShape(Shape):
    id: int
    member_id: int
    from_: Time = Field(alias="from", serialization_alias="from")
    until: Time
    reason: str


@router.get("/tasks", summary="Tasks")
def get_tasks(
    api: Parts,
    _who: ReadLeads,
    member_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    lead_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    state: TaskState | None = None,
    kind: Annotated[Line | None, Query(max_length=60)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TaskShape]:
    """Those due first; what is never due comes last."""
    after = from_cursor(cursor, int, int)
    with api.store.read() as connection:
        rows = list_tasks(
            connection, member_id=member_id, lead_id=lead_id, state=state, kind=kind, limit=limit,
            after=(after[0], after[1]) if after else None,
        )  # fmt: skip
    last = rows[-1].cursor if rows else None
    return Page[TaskShape](**page([_shape(one) for one in rows], limit, last))


@router.get("/tasks/{task_id}", summary="A task")
def get_one(api: Parts, _who: ReadLeads, task_id: Id) -> TaskShape:
    """What is to be done, whose it is, what became of it."""
    with api.store.read() as connection:
        return _shape(get_task(connection, task_id))


@router.post("/tasks/{task_id}/done", summary="Say that a task is done")
def finish_task(api: Parts, who: WriteLeads, task_id: Id, ended: Ended) -> TaskShape:
    """Of an approval: yes. Of a run that is held: go on past the step."""
    return _end(api, who.actor, task_id, "done", ended.said)


@router.post("/tasks/{task_id}/refuse", summary="Refuse a task")
def refuse_task(api: Parts, who: WriteLeads, task_id: Id, ended: Ended) -> TaskShape:
    """Of an approval: no. Of a run that is held: stop it."""
    return _end(api, who.actor, task_id, "refused", ended.said)


@router.post("/tasks/{task_id}/give", summary="Give a task to somebody")
def hand_task(api: Parts, who: WriteLeads, task_id: Id, given: Given) -> TaskShape:
    """Or to nobody: then it is the team's."""
    now_us = api.clock()

    def work(connection: Connection) -> Task:
        found = give_task(connection, task_id, given.member_id)
        detail = "nobody" if given.member_id is None else f"member:{given.member_id}"
        audit(connection, who.actor, "give", "task", task_id, detail, now_us)
        return found

    return _shape(api.write(work))


@router.get("/absences", summary="Absences")
def get_absences(api: Parts, _who: Admin) -> list[AbsenceShape]:
    """Those that are not over, by when they begin."""
    now_us = api.clock()
    with api.store.read() as connection:
        found = absences.list_absences(connection, ends_after_us=now_us)
    return [_absence(one) for one in found]


@router.post("/absences", status_code=201, summary="Say that a member is away")
def add_absence(api: Parts, who: Admin, new: NewAbsence) -> AbsenceShape:
    """Playbooks give the member nothing new meanwhile."""
    now_us = api.clock()

    def work(connection: Connection) -> absences.Absence:
        made = absences.add_absence(
            connection, new.member_id, new.from_, new.until, new.reason
        )  # fmt: skip
        detail = f"member:{new.member_id}"
        audit(connection, who.actor, "create", "absence", made.id, detail, now_us)
        return made

    return _absence(api.write(work))


@router.delete("/absences/{absence_id}", status_code=204, summary="Take an absence back")
def remove_absence(api: Parts, who: Admin, absence_id: Id) -> None:
    """The member is there after all."""
    now_us = api.clock()

    def work(connection: Connection) -> None:
        absences.remove_absence(connection, absence_id)
        audit(connection, who.actor, "delete", "absence", absence_id, None, now_us)

    api.write(work)


def _end(
    api: Parts, actor: str, task_id: int, state: Ending, said: str | None
) -> TaskShape:  # fmt: skip
    now_us = api.clock()

    def work(connection: Connection) -> Task:
        found = end_task(connection, task_id, state, by=actor, now_us=now_us, said=said)
        audit(connection, actor, state, "task", task_id, None, now_us)
        return found

    return _shape(api.write(work))


def _shape(one: Task) -> TaskShape:
    return TaskShape(
        id=one.id, kind=one.kind, title=one.title, about=one.about, lead_id=one.lead_id,
        member_id=one.member_id, state=one.state, created=one.created_us, due=one.due_us,
        ended=one.ended_us, ended_by=one.ended_by, said=one.said, run_id=one.run_id,
    )  # fmt: skip


def _absence(one: absences.Absence) -> AbsenceShape:
    values: dict[str, Any] = {"from": one.from_us}
    return AbsenceShape(
        id=one.id, member_id=one.member_id, **values, until=one.until_us, reason=one.reason
    )
