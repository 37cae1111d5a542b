"""From the text of a frame to the frame."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from leadwise.qualify.frame.model import Frame, Question, Wording, Write


def shipped_frame(name: str) -> Frame:
    """One of the frames that come with Leadwise."""
    text = (files("leadwise.qualify.frame") / "texts" / f"{name}.yaml").read_text("utf-8")
    found = YAML(typ="safe", pure=True).load(text)
    questions = tuple(_question(one) for one in found["questions"])
    return Frame(found["frame"], found["version"], _wording(found["label"]), questions)


def _question(found: dict[str, Any]) -> Question:
    writes = tuple(
        Write(name, one) if isinstance(one, str) else Write(name, one["from"], one.get("map", {}))
        for name, one in found.get("writes", {}).items()
    )
    return Question(found["id"], found["kind"], _wording(found["label"]), writes=writes)


def _wording(found: Any) -> Wording:
    return {"en": found} if isinstance(found, str) else found
