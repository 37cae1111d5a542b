"""Tasks: what people are to do, approvals among them; ending one wakes the run that waits for it.

A task of a run at its step `number` is one, however often that step is asked. Whoever ends a task
of a run that is *held* says by that how it goes on: `done` past the step, `refused` not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    and_,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)

from leadwise.errors import UserError
from leadwise.store.members import get_member
from leadwise.store.runs import TASK, change_run, hold_run, no_run
from leadwise.store.schema import task
from leadwise.store.schema.playbooks import TASK_ORDER

TaskState: TypeAlias = Literal["open", "done", "refused", "dropped"]
Ending: TypeAlias = Literal["done", "refused"]
HELD = "held"
"""In `doc` of the task of a run that is held: what is to be decided is how the run goes on."""
LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Task:
    """A row of `task`. `said` is what whoever ended it said."""

    id: int
    lead_id: int | None
    kind: str
    title: str
    about: str
    member_id: int | None
    state: TaskState
    created_us: int
    due_us: int | None
    ended_us: int | None
    ended_by: str | None
    said: str | None
    run_id: int | None
    number: int | None
    doc: dict[str, Any]

    @property
    def cursor(self) -> tuple[int, int]:
        """Where a listing goes on after this task."""
        return self.due_us if self.due_us is not None else NEVER, self.id


NEVER = 2**62
"""For the order of tasks: those that are never due come last."""


def open_task(
    connection: Connection, *, kind: str, title: str, now_us: int, about: str = "",
    lead_id: int | None = None, member_id: int | None = None, due_us: int | None = None,
    run_id: int | None = None, number: int | None = None, doc: Mapping[str, Any] | None = None,
) -> Task:  # fmt: skip
    """A new task. That of a run's step is made once; where it was ended, it is open again if it is
    to say how a run that is held goes on."""
    values: dict[str, Any] = {
        "lead_id": lead_id, "kind": kind, "title": title[:LONGEST_TITLE], "about": about,
        "member_id": member_id, "state": "open", "created_us": now_us, "due_us": due_us,
        "run_id": run_id, "number": number, "doc": dict(doc or {}),
    }  # fmt: skip
    had = None if run_id is None else task_of_step(connection, run_id, number or 0)
    if had is None:
        return _task(connection.execute(insert(task).values(values).returning(task)).one())
    if had.state == "open" or not values["doc"].get(HELD):
        return had
    values |= {"ended_us": None, "ended_by": None, "said": None}
    again = update(task).where(task.c.id == had.id).values(values).returning(task)
    return _task(connection.execute(again).one())


def get_task(connection: Connection, task_id: int) -> Task:
    """The task. UserError (`task-unknown`) where there is none."""
    found = find_task(connection, task_id)
    if found is None:
        raise UserError("task-unknown", f"There is no task {task_id}.")
    return found


def find_task(connection: Connection, task_id: int) -> Task | None:
    """The task; None where there is none."""
    row = connection.execute(select(task).where(task.c.id == task_id)).one_or_none()
    return None if row is None else _task(row)


def task_of_step(connection: Connection, run_id: int, number: int) -> Task | None:
    """The task that a run opened with its step of that number."""
    own = and_(task.c.run_id == run_id, task.c.number == number)
    row = connection.execute(select(task).where(own)).one_or_none()
    return None if row is None else _task(row)


def end_task(
    connection: Connection, task_id: int, state: Ending, *, by: str, now_us: int,
    said: str | None = None, how: Literal["go on", "again", "stop"] | None = None,
) -> Task:  # fmt: skip
    """End a task; its run, where one waits for it, is due now.

    `how` is for the task of a run that is held: past the step (as with `done`), the step again, or
    not at all (as with `refused`). UserError (`already-done`) where it is ended by now.
    """
    found = get_task(connection, task_id)
    run = None if found.run_id is None else hold_run(connection, found.run_id)
    ended = connection.execute(
        update(task)
        .where(task.c.id == task_id, task.c.state == "open")
        .values(state=state, ended_us=now_us, ended_by=by, said=said)
        .returning(task)
    ).one_or_none()
    if ended is None:
        now = get_task(connection, task_id)
        raise UserError(
            "already-done", f"Task {task_id} is {now.state} already.",
            hint="Look again, then decide.",
        )  # fmt: skip
    if run is not None and run.number == found.number:
        if run.state == "held" and found.doc.get(HELD):
            resumed = how or ("go on" if state == "done" else "stop")
            go_on(connection, run.id, resumed, by, now_us)
        elif run.state == "waiting" and run.awaits == TASK:
            change_run(connection, run.id, due_us=now_us)
    return _task(ended)


def go_on(
    connection: Connection, run_id: int, how: Literal["go on", "again", "stop"], by: str,
    now_us: int,
) -> None:  # fmt: skip
    """Say how a run that is held goes on; it does so at its next turn.

    UserError (`run-unknown`, `stale-run`).
    """
    run = hold_run(connection, run_id)
    if run is None:
        raise no_run(run_id)
    if run.state != "held":
        raise UserError(
            "stale-run", f"Run {run_id} is not held: nobody has to decide how it goes on.",
            hint="Look at the run again.",
        )  # fmt: skip
    own = {**run.doc.get("engine", {}), "resumed": how, "by": by}
    doc = {**run.doc, "engine": own}
    change_run(connection, run_id, state="waiting", due_us=now_us, why=None, awaits=None, doc=doc)
    open_ = and_(task.c.run_id == run_id, task.c.number == run.number, task.c.state == "open")
    state = "refused" if how == "stop" else "done"
    connection.execute(update(task).where(open_).values(state=state, ended_us=now_us, ended_by=by))


def drop_task(connection: Connection, task_id: int, now_us: int) -> None:
    """Nobody has to do it any more."""
    open_ = and_(task.c.id == task_id, task.c.state == "open")
    connection.execute(update(task).where(open_).values(state="dropped", ended_us=now_us))


def give_task(connection: Connection, task_id: int, member_id: int | None) -> Task:
    """Make it another member's. UserError (`member-unknown`, `member-disabled`, `already-done`)."""
    if member_id is not None:
        member = get_member(connection, member_id)
        if member.disabled_us is not None:
            raise UserError(
                "member-disabled", f"{member.name} cannot sign in any more.",
                hint="Give the task to somebody else.",
            )  # fmt: skip
    found = get_task(connection, task_id)
    if found.state != "open":
        raise UserError("already-done", f"Task {task_id} is {found.state} already.")
    given = update(task).where(task.c.id == task_id).values(member_id=member_id).returning(task)
    return _task(connection.execute(given).one())


