"""Answers of the parts of a long conversation become one."""

from __future__ import annotations

from datetime import date

from leadwise.qualify.answer import Answer, Quote, Value, not_discussed
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.reconcile import reconciled
from leadwise.qualify.talk import Conversation, Turn

BANT = shipped_frame("bant")
TALK = Conversation(
    "call",
    date(2026, 1, 15),
    (
        Turn("Ana", "buyer", "Fifty thousand. Or sixty."),
        Turn("Tom", "seller", "Sixty?"),
        Turn("Ben", "buyer", "Twenty at most."),
        Turn("Ana", "buyer", "Yes, sixty. Every day it breaks."),
    ),
)


def money(turn: int, low: float, confidence: float = 0.9) -> Answer:
    value = {"amount_min": low, "amount_max": low, "currency": "EUR"}
    return Answer("budget", "stated", value, confidence, (Quote(turn, 0, "x"),))


def one(question: str, *answers: Answer) -> Answer:
    return reconciled(answers, BANT.question(question), TALK)


def test_what_was_not_discussed_says_nothing() -> None:
    assert one("budget", not_discussed("budget"), money(0, 5), not_discussed("budget")) == (
        money(0, 5)
    )
    assert one("budget", not_discussed("budget", "asked and evaded")).why == "asked and evaded"


def test_the_same_said_twice_keeps_both_quotes() -> None:
    made = one("budget", money(0, 60_000, 0.7), money(3, 60_000.0))
    assert made.quotes == (Quote(0, 0, "x"), Quote(3, 0, "x"))
    assert made.confidence == 0.9


def test_the_same_person_corrects_what_was_said() -> None:
    made = one("budget", money(0, 50_000), money(3, 60_000))
    assert made.value["amount_min"] == 60_000
    assert made.quotes == (Quote(3, 0, "x"),)


def test_people_who_differ_contradict() -> None:
    made = one("budget", money(0, 50_000), money(2, 20_000))
    assert made.status == "contradicted"
    assert made.value == {}
    assert {quote.turn for quote in made.quotes} == {0, 2}


def test_there_is_none_after_an_amount_by_the_same_person_wins() -> None:
    none = Answer("budget", "none", {}, 0.9, (Quote(3, 0, "x"),))
    assert one("budget", money(0, 50_000), none).status == "none"


def test_a_contradiction_seen_in_a_part_stays() -> None:
    split = Answer("budget", "contradicted", {}, 0.8, (Quote(2, 0, "x"),))
    assert one("budget", money(0, 50_000), split).status == "contradicted"


def test_points_of_a_need_are_put_together_and_the_stronger_match_counts() -> None:
    def need(match: str, *items: str) -> Answer:
        value: Value = {"match": match, "items": items, "coverage": 25.0 * len(items),
                        "intensity": None}  # fmt: skip
        return Answer("need", "stated", value, 0.8, (Quote(3, 0, "x"),))

    made = one("need", need("full", "a", "b"), need("partial", "b", "c"))
    assert made.value["match"] == "full"
    assert sorted(made.value["items"] or ()) == ["a", "b", "c"]
    assert made.value["coverage"] == 75.0


def test_pieces_of_authority_complete_one_another() -> None:
    level = Answer("authority", "stated", {"level": "vp", "role": None, "title": "VP Ops"}, 0.9,
                   (Quote(0, 0, "x"),))  # fmt: skip
    role = Answer("authority", "stated", {"level": None, "role": "decision_maker", "title": None},
                  0.7, (Quote(3, 0, "x"),))  # fmt: skip
    made = one("authority", level, role)
    assert made.value == {"level": "vp", "role": "decision_maker", "title": "VP Ops"}
    assert len(made.quotes) == 2
