"""`approve`: ask a person for a yes; no answer in time is a no."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.playbooks.runs.acting import Came, Here
from leadwise.playbooks.shapes import DAY_US
from leadwise.playbooks.steps.asking import whose
from leadwise.playbooks.steps.task import result_of
from leadwise.store.runs import TASK
from leadwise.store.tasks import drop_task, open_task, task_of_step

KIND = "approval"


def act(connection: Connection, here: Here) -> Came:
    """Ask, or look what was said."""
    run = here.run
    had = task_of_step(connection, run.id, run.number)
    if had is None:
        of = whose(connection, here, here.words("of", "owner"))
        within = here.step.settings.get("within")
        had = open_task(
            connection, kind=KIND, title=here.words("question"), lead_id=run.lead_id,
            member_id=of.member_id, now_us=here.now_us,
            due_us=here.now_us + (within if isinstance(within, int) else 3 * DAY_US),
            run_id=run.id, number=run.number,
            doc={"step": here.step.id, **({"role": of.role} if of.role else {})},
        )  # fmt: skip
    if had.state == "done":
        return Came("done", result_of(had))
    if had.state == "open" and had.due_us is not None and here.now_us < had.due_us:
        why = f"Waits for a yes: task {had.id}."
        return Came("waits", result_of(had), had.due_us, TASK, why=why)
    result = dict(result_of(had))
    why = "Nobody said yes in time."
    if had.state == "open":
        drop_task(connection, had.id, here.now_us)
        result["state"] = "late"
    elif had.state == "refused":
        why = f"Refused: {had.said}" if had.said else "Refused."
    if here.step.settings.get("refused") is None:
        return Came("ends", result, why=why)
    return Came("done", result, branch="refused", why=why)
