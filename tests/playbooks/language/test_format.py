"""One canonical form: it means the same, is its own form, and keeps comments and ids."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.errors import CardError
from leadwise.playbooks.language.format import format_json, format_playbook, format_text
from leadwise.playbooks.language.parse import parse, playbook_of
from leadwise.playbooks.language.plain import content_hash, plain_playbook
from leadwise.playbooks.language.tree import branch_places, branches_of, walk
from leadwise.playbooks.model import Playbook, Step
from tests.playbooks.language.strategies import playbooks

BARE = "playbook: p\nversion: 1\nstarts: {band: hot}\nsteps:\n"


@given(playbooks())
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_the_same(plain: dict[str, Any]) -> None:
    parsed = parse(json.dumps(plain))
    assert parsed.playbook is not None, parsed.problems
    playbook = parsed.playbook
    for text in (format_playbook(playbook), format_json(playbook)):
        again = playbook_of(text)
        assert content_hash(again) == content_hash(playbook)
        assert _bare(again) == _bare(playbook)
        assert format_text(text) == text


def _bare(playbook: Playbook) -> list[Step]:
    """Steps without what layout decides: their lines, and how conditions were spaced."""
    return [replace(step, line=0, settings=dict(_plain(step))) for step in playbook.steps]


def _plain(step: Step) -> Any:
    for name, value in step.settings.items():
        yield name, getattr(value, "tree", getattr(value, "event", value))


@given(playbooks())
@settings(max_examples=60, deadline=None)
def test_every_step_has_its_place_and_goes_on_forwards(plain: dict[str, Any]) -> None:
    playbook = playbook_of(json.dumps(plain))
    steps = playbook.steps
    assert [branch.step for branch in walk(branches_of(playbook))] == list(steps)
    assert len({step.id for step in steps}) == len(steps)
    for at, step in enumerate(steps):
        assert at < step.next <= len(steps)
        places = list(branch_places(step).values())
        assert places == sorted(places)
        assert all(at < place < len(steps) for place in places)
        assert not places or places[0] == at + 1
    assert _written(plain["steps"]) == len(steps)


def _written(row: list[Any]) -> int:
    """Steps of a file, counted by what they say, not by how they are read."""
    number = 0
    for step in row:
        number += 1
        parts = [*step.values()] if isinstance(step, dict) else []
        for inner in [*parts, *(v for p in parts if isinstance(p, dict) for v in p.values())]:
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                number += _written(inner)
    return number


@given(playbooks(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_never_breaks_the_reader(plain: dict[str, Any], data: st.DataObject) -> None:
    text = format_playbook(playbook_of(json.dumps(plain)))
    at = data.draw(st.integers(0, len(text)))
    junk = data.draw(st.sampled_from(["", "\n", ": ", "- ", "{", "]", "'", "{{ x", "\t", "#", "é"]))
    length = data.draw(st.integers(0, 12))
    parsed = parse(text[:at] + junk + text[at + length :])
    assert parsed.playbook is not None or parsed.problems


def test_comments_stay_with_what_they_are_about() -> None:
    text = BARE.replace("steps:", "# What it does:\nsteps:") + (
        "  # first\n  - mail: {template: a, unsure: hold}  # beside\n"
        "  - wait: {for: 3 days}\n    # last one\n  - push:   crm\n# the end\n"
    )
    formed = format_text(text)
    assert formed == (
        "playbook: p\nversion: 1\n\nstarts:\n  - band: {enters: [hot]}\n\n# What it does:\nsteps:\n"
        "  # first\n  - mail: a  # beside\n  - wait: 3 days\n"
        "  # last one\n  - push: crm\n# the end\n"
    )
    assert format_text(formed) == formed


def test_ids_that_a_file_gives_stay_and_others_are_not_made_up() -> None:
    text = (
        BARE + "  - mail: a\n  - mail: b\n    id: mail_2\n  - mail: c\n  - mail: d\n    id: last\n"
    )
    formed = format_text(text)
    assert formed.count("id:") == 2
    assert [step.id for step in playbook_of(formed).steps] == ["mail", "mail_2", "mail_3", "last"]


def test_an_id_that_would_be_made_for_another_is_passed_over() -> None:
    text = BARE + "  - mail: a\n  - mail: b\n    id: mail\n  - mail: c\n"
    playbook = playbook_of(text)
    assert [step.id for step in playbook.steps] == ["mail_2", "mail", "mail_3"]
    again = playbook_of(format_playbook(playbook))
    assert [step.id for step in again.steps] == ["mail_2", "mail", "mail_3"]


def test_the_hash_is_of_the_content() -> None:
    one = playbook_of(BARE + "  - if: score>10\n    then: [end]\n")
    spaced = BARE.replace("\n", "  # x\n", 1) + "  - if: {condition: score  >  10, then: [end]}\n"
    assert content_hash(playbook_of(spaced)) == content_hash(one)
    for other in ("  - if: score>11\n    then: [end]\n", "  - if: score>10\n    otherwise: [end]\n",
                  "  - if: score>10\n    id: x\n    then: [end]\n"):  # fmt: skip
        assert content_hash(playbook_of(BARE + other)) != content_hash(one)
    assert len(content_hash(one)) == 64


def test_a_broken_playbook_is_not_formatted() -> None:
    with pytest.raises(CardError):
        format_text(BARE + "  - wait: 1 month\n")


def test_forms_and_meetings_are_events() -> None:
    text = "playbook: p\nversion: 1\nstarts: [{form: asked}, {booked: true}]\nsteps: [end]\n"
    assert plain_playbook(playbook_of(text))["starts"] == [{"event": "asked"}, {"booked": True}]
