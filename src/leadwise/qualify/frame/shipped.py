"""The frames that come with Leadwise."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from leadwise.errors import UserError
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.frame.parse import frame_of

NAMES = ("bant", "anum", "champ", "meddic")


def shipped_text(name: str) -> str:
    """The text of a shipped frame, to be read or copied. UserError (`no-such-frame`)."""
    if name not in NAMES:
        raise UserError(
            "no-such-frame",
            f"There is no frame '{name}'.",
            hint=f"Leadwise comes with {', '.join(NAMES)}; a frame of your own is named by its "
            "file, which ends in .yaml",
        )
    return (files("leadwise.qualify.frame") / "texts" / f"{name}.yaml").read_text("utf-8")


@cache
def shipped_frame(name: str) -> Frame:
    """A shipped frame. UserError (`no-such-frame`) for a name that is none's."""
    return frame_of(shipped_text(name), f"{name}.yaml")
