"""docs/errors.md and the codes of cards are the same set, and each code has been seen."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_CODES = {"utf-8", "utf-8-sig", "events-list", "card-edit"}
"""The third is a kind of value to complete, the last is said of changes: service-errors.md."""
SEEN_ELSEWHERE = {"cannot-read", "not-utf-8", "card-too-large", "yaml-character"}
"""Codes that a golden file cannot hold: tests/card/test_broken.py and test_parse.py have them."""


def documented() -> set[str]:
    section = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").split("## Cards\n")[1]
    section = re.split(r"^## ", section, flags=re.M)[0]
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.M))


def raised() -> set[str]:
    """Texts of the sources that are written as codes are."""
    found: set[str] = set()
    for path in (ROOT / "src" / "leadwise" / "card").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text))
        found |= set(re.findall(r'\w*error\("(choices)"', text))
    return found - NOT_CODES


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    assert documented() == raised()


def test_every_code_is_in_a_golden_file() -> None:
    golden = "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "tests/broken").glob("*.expected")
    )
    seen = set(re.findall(r"(?:error|warning)\[([a-z0-9-]+)\]", golden))
    assert documented() - seen == SEEN_ELSEWHERE - seen


def test_documented_codes_stand_once() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.M)
    assert len(codes) == len(set(codes))
