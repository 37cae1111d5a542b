"""`task`: something for a person to do; the run goes on, or waits until it is done."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.playbooks.runs.acting import Came, Document, Here
from leadwise.playbooks.steps.asking import whose
from leadwise.store.runs import TASK
from leadwise.store.tasks import Task, drop_task, open_task, task_of_step


def act(connection: Connection, here: Here) -> Came:
    """Open it, or look what became of it."""
    settings, run = here.step.settings, here.run
    had = task_of_step(connection, run.id, run.number)
    if had is None:
        to = whose(connection, here, here.words("to", "owner"))
        due = settings.get("due")
        had = open_task(
            connection, kind=str(settings.get("kind") or "to-do"), title=here.words("title"),
            about=here.words("about"), lead_id=run.lead_id, member_id=to.member_id,
            now_us=here.now_us, due_us=here.now_us + due if isinstance(due, int) else None,
            run_id=run.id, number=run.number,
            doc={"step": here.step.id, **({"role": to.role} if to.role else {})},
        )  # fmt: skip
    if had.state == "done":
        return Came("done", result_of(had))
    if had.state == "refused":
        return Came("done", result_of(had), branch="refused")
    if had.state == "dropped":
        return Came("done", result_of(had))
    has_late, has_refused = settings.get("late") is not None, settings.get("refused") is not None
    if not (settings.get("wait") or has_late or has_refused):
        return Came("done", result_of(had))
    if has_late and had.due_us is not None and here.now_us >= had.due_us:
        # What comes next is another's: two people must not both do it.
        drop_task(connection, had.id, here.now_us)
        return Came("done", {**result_of(had), "state": "late"}, branch="late")
    until_us = had.due_us if has_late else None
    return Came("waits", result_of(had), until_us, TASK, why=f"Waits for task {had.id}.")


def result_of(task: Task) -> Document:
    """What templates are told of a task."""
    return {
        "task": task.id, "state": task.state, "by": task.ended_by, "said": task.said,
        "member": task.member_id,
    }  # fmt: skip
