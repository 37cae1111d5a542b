"""`start`: another playbook for the lead, once; this run goes on, or waits until that one ended."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Came, Document, Here
from leadwise.playbooks.steps.asking import own_result
from leadwise.store.playbooks import current_playbook
from leadwise.store.runs import ACTIVE, RUN, get_run, has_active, start_run


def act(connection: Connection, here: Here) -> Came:
    """Start it where it is live and the lead is not in it already; or look whether it ended.

    UserError (`no-such-live-playbook`) where no version of it was ever published.
    """
    had = own_result(here)
    run_id = had.get("run") if had is not None else None
    if not isinstance(run_id, int):
        run_id, why = _started(connection, here)
        if run_id is None:
            return Came("done", {"run": None}, why=why)
    result: Document = {"run": run_id}
    if not here.step.settings.get("wait"):
        return Came("done", result)
    try:
        other = get_run(connection, run_id)
    except UserError:
        return Came("done", result)  # forgotten: it has long ended
    if other.state in ACTIVE:
        return Came("waits", result, awaits=RUN, why=f"Waits for run {run_id}.")
    return Came("done", {**result, "state": other.state})


def _started(connection: Connection, here: Here) -> tuple[int | None, str]:
    name, run = str(here.step.settings["playbook"]), here.run
    version = current_playbook(connection, name)
    if version is None:
        raise UserError(
            "no-such-live-playbook", f"No playbook {name} is live.",
            hint="Publish it, or take the step out.",
        )  # fmt: skip
    if version.status == "paused":
        return None, f"{name} is paused: nothing was started."
    if run.lead_id is not None and has_active(connection, name, run.lead_id):
        return None, f"The lead is in {name} already."
    doc: Document = {key: run.doc[key] for key in ("event", "message") if key in run.doc}
    made = start_run(connection, version, run.lead_id, here.key, doc, here.now_us)
    return made, "" if made is not None else f"{name} was started by this step before."
