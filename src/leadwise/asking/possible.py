"""Answers worth trying: for each field, the values that could make a difference to the card."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from leadwise.asking.instants import DAY_US
from leadwise.asking.reading import conditions, items
from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import Card, Variable
from leadwise.card.scopes import lead_scope
from leadwise.card.trial_values import Space, values_of
from leadwise.card.values import FIRST_US, LAST_US
from leadwise.engines.entry.cells import folded

MOST_DAYS = 1e7  # more than lie between any two instants


def possible_values(card: Card, as_of_us: int) -> dict[str, list[Any]]:
    """Values of each field as the plan keeps them (booleans 0 and 1, times in microseconds).

    For plain comparisons with constants they suffice; where a condition calculates with a field or
    looks into a text they are good guesses.
    """
    scope = lead_scope(card)
    space = Space(scope)
    everything = [condition for item in items(card) for condition in conditions(item)]
    for condition in everything:
        space.gather(condition)
    found: dict[str, list[Any]] = {}
    for field in card.fields:
        constants = frozenset(space.constants.get(field.name, ()))
        values: list[Any] = list(values_of(scope.get(field.name), constants))
        if field.type == "time":
            edges = [int(constant) for constant in constants]
            days = map(float, space.constants.get(f"days_since({field.name})", ()))
            edges += [as_of_us - int(n * DAY_US) for n in days if abs(n) < MOST_DAYS]
            edges = edges or [as_of_us]
            values = [*_days(edges), *values, *(edge + step for edge in edges for step in (-1, 1))]
            values = [v for v in values if v is not None and FIRST_US <= v <= LAST_US]
        for condition in everything:
            values += [text for text, _ in _texts(condition, field)]
            values += [n for n in _numbers(condition, field) if math.isfinite(n)]
        known = (int(v) if isinstance(v, bool) else v for v in values if v is not None)
        found[field.name] = list(dict.fromkeys(known))
    return found


def text_meant(card: Card, field: Variable, value: str) -> str:
    """What a text that was tried stands for: itself, each text of a pattern, or any other text."""
    everything = [condition for item in items(card) for condition in conditions(item)]
    meant = [words for c in everything for text, words in _texts(c, field) if text == value]
    if not meant:
        return "any other text"
    return next((words for words in meant if words.startswith("'")), meant[0])


def _days(edges: list[int]) -> Iterator[int]:
    """The days beside each edge: the first answers tried are those that a person would give."""
    for edge in edges:
        before = (edge - 1) // DAY_US * DAY_US
        yield before
        yield (edge // DAY_US + 1) * DAY_US


def _texts(condition: Expression, field: Variable) -> Iterator[tuple[str, str]]:
    """Texts that a comparison, like, contains or starts_with with this field is true of, each with
    what it stands for."""
    if field.type != "text":
        return
    for part in tree.walk(condition):
        match part:
            case tree.Like(item, pattern) if field.name in tree.names(item):
                yield (
                    folded(pattern.replace("%", "").replace("_", "x"), field.fold),
                    (f"like '{pattern}'"),
                )
            case tree.Call("contains", (item, tree.Text(wanted))) if field.name in tree.names(item):
                yield folded(wanted, field.fold), f"with '{wanted}' in it"
            case tree.Call("starts_with", (item, tree.Text(start))) if field.name in tree.names(
                item
            ):
                yield folded(start, field.fold), f"beginning with '{start}'"
            case tree.Comparison(_, left, right):
                for item, other in ((left, right), (right, left)):
                    if isinstance(other, tree.Text) and field.name in tree.names(item):
                        text = folded(other.value, field.fold)
                        yield text, f"'{text}'"
            case tree.In(item, values) if field.name in tree.names(item):
                for one in values:
                    if isinstance(one, tree.Text):
                        text = folded(one.value, field.fold)
                        yield text, f"'{text}'"


def _numbers(condition: Expression, field: Variable) -> Iterator[float]:
    """Numbers around the constants that a calculation with this field is compared with."""
    if field.type != "number":
        return
    for part in tree.walk(condition):
        calculates = any(isinstance(inner, tree.Arithmetic) for inner in tree.walk(part))
        if calculates and field.name in tree.names(part):
            for number in tree.walk(part):
                if isinstance(number, tree.Number):
                    yield from (number.value, 2 * number.value + 1, -number.value - 1)
            yield from (0.0, 1.0)
