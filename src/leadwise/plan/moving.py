"""The instants at which a condition on elapsed days may change by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import Card
from leadwise.card.values import FIRST_US, LAST_US
from leadwise.card.walk import lead_conditions
from leadwise.plan.nodes import DAY_US

# Days are compared as doubles: a threshold's own microsecond may fall on either side of it.
NEAR = (-1, 0, 1, 2)
LONGEST_DAYS = (LAST_US - FIRST_US) / DAY_US
"""No two instants lie further apart, so nothing turns there (and 64 bits might not hold it)."""


def thresholds(card: Card) -> dict[str, tuple[int, ...]]:
    """For each name whose elapsed days are compared with constants: these, in microseconds, rising.

    Every threshold comes with the microseconds next to it.
    """
    moving_measures = {m.name for m in card.measures if m.statistic.startswith("days_since")}
    found: dict[str, set[int]] = {}
    for _, condition in lead_conditions(card):
        for atom in tree.walk(condition):
            if not isinstance(atom, tree.Comparison | tree.Between | tree.In):
                continue
            constants = {c for part in tree.children(atom) if (c := constant(part)) is not None}
            near_by = [math.floor(c * DAY_US) for c in constants if abs(c) <= LONGEST_DAYS]
            edges = {edge + near for edge in near_by for near in NEAR}
            for name in _moving(atom, moving_measures):
                found.setdefault(name, set()).update(edges)
    return {name: tuple(sorted(edges)) for name, edges in found.items() if edges}


def constant(part: Expression) -> float | None:
    """The value of an expression of numbers alone; None for any other."""
    match part:
        case tree.Number(value):
            return value
        case tree.Negative(item):
            inner = constant(item)
            return None if inner is None else -inner
        case tree.Arithmetic(operator, left, right):
            first, second = constant(left), constant(right)
            if first is None or second is None or (operator == "/" and second == 0):
                return None
            by_operator = {
                "+": first + second,
                "-": first - second,
                "*": first * second,
                "/": first / second if second else 0.0,
            }
            return by_operator[operator]
        case _:
            return None


def _moving(atom: Expression, moving_measures: set[str]) -> Iterator[str]:
    for part in tree.walk(atom):
        match part:
            case tree.Name(name) if name in moving_measures:
                yield name
            case tree.Call("days_since", (tree.Name(name),)):
                yield name
