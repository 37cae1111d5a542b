"""The playbooks that come with Leadwise, and the mails that they send: to be copied and changed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from leadwise.errors import UserError
from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.shapes import SHAPES

NAMES = (
    "nurture-by-mail", "commercial-offer", "call-now", "budget-return", "authority-summary",
    "need-cases", "timeline-waiting", "hand-over", "quiet-leads", "sales-call",
)  # fmt: skip
"""In the order in which people meet them: by score, by BANT, hand-over, gone quiet, the call."""


def shipped_text(name: str) -> str:
    """The text of a shipped playbook, with its comments. UserError (`no-such-playbook`)."""
    if name not in NAMES:
        raise UserError(
            "no-such-playbook",
            f"There is no shipped playbook '{name}'.",
            hint=f"Leadwise comes with {', '.join(NAMES)}.",
        )
    return (files("leadwise.playbooks") / "shipped" / f"{name}.yaml").read_text("utf-8")


@cache
def shipped_playbook(name: str) -> Playbook:
    """A shipped playbook. UserError (`no-such-playbook`) for a name that is none's."""
    return playbook_of(shipped_text(name), file=f"{name}.yaml")


def shipped_mails() -> dict[str, str]:
    """The mail templates of all shipped playbooks: their texts by name."""
    folder = files("leadwise.playbooks") / "shipped" / "mails"
    found = {one.name.removesuffix(".md"): one for one in folder.iterdir()}
    return {name: found[name].read_text("utf-8") for name in sorted(found)}


def mails_of(playbook: Playbook) -> tuple[str, ...]:
    """The mail templates that a playbook sends, in the order of its steps, each once."""
    named = [str(step.settings["template"]) for step in playbook.steps if step.kind == "mail"]
    return tuple(dict.fromkeys(named))


def started_by(playbook: Playbook) -> tuple[str, ...]:
    """The playbooks that a playbook starts, in the order of its steps, each once."""
    named = [str(step.settings["playbook"]) for step in playbook.steps if step.kind == "start"]
    return tuple(dict.fromkeys(named))


def connections_of(playbook: Playbook) -> tuple[str, ...]:
    """The connections that a playbook works with, in the order of its steps, each once."""
    named = [
        str(step.settings[setting.name])
        for step in playbook.steps
        for setting in SHAPES[step.kind].settings
        if setting.type == "connection" and setting.name in step.settings
    ]
    return tuple(dict.fromkeys(named))
