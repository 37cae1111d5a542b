"""`stop`: the lead's runs of another playbook."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.playbooks.runs.acting import Came, Here
from leadwise.store.runs import stop_runs


def act(connection: Connection, here: Here) -> Came:
    """Stop them; this run is not one of them, even where it is of that playbook."""
    run = here.run
    if run.lead_id is None:
        return Came("done", {"runs": []})
    stopped = stop_runs(
        connection, f"{run.playbook.id} stopped it.", here.now_us,
        playbook=str(here.step.settings["playbook"]), lead_ids=(run.lead_id,), but=run.id,
    )  # fmt: skip
    return Came("done", {"runs": list(stopped)})
