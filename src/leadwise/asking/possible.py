"""Answers worth trying: for each field, the values that could make a difference to the card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadwise.asking.instants import DAY_US
from leadwise.asking.reading import conditions, items
from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import Card, Variable
from leadwise.card.scopes import lead_scope
from leadwise.card.trial_values import Space, values_of


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
        for days in space.constants.get(f"days_since({field.name})", ()):
            values += [as_of_us - int(float(days) * DAY_US) + step for step in (-1, 1)]
        for condition in everything:
            values += [*_texts(condition, field), *_numbers(condition, field)]
        known = (int(v) if isinstance(v, bool) else v for v in values if v is not None)
        found[field.name] = list(dict.fromkeys(known))
    return found


def _texts(condition: Expression, field: Variable) -> Iterator[str]:
    """Texts that a like, contains, starts_with or lower(...) = with this field is true of."""
    if field.type != "text":
        return
    for part in tree.walk(condition):
        match part:
            case tree.Like(item, pattern) if field.name in tree.names(item):
                yield pattern.replace("%", "").replace("_", "x")
            case tree.Call("contains" | "starts_with", (item, tree.Text(wanted))) | tree.Comparison(
                _, item, tree.Text(wanted)
            ) if field.name in tree.names(item):
                yield wanted
            case tree.In(item, values) if field.name in tree.names(item):
                yield from (value.value for value in values if isinstance(value, tree.Text))


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
