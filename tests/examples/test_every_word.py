"""The example `everything` leaves out no word of the language, no operator and no function."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from leadwise.card import Card, json_schema, load
from leadwise.card import expression as tree
from leadwise.card.expression import Expression, children
from leadwise.card.model import OccurrenceCriterion, StateCriterion, Statistic, ValueType

CARD = Path(__file__).parents[2] / "examples" / "everything" / "card.yaml"


def words_of(schema: Any) -> Iterator[str]:
    """Every key that the JSON Schema of cards names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from words_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from words_of(part)


def conditions(card: Card) -> Iterator[Expression]:
    """Every condition of a card."""
    for measure in card.measures:
        yield from filter(None, [measure.occurrences.where])
    for criterion in card.criteria:
        match criterion:
            case StateCriterion():
                yield from (tier.when for tier in criterion.tiers)
            case OccurrenceCriterion():
                yield from filter(None, [criterion.occurrences.where, criterion.when])
    adjustments = [*card.adjustments, *(a for d in card.dimensions for a in d.adjustments)]
    yield from (adjustment.when for adjustment in adjustments)


def nodes(expression: Expression) -> Iterator[Expression]:
    yield expression
    for child in children(expression):
        yield from nodes(child)


def test_every_key_of_the_language_is_used() -> None:
    words = set(words_of(json_schema()))
    assert {"card", "half_life", "percent", "otherwise"} <= words
    text = CARD.read_text()
    assert {word for word in words if not re.search(rf"\b{word}:\s", text)} == set()


def test_every_type_and_statistic_is_used() -> None:
    card = load(CARD)
    assert {field.type for field in card.fields} == set(get_args(ValueType))
    assert {measure.statistic for measure in card.measures} == set(get_args(Statistic))
    kinds = [criterion for criterion in card.criteria if isinstance(criterion, OccurrenceCriterion)]
    assert any(kind.occurrences.on == ("any",) for kind in kinds)
    assert any(len(kind.occurrences.on) > 1 for kind in kinds)
    assert any(kind.when for kind in kinds)
    assert {band.above for band in card.bands[1:]} == {True, False}


def test_every_operator_and_function_is_used() -> None:
    parts = [node for condition in conditions(load(CARD)) for node in nodes(condition)]
    assert {type(part) for part in parts} == set(get_args(tree.Expression))
    for kind, values in (
        (tree.Comparison, tree.ComparisonOperator),
        (tree.Arithmetic, tree.ArithmeticOperator),
    ):
        assert {part.operator for part in parts if isinstance(part, kind)} == set(get_args(values))
    called = {part.function for part in parts if isinstance(part, tree.Call)}
    assert called == set(get_args(tree.Function))
    for negatable in (tree.In, tree.Like, tree.IsNull):
        said = {part.negated for part in parts if isinstance(part, negatable)}
        assert said == {True, False}, negatable
