"""Playbooks that start each other in a circle."""

from __future__ import annotations

from leadwise.playbooks.language.parse import parse, playbook_of
from leadwise.playbooks.library import NAMES, shipped_playbook, started_by

TEXT = """playbook: one
version: 1
starts: {band: hot}
steps:
  - mail: a
  - if: score > 1
    then:
      - start: two
"""


def _codes(playbooks: dict[str, set[str]]) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in parse(TEXT, playbooks=playbooks).problems]


def test_a_circle_is_told_with_its_way() -> None:
    assert _codes({"one": set(), "two": {"three", "five"}, "three": {"four"}, "four": {"one"},
                   "five": set()}) == [
        ("starts-itself", "this playbook starts itself, by way of two and three and four")
    ]  # fmt: skip


def test_a_circle_of_others_is_theirs() -> None:
    assert _codes({"two": {"three"}, "three": {"two"}}) == []
    assert _codes({"two": {"one"}})[0][1] == "this playbook starts itself, by way of two"
    assert _codes({"one": {"two"}, "two": set()}) == []


def test_names_alone_say_nothing_of_circles() -> None:
    assert parse(TEXT, playbooks=("one", "two")).problems == ()


def test_what_a_playbook_starts() -> None:
    assert started_by(playbook_of(TEXT)) == ("two",)
    assert [name for name in NAMES if started_by(shipped_playbook(name))] == []
