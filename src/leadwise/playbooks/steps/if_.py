"""`if`: one way where the condition is met, the other where it is not or cannot be decided."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.playbooks.acting import Came, Here
from leadwise.playbooks.conditions import decide
from leadwise.playbooks.model import Condition
from leadwise.playbooks.steps.asking import rules_of


def act(connection: Connection, here: Here) -> Came:
    """Decide by what is known now."""
    condition, run = here.step.settings["condition"], here.run
    assert isinstance(condition, Condition)
    met = decide(connection, run.playbook, condition, run.lead_id, here.now_us, rules_of(here))
    return Came("done", {"met": met}, branch="then" if met else "otherwise")
