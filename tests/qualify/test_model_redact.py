"""What says who somebody is does not leave the machine; amounts and days do, unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leadwise.qualify.provider.redact import redact
from leadwise.qualify.provider.windows import windows


@pytest.mark.parametrize(
    ("language", "text", "sent"),
    [
        ("en", "Mail ana.ruiz@fabrik.example or +34 600 123 456.",
         "Mail [email-1] or [phone-1]."),
        ("en", "It is 020 7946 0958, ask for Jo.", "It is [phone-1], ask for Jo."),
        ("en", "REF 20260304001 and", "REF [number-1] and"),
        ("de", "Tel. 0171 2345678, Budget 120.000 Euro", "Tel. [phone-1], Budget 120.000 Euro"),
        ("de", "IBAN DE89 3704 0044 0532 0130 00.", "IBAN [number-1]."),
        ("en", "Card 4111 1111 1111 1111, please", "Card [number-1], please"),
        ("fi", "Soita 040 123 4567", "Soita [phone-1]"),
        ("fr", "au 06 12 34 56 78 demain", "au [phone-1] demain"),
        ("es", "mi móvil es 612345678", "mi móvil es [phone-1]"),
    ],
)  # fmt: skip
def test_what_says_who_somebody_is_is_taken_out(language: str, text: str, sent: str) -> None:
    made = redact([text], language)
    assert made.texts == (sent,)
    assert made.restore(sent) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "80-90k, $1,250,000 or 12,500,000 units"),
        ("fr", "un budget de 600 000 000 euros, entre 100 000 et 200 000"),
        ("fi", "budjetti on 1 250 000 euroa tai 50 000 e"),
        ("de", "120.000.000 Euro am 12.03.2026"),
        ("en", "on 2026-03-04 at 14:30, 12 to 14 weeks"),
        ("es", "presupuesto 250.000 al año, 612.345.678 pesos"),
    ],
)
def test_amounts_and_days_stay(language: str, text: str) -> None:
    assert redact([text], language).texts == (text,)


def test_the_same_is_called_the_same_and_a_name_that_was_said_is_not_given() -> None:
    made = redact(["a@x.example said [email-1] to b@x.example", "a@x.example"], "en")
    assert made.texts == ("[email-2] said [email-1] to [email-3]", "[email-2]")
    assert made.restore(made.texts[0]).startswith("a@x.example said [email-1]")


@given(some.lists(some.text(max_size=80) | some.from_regex(r"(\+?\d[\d ()-]{0,20}|\w@\w\.\w|,)*"),
                  max_size=4))  # fmt: skip
def test_whatever_is_taken_out_can_be_put_back(texts: list[str]) -> None:
    made = redact(texts, "en")
    assert [made.restore(one) for one in made.texts] == texts


@given(
    some.lists(some.text(alphabet="ab .\n", max_size=300), max_size=12),
    some.integers(min_value=20, max_value=200),
    some.integers(min_value=0, max_value=5),
)
def test_windows_leave_nothing_out(texts: list[str], size: int, overlap: int) -> None:
    whole = windows(texts, size, 0)
    for turn, text in enumerate(texts):
        said = "".join(piece.text for one in whole for piece in one if piece.turn == turn)
        assert said.split() == text.split()
    made = windows(texts, size, overlap)
    assert {piece for one in made for piece in one} == {piece for one in whole for piece in one}
    for one in made:
        assert len(one) == 1 or sum(len(piece.text) for piece in one) <= size


def test_windows_overlap_and_go_on() -> None:
    made = windows([f"turn {n} " + "x" * 30 for n in range(10)], 160, 1)
    turns = [[piece.turn for piece in one] for one in made]
    assert turns[0] == [0, 1, 2, 3]
    assert turns[1][0] == 3
    assert turns[-1][-1] == 9
    assert sorted({turn for one in turns for turn in one}) == list(range(10))


def test_a_very_long_turn_is_cut_at_a_sentence() -> None:
    (first, *_), *others = windows(["One sentence. " * 100], 200, 2)
    assert first.text.endswith(". ")
    assert others
