"""What holds a playbook back: reading `safety:`."""

from __future__ import annotations

from typing import Any, Literal, cast

from leadwise.card.source import Path, Scalar
from leadwise.errors import Problem
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.model import Safety

KEYS = ("again", "settle", "a_day", "over", "cool_down", "group", "quiet", "caps", "still")
AGAIN = ("never", "always")
OVER = ("wait", "leave out")
_QUIET = "quiet hours are those of the settings: write true to keep them, false to ignore them"


def read_safety(found: Reading, path: Path) -> Safety:
    """The settings that are written, over those that hold without a word."""
    keys = found.keys(path, "'safety'", KEYS)
    made: dict[str, Any] = {}
    for name, at in keys.items():
        match name:
            case "again":
                again = _again(found, at)
                made["again_after_us"] = None if again == "never" else again
            case "settle" | "cool_down":
                made[f"{name}_us"] = found.value("duration", at) or 0
            case "a_day":
                made["a_day"] = found.whole_number(at, 1, 1_000_000)
            case "over":
                over = found.word(OVER, at) or "wait"
                made["over"] = cast("Literal['wait', 'leave out']", over)
            case "group":
                made["group"] = found.value("id", at)
            case "quiet":
                made["quiet"] = found.yes(at, _QUIET) is not False
            case "caps":
                made["caps"] = found.yes(at, _CAPS) is not False
            case _:
                made["still"] = found.condition(at)
    if "over" in keys and "a_day" not in keys:
        message = "'over' says what becomes of those over the day's number, and there is none"
        found.add(Problem("pointless-setting", message, "add a_day: 50", found.key(keys["over"])))
    if "cool_down" in keys and "group" not in keys:
        message = "'cool_down' is after playbooks of the same group, and this one is in none"
        hint = "add group: nurture; for this playbook alone write again: 30 days"
        found.add(Problem("pointless-setting", message, hint, found.key(keys["cool_down"])))
    return Safety(**made)


_CAPS = "how many messages a lead gets is of the settings: write true to keep to it, or false"


def _again(found: Reading, at: Path) -> int | Literal["never"]:
    node = found.node(at)
    if isinstance(node, Scalar) and node.text in AGAIN:
        return "never" if node.text == "never" else 0
    if isinstance(node, Scalar) and not node.is_nothing and not node.text[:1].isdigit():
        message = f"expected never, always or a duration, found {node.kind}"
        hint = "write again: never, again: always or again: 90 days"
        found.add(Problem("wrong-type", message, hint, found.place(at)))
        return "never"
    length: int | None = found.value("duration", at)
    return "never" if length is None else length
