"""Drafts from words: what the model is told, what goes back to it, what is told with its text."""

from __future__ import annotations

import itertools

import pytest

from leadwise.card import parse as parse_card
from leadwise.errors import UserError
from leadwise.playbooks.drafting import instructions
from leadwise.playbooks.drafting.drafting import Around, draft, text_in
from leadwise.playbooks.drafting.guided import (
    AGAIN,
    ENDS,
    FIRST,
    STARTS,
    THEN,
    questions,
    written,
)
from leadwise.playbooks.language.parse import parse as parse_playbook
from leadwise.playbooks.shapes import SHAPES

CARD = parse_card(
    """
card: small
version: 1
fields:
  country: text
  size: number
events:
  demo_requested: {}
dimensions:
  - id: fit
    criteria:
      - {id: demo, on: demo_requested, points: 30}
      - {id: large, when: size > 100, points: 30}
      - {id: spain, when: country = 'ES', points: 1}
bands:
  - {id: cold}
  - {id: hot, from: 30}
"""
).card
AROUND = Around(CARD, templates=("offer",), connections=(), playbooks=())
GOOD = """playbook: spain
version: 1
label: Spain
starts:
  - event: demo_requested
when: country = 'ES'
steps:
  - task: {title: Call, kind: call, to: owner}
safety: {again: 90 days}
"""


def _between(text: str, start: str) -> str:
    return text[text.index(start) : text.index("Conditions are SQL")]


def test_the_examples_that_the_model_is_shown_check() -> None:
    card = parse_card(_between(instructions.card_instructions(), "card:"))
    assert card.problems == ()
    told = instructions.playbook_instructions(None, None, None, None)
    assert parse_playbook(_between(told, "playbook: ")).problems == ()


def test_the_model_is_told_every_step_and_every_name() -> None:
    told = instructions.playbook_instructions(CARD, ["offer"], ["crm"], [])
    assert all(f"- {kind}: {shape.about}" in told for kind, shape in SHAPES.items())
    for name in (
        "country (text)", "demo_requested", "Bands, the lowest first: cold, hot",
        "Templates of mails: offer", "Connections: crm", "Other playbooks: none",
    ):  # fmt: skip
        assert name in told


def test_faults_go_back_with_their_places_until_the_text_checks() -> None:
    heard: list[str] = []
    answers = iter([
        "Here it is:\n```yaml\n" + GOOD.replace("country", "land") + "```\nGood luck!",
        "```\n" + GOOD + "```",
    ])  # fmt: skip

    def write(told: str, prompt: str) -> str:
        assert "Fields of a lead: country (text); size (number)." in told
        heard.append(prompt)
        return next(answers)

    drafted = draft(" When somebody from Spain asks for a demo, call them. ", AROUND, write)
    assert (drafted.text, drafted.problems, drafted.tries) == (GOOD, (), 2)
    assert heard[0] == (
        "What is wanted, in somebody's words:\n\nWhen somebody from Spain asks for a demo, call "
        "them.\n"
    )
    assert "- line 6: 'land'" in heard[1]
    assert "land = 'ES'" in heard[1]


def test_a_text_that_never_checks_comes_with_its_faults() -> None:
    texts = iter(["playbook: x\nsteps: [{mail: none}, {sing: loud}]\n", "nonsense", "[]", "- 1"])
    drafted = draft("Sing.", AROUND, lambda *_: next(texts))
    assert drafted.tries == 4
    assert not drafted.fine
    assert {one.severity for one in drafted.problems} >= {"error"}


def test_a_card_is_drafted_in_the_same_way() -> None:
    text = "card: x\nversion: 1\nfields: {a: number}\n"
    text += "dimensions: [{id: d, criteria: [{id: a, when: a > 1, points: 5}]}]\n"
    drafted = draft("Large ones.", Around(), lambda *_: text, "card")
    assert (drafted.kind, drafted.text, drafted.fine) == ("card", text, True)


@pytest.mark.parametrize(("wish", "code"), [("  ", "empty-wish"), ("x" * 8_001, "long-wish")])
def test_what_is_no_wish(wish: str, code: str) -> None:
    with pytest.raises(UserError) as raised:
        draft(wish, AROUND, lambda *_: GOOD)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("a: 1", "a: 1\n"),
        ("```\na: 1\n```\n```yaml\na: 1\nb: 2\n```", "a: 1\nb: 2\n"),
        ("```yaml\n```\na: 1", "```yaml\n```\na: 1\n"),
    ],
)
def test_the_file_is_found_in_the_answer(answer: str, text: str) -> None:
    assert text_in(answer) == text


def test_answers_to_questions_make_playbooks_that_check() -> None:
    tried = 0
    others = itertools.cycle(itertools.product(ENDS, AGAIN))
    for start, first, then in itertools.product(STARTS, FIRST, THEN):
        ends, again = next(others)
        said = {
            "label": f"Tråd {start}: {first}", "start": start, "first": first, "then": then,
            "ends": ends, "again": again, "a_day": "40" if tried % 2 else "",
            "when": "country = 'ES' or size > 10" if tried % 3 else "",
        }  # fmt: skip
        text = written(said, AROUND)
        found = parse_playbook(text, card=CARD, templates=("offer",), connections=(), playbooks=())
        errors = [one for one in found.problems if one.severity == "error"]
        assert not errors, (text, errors)
        assert found.playbook is not None
        assert found.playbook.label == said["label"]
        tried += 1
    assert tried == len(STARTS) * len(FIRST) * len(THEN)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "'label'"),
        ({"label": "x", "start": "moon"}, "'start'"),
        ({"label": "x", "start": "score", "points": "many"}, "'points'"),
        ({"label": "x", "then": "call", "wait": "3 months"}, "'wait'"),
        ({"label": "x", "a_day": "-1"}, "'a_day'"),
        ({"label": "x", "colour": "red"}, "'colour'"),
        ({"label": "x", "template": "none"}, "'template'"),
    ],
)
def test_an_answer_that_cannot_be_meant_names_its_question(said: dict[str, str], told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        written(said, AROUND)
    assert raised.value.code == "draft-answer"


def test_without_a_card_the_questions_have_answers_too() -> None:
    asked = {one.name: one for one in questions(Around())}
    assert asked["event"].default
    text = written({"label": "7 days", "start": "event", "first": "call"}, Around())
    found = parse_playbook(text)
    assert found.playbook is not None
    assert found.playbook.id == "playbook-7-days"


def test_without_a_card_the_event_that_is_taken_is_one_of_the_lead() -> None:
    event = next(one for one in questions(Around()) if one.name == "event")
    assert event.default == "form_submitted"
