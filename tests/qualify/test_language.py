"""The language of a conversation: told, and where it is none of ours nothing is guessed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from leadwise.qualify.embedded.language import detect, foreign
from leadwise.qualify.embedded.reader import EmbeddedReader
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.reading import read
from leadwise.qualify.talk import Conversation, Turn

EVALS = Path(__file__).parents[2] / "evals"


def talk(text: str, language: str | None = None) -> Conversation:
    bob = Turn("Bob (Vendor)", "seller", "Budget?")
    return Conversation("call", date(2026, 2, 3), (bob, Turn("Ana", "buyer", text)), language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("予算は80,000ユーロです。三月に始めたいです。", "ja"),
        ("У нас есть 80 000 евро, я финансовый директор. Хотим начать в марте.", "ru"),
        ("Abbiamo un budget di 80.000 euro già approvato e vorremmo partire entro marzo.", "it"),
        ("We hebben een budget van 80.000 euro goedgekeurd en willen in maart beginnen.", "nl"),
    ],
)
def test_a_language_that_is_not_ours_is_not_guessed_at(text: str, language: str) -> None:
    assert foreign(talk(text)) == language
    reading = read(talk(text), shipped_frame("bant"), EmbeddedReader(None))
    assert {one.status for one in reading.answers} == {"not_discussed"}
    assert all("does not read" in one.why for one in reading.answers)


def test_what_the_conversation_says_of_itself_counts() -> None:
    assert foreign(talk("We have 80,000 euros.", "it")) == "it"
    assert foreign(talk("Abbiamo un budget di 80.000 euro già approvato e partiamo.", "es")) is None


@pytest.mark.parametrize("text", ["Yes.", "OK, 80k.", "Ja, genau.", "50 000 €", ""])
def test_a_few_words_are_not_taken_for_another_language(text: str) -> None:
    assert foreign(talk(text)) is None


def test_no_labelled_conversation_is_taken_for_another_language() -> None:
    told = 0
    for file in sorted((EVALS / "dev").glob("*.json")):
        found = json.loads(file.read_text("utf-8"))
        turns = tuple(Turn(one["speaker"], one["side"], one["text"]) for one in found["turns"])
        made = Conversation("call", date(2026, 2, 3), turns)
        assert foreign(made) is None, file.name
        told += detect(made) == found["language"]
    assert told >= 20
