"""`if`: one way where the condition is met, the other where it is not or cannot be decided."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.playbooks.conditions.deciding import decide
from leadwise.playbooks.model import Condition
from leadwise.playbooks.runs.acting import Came, Here
from leadwise.playbooks.steps.asking import rules_of

NO = ("", "0", "no", "none", "false")
"""What a text that decides comes to where it is not met."""


def act(connection: Connection, here: Here) -> Came:
    """Decide by what is known now."""
    condition, run = here.step.settings.get("condition"), here.run
    met: bool | None
    if isinstance(condition, Condition):
        met = decide(connection, run.playbook, condition, run.lead_id, here.now_us, rules_of(here))
    else:
        met = _of_text(here)
    return Came("done", {"met": met}, branch="then" if met else "otherwise")


def _of_text(here: Here) -> bool | None:
    """Whether the text comes to one of the words; None where a value of it is missing."""
    try:
        said = here.words("text").strip().casefold()
    except UserError as error:
        if error.code == "template-value":
            return None
        raise
    words = here.step.settings.get("is")
    if isinstance(words, tuple):
        return said in {str(word).strip().casefold() for word in words}
    return said not in NO
