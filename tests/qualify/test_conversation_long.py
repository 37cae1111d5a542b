"""Long and odd conversations: bounded, and no word of anybody is lost."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import pytest

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer, Quote
from leadwise.qualify.conversation.opening import MOST_CHARACTERS, open_conversation
from leadwise.qualify.embedded.reader import EmbeddedReader
from leadwise.qualify.embedded.sentences import LONGEST, sentences_of
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.reading import read
from leadwise.qualify.talk import Conversation, Turn

DAY = date(2026, 2, 3)
WORDS = "we have eighty thousand euros set aside and the team wants to start in spring because "


def talk(text: str) -> Conversation:
    return Conversation("call", DAY, (Turn("Ana (CFO, Nordlack)", "buyer", text),))


@pytest.mark.parametrize("text", [WORDS * 1000, "x" * 100_000, "a. " * 30_000, "1 " * 50_000])
def test_a_turn_without_full_stops_is_cut_and_nothing_is_left_out(text: str) -> None:
    found = sentences_of(talk(text))
    assert max(len(one.text) for one in found) <= LONGEST
    assert all(text.startswith(one.text, one.start) for one in found)
    between = [text[a.start + len(a.text) : b.start] for a, b in pairwise(found)]
    assert not "".join(between).strip()
    assert sum(len(one.text.split()) for one in found) >= len(text.split())


def test_a_long_sentence_is_cut_at_a_new_thought_not_in_an_amount() -> None:
    found = [one.text for one in sentences_of(talk(WORDS * 20))]
    assert len(found) > 1
    assert {one.split()[-1] for one in found[:-1]} <= {"and", "because", "aside", "spring"}
    assert " ".join(found) == (WORDS * 20).strip()


def test_what_stands_far_in_a_long_turn_is_found_with_a_short_quote() -> None:
    filler = "so the warehouse is fine and people come and go all day long and nobody minds it "
    text = filler * 100 + "and we have a budget of 80,000 euros set aside for this " + filler * 10
    bob = Turn("Bob (Account executive, Acme)", "seller", "What is your budget?")
    made = Conversation("call", DAY, (bob, Turn("Ana", "buyer", text)))
    answer = read(made, shipped_frame("bant"), EmbeddedReader(None)).answer("budget")
    assert (answer.status, answer.value["amount_min"]) == ("stated", 80_000)
    assert all(len(one.text) <= LONGEST for one in answer.quotes)


def test_more_talk_than_a_day_has_is_refused() -> None:
    text = "Ana: " + "we need it now. " * (MOST_CHARACTERS // 16 + 10)
    with pytest.raises(UserError, match="characters of talk") as refused:
        open_conversation(text.encode(), "x.txt", held_on=DAY)
    assert refused.value.code == "conversation-too-large"


def test_halves_of_characters_and_nul_become_marks_that_can_be_kept() -> None:
    said = {"speaker": "Ana\ud800", "side": "buyer", "text": "We have 80k \ud83d euros\x00 here"}
    data = json.dumps({"turns": [said], "title": "a\x00b"}).encode()
    made = open_conversation(data, "x.json", held_on=DAY)
    assert made.turns[0].text == "We have 80k \ufffd euros\ufffd here"
    assert (made.turns[0].speaker, made.title) == ("Ana\ufffd", "a\ufffdb")
    assert made.turns[0].text.encode()


@pytest.mark.parametrize("text", ["42", "null", '"hello"', "true", "[" * 100_000])
def test_json_without_anybody_is_no_conversation(text: str) -> None:
    with pytest.raises(UserError) as refused:
        open_conversation(text.encode(), "x.json", held_on=DAY)
    assert refused.value.code == "not-a-conversation"


def test_what_no_database_keeps_is_not_in_an_answer() -> None:
    class Odd:
        name = "odd/1"

        def read(self, conversation: Conversation, frame: Frame) -> tuple[Answer, ...]:
            value = {"title": "C\x00FO", "level": None, "items": ("a\ud800",)}
            quote = Quote(0, 0, "We decide")
            return (Answer("authority", "stated", value, 1.0, (quote,), "so\x00"),)

    (answer,) = read(talk("We decide."), shipped_frame("bant"), Odd()).answers
    assert answer.value == {"title": "C\ufffdFO", "level": None, "items": ("a\ufffd",)}
    assert answer.why == "so\ufffd"
