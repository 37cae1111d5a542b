"""`convert`: what became of the lead, recorded as an outcome."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Came, Here
from leadwise.store.outcomes import OutcomeKind, add_outcome

SOURCE = "playbook"


def act(connection: Connection, here: Here) -> Came:
    """Record it, once. UserError (`no-lead`) for a run that is no lead's."""
    run = here.run
    if run.lead_id is None:
        raise UserError(
            "no-lead", "This run is no lead's: there is nobody to convert.",
            hint="Start the playbook by something that a lead does.",
        )  # fmt: skip
    made, _ = add_outcome(
        connection, run.lead_id, cast("OutcomeKind", str(here.step.settings["to"])),
        at_us=here.now_us, now_us=here.now_us, source=SOURCE, message_id=here.key,
        actor=f"playbook:{run.playbook.id}", reason=here.words("reason") or None,
    )  # fmt: skip
    return Came("done", {"outcome": made.id, "kind": made.kind})