def list_tasks(
    connection: Connection, *, member_id: int | None = None, lead_id: int | None = None,
    state: TaskState | None = None, kind: str | None = None,
    after: tuple[int, int] | None = None, limit: int = 50,
) -> list[Task]:  # fmt: skip
    """Tasks, those due first; `after` is the `cursor` of the last one seen."""
    # Of each state apart: an index has them in this order, and no list has to be sorted.
    states: tuple[TaskState, ...] = get_args(TaskState) if state is None else (state,)
    found: list[Task] = []
    for one in states:
        due: ColumnElement[int] = literal_column(TASK_ORDER, BigInteger)
        if lead_id is not None:
            due = func.coalesce(
                task.c.due_us, NEVER
            )  # no index is in that order: it takes the lead's
        rows = select(task).where(task.c.state == one).order_by(due, task.c.id).limit(limit)
        for column, value in ((task.c.member_id, member_id), (task.c.lead_id, lead_id),
                              (task.c.kind, kind)):  # fmt: skip
            if value is not None:
                rows = rows.where(column == value)
        if after is not None:
            # The first part is what SQLite seeks by.
            rows = rows.where(due >= after[0], tuple_(due, task.c.id) > tuple_(*after))
        found += [_task(row) for row in connection.execute(rows)]
    return sorted(found, key=lambda one: one.cursor)[:limit]


def count_open(connection: Connection) -> dict[int, int]:
    """How many open tasks each member has."""
    rows = select(task.c.member_id, func.count()).where(
        task.c.state == "open", task.c.member_id.is_not(None)
    )
    return {row[0]: row[1] for row in connection.execute(rows.group_by(task.c.member_id))}


def count_own(connection: Connection, member_id: int, now_us: int) -> tuple[int, int]:
    """A member's open tasks, and how many of them are late."""
    open_ = select(func.count()).where(task.c.member_id == member_id, task.c.state == "open")
    late = open_.where(literal_column(TASK_ORDER, BigInteger) < now_us)
    return connection.scalar(open_) or 0, connection.scalar(late) or 0


def forget_tasks(connection: Connection, before_us: int, limit: int) -> int:
    """Forget tasks of no run that ended before; at most so many. How many."""
    old = select(task.c.id).where(task.c.run_id.is_(None), task.c.ended_us < before_us)
    ids = list(connection.scalars(old.order_by(task.c.id).limit(limit)))
    connection.execute(task.delete().where(task.c.id.in_(ids)))
    return len(ids)


def _task(row: Row[Any]) -> Task:
    return Task(**row._mapping)
