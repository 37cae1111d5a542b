"""docs/playbooks.md has each kind of step with its settings, as `SHAPES` says them; its examples
are right.

`LEADWISE_UPDATE=1 pytest tests/playbooks/language/test_docs.py` writes the steps anew.
"""

from __future__ import annotations

import os

from leadwise.card import load
from leadwise.card.values import format_duration
from leadwise.playbooks.conditions.names import OWN_EVENTS, OWN_NAMES
from leadwise.playbooks.language.parse import KEYS, parse
from leadwise.playbooks.library import NAMES
from leadwise.playbooks.shapes import SHAPES, Setting, Shape
from tests.docs.pages import ROOT, blocks, section

PAGE = ROOT / "docs" / "playbooks.md"
BEGIN = "<!-- steps: written by tests/playbooks/language/test_docs.py -->\n"
END = "<!-- end of steps -->\n"
TYPES = {
    "text": "a text", "words": "words as they stand", "id": "an id", "whole": "a whole number",
    "duration": "a duration", "condition": "a condition",
    "event": "an event, or `{on: event, where: condition}`",
    "connection": "the name of a connection",
    "people": "`owner`, `team`, `role:...`, an address or a text",
    "values": "names with texts", "list": "a list", "choices": "names with what they mean",
    "steps": "a branch", "rules": "rules", "yes": "true or false",
}  # fmt: skip


def _section(kind: str, shape: Shape) -> str:
    lines = [f"### {kind}", "", shape.about, "", "| setting | is | |", "|---|---|---|"]
    lines += [_row(setting) for setting in shape.settings]
    if shape.gives:
        given = ", ".join(f"`{name}`" for name in shape.gives)
        lines += ["", f"It gives {given}."]
    return "\n".join([*lines, "", ""])


def _row(setting: Setting) -> str:
    kind = " or ".join(f"`{word}`" for word in setting.one_of) or TYPES[setting.type]
    said = setting.about
    if setting.required:
        said += " Required."
    elif setting.default not in (None, False, ""):
        said += f" Without it: `{_default(setting)}`."
    return f"| `{setting.name}` | {kind} | {said} |"


def _default(setting: Setting) -> str:
    value = setting.default
    if setting.type == "duration" and isinstance(value, int):
        return format_duration(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def test_every_step_and_setting_stands_in_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    shown, after = rest.split(END)
    made = "\n" + "".join(_section(kind, shape) for kind, shape in SHAPES.items())
    if os.environ.get("LEADWISE_UPDATE"):
        PAGE.write_text(before + BEGIN + made + END + after, encoding="utf-8")
        shown = made
    assert shown == made


def test_every_name_of_the_language_stands_in_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in (*KEYS, *OWN_NAMES, *OWN_EVENTS, *NAMES):
        assert f"`{name}`" in text, name


def test_shipped_playbooks_are_those_of_the_table() -> None:
    table = section(PAGE, "Shipped playbooks")
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == [*NAMES]


def test_the_examples_of_the_page_are_right() -> None:
    card = load(ROOT / "examples" / "playbooks" / "card.yaml")
    shown = [b for b in blocks(PAGE) if b.language == "yaml" and b.text.startswith("playbook:")]
    assert len(shown) >= 2
    for block in shown:
        parsed = parse(block.text, card=card if "country" in block.text else None)
        assert parsed.playbook is not None, parsed.problems
