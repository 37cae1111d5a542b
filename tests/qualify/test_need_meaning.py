"""The need by what sentences mean, where the sentence model is installed."""

from __future__ import annotations

from datetime import date

import pytest

from leadwise.qualify.answer import Answer
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.need.outcome import CLASSES, OUTCOMES, outcome
from leadwise.qualify.embedded.need.read import read_need
from leadwise.qualify.embedded.shades import shares
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.frame.model import Question
from leadwise.qualify.talk import Conversation, Turn

QUESTION = Question("need", "need", {"en": "Need"})
PRODUCT = "HiveWatch: scales under beehives. Solves: swarms that leave, hives that starve."


def need(*said: str, language: str = "en") -> Answer:
    """A conversation: "S: ..." is the seller's, "B: ..." and "C: ..." two buyers'."""
    if sentence_model() is None:
        pytest.skip("the sentence model is not installed")
    turns = tuple(Turn(one[0], "seller" if one[0] == "S" else "buyer", one[3:]) for one in said)
    talk = Conversation("call", date(2026, 3, 2), turns, language, PRODUCT)
    return read_need(hear(talk, sentence_model(), language), QUESTION)


def test_a_pain_said_in_new_words_is_heard() -> None:
    found = need(
        "S: What brings you here?",
        "B: Forty colonies starved over the winter and the bank is asking what I intend to do. "
        "I won't survive a second one.",
    )
    assert (found.status, found.value["match"]) == ("stated", "full")


def test_a_bare_no_is_heard_with_its_question() -> None:
    found = need(
        "S: Do you lose swarms, do your hives starve?",
        "B: Never.",
        "S: And is there anything there that you would like to improve?",
        "B: No, nothing.",
    )
    assert found.status == "none"
    assert found.quotes


def test_somebody_elses_pain_is_not_theirs() -> None:
    found = need(
        "S: Do you lose swarms?",
        "B: I couldn't tell you, I only started here on Monday.",
        "B: The neighbour had a terrible time with it, I hear.",
    )
    assert found.status == "not_discussed"


def test_who_is_told_that_it_is_not_so_is_contradicted() -> None:
    found = need(
        "B: We lose swarms every week, it is a catastrophe.",
        "C: That is not true, we haven't lost a single swarm, everything is fine.",
    )
    assert found.status == "contradicted"
    assert [one.turn for one in found.quotes] == [0, 1]


def test_two_who_agree_are_not_contradicted() -> None:
    found = need(
        "B: We lose swarms every week, it is a catastrophe.",
        "C: No, it cannot go on, it really is the worst of all our problems.",
    )
    assert (found.status, found.value["match"]) == ("stated", "full")


def test_without_the_model_nothing_is_heard() -> None:
    assert outcome(()) is None


def test_the_classes_are_those_of_the_sentences() -> None:
    found = shares("need", ["It hurts."], sentence_model())
    if found is None:
        pytest.skip("the sentence model is not installed")
    assert set(found[0]) == set(CLASSES)
    assert set(OUTCOMES) == {"full", "partial", "low", "none", "not_discussed"}
