"""Laws that hold for every condition, every card and every text (Hypothesis)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leadwise.card import (
    Card,
    content_hash,
    diff,
    format_card,
    format_condition,
    format_json,
    format_text,
    json_schema,
    parse,
    parse_condition,
    plain_card,
)
from leadwise.card.expression import Expression
from leadwise.card.tokens import ConditionError
from leadwise.errors import CardError
from tests.card.strategies import cards, expressions
from tests.many import of_hundred

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/card*.yaml"))
# Shrinking a card takes minutes: the failing one is shown as it was found.
QUICK = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
VALIDATOR = Draft202012Validator(json_schema())


@given(expressions())
@settings(QUICK, max_examples=of_hundred(100))
def test_a_written_condition_reads_back_as_itself(tree: Expression) -> None:
    text = format_condition(tree)
    assert parse_condition(text) == tree
    assert format_condition(parse_condition(text)) == text


@given(st.text(max_size=60) | st.text("ab'=<>()+-*/,. not and or in 12", max_size=60))
@settings(QUICK, max_examples=of_hundred(100))
def test_any_text_is_a_condition_or_a_condition_error(text: str) -> None:
    tree, error = _condition_or_error(text)
    if error is not None:
        assert error.message
        assert 0 <= error.span[0] <= error.span[1] <= len(text)
    else:
        assert tree is not None
        assert parse_condition(format_condition(tree)) == tree


def _condition_or_error(text: str) -> tuple[Expression | None, ConditionError | None]:
    try:
        return parse_condition(text), None
    except ConditionError as error:
        return None, error


@given(cards())
@settings(QUICK, max_examples=of_hundred(30))
def test_a_written_card_reads_back_as_itself(card: Card) -> None:
    text = format_card(card)
    parsed = parse(text)
    assert parsed.errors == ()
    assert parsed.card == card
    assert format_card(parsed.card) == text
    assert format_text(text) == text
    assert parse(format_json(card)).card == card
    assert content_hash(parsed.card) == content_hash(card)
    assert diff(card, parsed.card) == ()


@given(cards(), cards())
@settings(QUICK, max_examples=of_hundred(20))
def test_hash_and_diff_tell_cards_apart(one: Card, two: Card) -> None:
    assert (content_hash(one) == content_hash(two)) == (one == two)
    assert (diff(one, two) == ()) == (one == two)
    assert diff(one, replace(one, version=one.version + 1)) != ()


@given(cards())
@settings(QUICK, max_examples=of_hundred(20))
def test_every_card_fits_the_json_schema(card: Card) -> None:
    assert list(VALIDATOR.iter_errors(plain_card(card))) == []


@given(st.text(max_size=300) | st.text("abc: -[]{}\"'\n#&*!|>%@`?,", max_size=300))
@settings(QUICK, max_examples=of_hundred(100))
def test_any_text_is_a_card_or_has_problems(text: str) -> None:
    _check_any(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
@given(data=st.data())
@settings(QUICK, max_examples=of_hundred(10))
def test_mutations_of_a_good_card(path: Path, data: st.DataObject) -> None:
    """Pieces of a card cut out, doubled, exchanged or replaced."""
    text = path.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        piece = data.draw(
            st.sampled_from(["", text[start:end] * 2, "null", "'", "{", "]", "\n", ": ", "- ",
                             "1e9",
                             "on", "*a", "&a", "!x", "\t", "x" * 30, "-0", "'' or 1=1 --"])
            | st.text(max_size=5)
        )  # fmt: skip
        text = text[:start] + piece + text[end:]
    _check_any(text)


def _check_any(text: str) -> None:
    parsed = parse(text)
    if parsed.card is None:
        assert parsed.errors
        with pytest.raises(CardError):
            format_text(text)
        for problem in parsed.problems:
            assert problem.message
            assert problem.code
            assert problem.where.line is not None
            assert problem.where.line >= 1
    else:
        assert not parsed.errors
        assert parse(format_card(parsed.card)).card == parsed.card
        formatted = format_text(text)
        assert parse(formatted).card == parsed.card
        assert format_text(formatted) == formatted
