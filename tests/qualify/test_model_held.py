"""Quotes are found where they stand, as they stand, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leadwise.qualify.answer import is_verbatim
from leadwise.qualify.provider.held import locate
from leadwise.qualify.talk import Conversation, Turn


def talk(*texts: str) -> Conversation:
    turns = tuple(Turn(f"P{n}", "buyer", text) for n, text in enumerate(texts))
    return Conversation("call", date(2026, 1, 15), turns)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("it's 80-90k", "it’s 80–90k"),
        ("signed off", "signed\n  off"),
        ('the "big" one', "the “big” one"),
        ("a+b (c)", "a+b (c)"),
        ("ÄITI", None),
        ("signed of", "signed\n  of"),
        ("signed … off", None),
        ("", None),
        ("   ", None),
    ],
)
def test_blanks_and_shapes_may_differ_words_may_not(words: str, found: str | None) -> None:
    text = "Well, it’s 80–90k, signed\n  off, the “big” one, a+b (c), äiti."
    quote = locate(talk(text), 0, words)
    assert (quote.text if quote else None) == found
    assert quote is None or is_verbatim(quote, talk(text))


def test_words_that_stand_in_several_other_turns_are_not_guessed() -> None:
    said = talk("Yes.", "Eighty thousand.", "Yes.")
    assert locate(said, 1, "Yes.") is None
    moved = locate(said, 0, "Eighty thousand.")
    assert moved is not None
    assert moved.turn == 1
    assert locate(said, -1, "Yes.") is None
    assert locate(said, 99, "Eighty") is not None


@given(
    some.lists(some.text(alphabet="ab .'’-–\n(*", max_size=30), min_size=1, max_size=4),
    some.integers(min_value=-3, max_value=6),
    some.text(alphabet="ab .'’-–\n(*", max_size=12),
)
def test_a_quote_that_is_found_is_verbatim(texts: list[str], turn: int, words: str) -> None:
    said = talk(*texts)
    quote = locate(said, turn, words)
    assert quote is None or is_verbatim(quote, said)
