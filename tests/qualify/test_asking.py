"""What to ask next: what brings most under a card comes first, in the frame's own words."""

from __future__ import annotations

from leadwise.asking.estimates import Estimate
from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.qualify.asking import to_ask, worth_of, worth_under
from leadwise.qualify.frame.parse import frame_of
from leadwise.qualify.frame.shipped import shipped_frame

_CARD = """
card: deals
version: 1
fields:
  budget_usd: {type: number}
  timeline_months: {type: number}
  need_match: {type: choice, choices: [full, partial, low]}
dimensions:
  - id: all
    label: All
    criteria:
      - {id: soon, label: Soon, when: timeline_months <= 3, points: 40}
      - {id: sooner, label: Sooner, when: timeline_months <= 1, points: 5}
      - {id: money, label: Money, when: budget_usd >= 1000, points: 30}
"""


def card() -> Card:
    found = parse(_CARD).card
    assert found
    return found


def test_the_question_worth_most_comes_first() -> None:
    bant = shipped_frame("bant")
    worth = worth_under(bant, card())
    assert worth == {"timeline": 4500, "budget": 3000}
    asked = to_ask(bant, {}, worth)
    assert [(one.question, one.most) for one in asked] == [
        ("timeline", 4500), ("budget", 3000), ("authority", 0), ("need", 0),
    ]  # fmt: skip


def test_what_is_known_is_not_worth_asking() -> None:
    assert worth_under(shipped_frame("bant"), card(), ["budget_usd"]) == {"timeline": 4500}


def test_stated_and_none_are_answers_but_a_contradiction_is_asked_again() -> None:
    asked = to_ask(
        shipped_frame("bant"),
        {"budget": "stated", "authority": "none", "need": "contradicted"},
    )
    assert [(one.question, one.status, one.most) for one in asked] == [
        ("need", "contradicted", None), ("timeline", "not_discussed", None),
    ]  # fmt: skip


def test_the_wording_is_the_frames_in_the_language_asked_for() -> None:
    (first, *_) = to_ask(shipped_frame("bant"), {}, language="de")
    assert first.ask.startswith("Wie finanzieren Sie")
    assert len(first.more) == 2
    assert first.help.startswith("Notieren Sie")
    (english, *_) = to_ask(shipped_frame("bant"), {}, language="pl")
    assert english.ask.startswith("How do you usually fund")


def test_a_question_without_open_questions_is_asked_plainly() -> None:
    frame = frame_of("""
frame: own
version: 1
label: Own
questions:
  - {id: size, kind: number, label: Size}
  - {id: tools, kind: text, label: Tools, plain: Which tools do you use?}
""")
    assert [one.ask for one in to_ask(frame, {})] == ["Size", "Which tools do you use?"]


def test_fields_of_several_criteria_add_up_and_unknown_worth_comes_before_none() -> None:
    bant = shipped_frame("bant")
    worth = worth_of(
        bant,
        [
            Estimate(("budget_usd",), 1000),
            Estimate(("budget_usd", "timeline_months"), 500),
            Estimate(("need_match",), None),
            Estimate(("country",), 9000),
        ],
    )
    assert worth == {"budget": 1500, "timeline": 500, "need": None}
    order = [one.question for one in to_ask(bant, {}, worth)]
    assert order == ["budget", "timeline", "need", "authority"]
