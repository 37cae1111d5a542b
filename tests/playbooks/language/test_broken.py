"""Every kind of broken playbook says what is wrong, where, and what to do: golden texts.

`LEADWISE_UPDATE=1 pytest tests/playbooks/language/test_broken.py` writes them anew; read what
changed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from leadwise.card import Card, format_problems, load
from leadwise.errors import CardError
from leadwise.playbooks.language.parse import parse, playbook_of

ROOT = Path(__file__).parents[3]
BROKEN = Path(__file__).parent / "broken"
PLAYBOOKS = sorted(BROKEN.glob("*.yaml"))
WARNINGS_ONLY = {"wait-for-ever", "perhaps-missing", "starts-many"}
KNOWN = {
    "templates": ("a", "b", "c", "welcome"),
    "connections": ("crm", "hubspot", "calendar", "calls"),
    "playbooks": ("p", "other", "nurture"),
}


@pytest.fixture(scope="module")
def card() -> Card:
    """The card of the examples."""
    return load(ROOT / "examples" / "playbooks" / "card.yaml")


def test_there_are_many_kinds() -> None:
    assert len(PLAYBOOKS) >= 45


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_problems_are_told_as_written_down(path: Path, card: Card) -> None:
    text = path.read_text(encoding="utf-8")
    parsed = parse(text, card=card, file=path.name, **KNOWN)
    told = format_problems(parsed.problems) + "\n"
    golden = path.with_suffix(".expected")
    if os.environ.get("LEADWISE_UPDATE"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    lines = text.splitlines()
    for problem in parsed.problems:
        line, column = problem.where.line, problem.where.column
        assert line is not None
        assert column is not None
        assert 1 <= line <= len(lines)
        assert column <= len(lines[line - 1]) + 1
        assert problem.hint, problem.code
    errors = [one for one in parsed.problems if one.severity == "error"]
    assert bool(errors) != (path.stem in WARNINGS_ONLY)
    assert (parsed.playbook is None) == bool(errors)


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_one_error_holds_all_problems(path: Path, card: Card) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem in WARNINGS_ONLY:
        assert playbook_of(text, card=card).id
        return
    parsed = parse(text, card=card)
    if parsed.playbook is None:
        with pytest.raises(CardError) as caught:
            playbook_of(text, card=card)
        assert caught.value.problems == parsed.problems


def test_every_golden_text_has_its_playbook() -> None:
    assert {p.stem for p in BROKEN.glob("*.expected")} == {p.stem for p in PLAYBOOKS}


def test_every_code_of_playbooks_is_met() -> None:
    """Each code of the page's section is told by one of these files or of the commands."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    section = page.split("## Playbooks\n")[1].split("\n## ")[0]
    codes = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.M))
    told = "".join(p.read_text(encoding="utf-8") for p in BROKEN.glob("*.expected"))
    elsewhere = {"no-such-playbook", "too-many-steps", "version-number-taken"}
    assert {code for code in codes if f"[{code}]" not in told} == elsewhere
