"""The step `decided`: every condition on a lead, asked once and remembered as a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from sqlglot import exp

from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    OccurrenceCriterion,
    StateCriterion,
)
from leadwise.plan import nodes
from leadwise.plan.conditions import Reading, predicate
from leadwise.plan.lines import column_name
from leadwise.plan.nodes import Node
from leadwise.plan.steps import Step

UNDECIDED = -1


def state(line_id: str) -> Node:
    """Which tier won (from 1), 0 for none, -1 where it could not be decided."""
    return nodes.column(state_name(line_id))


def state_name(line_id: str) -> str:
    return f"_{column_name(line_id)}_state"


def decided_step(
    card: Card, reading: Reading, carried: Sequence[str], extra: Sequence[Node] = ()
) -> Step:
    """Every condition on a lead, decided once; of the lead itself only `carried` goes on."""
    select = exp.select(*(nodes.column(name) for name in carried))
    select = select.from_(nodes.relation("measured"), copy=False)
    for criterion in card.criteria:
        conditions = _conditions(criterion)
        if conditions:
            node = _decided(conditions, reading)
            select = select.select(nodes.named(node, state_name(criterion.id)), copy=False)
    for adjustment in all_adjustments(card):
        node = _decided([adjustment.when], reading)
        select = select.select(nodes.named(node, state_name(adjustment.id)), copy=False)
    about = "Which tier is true: its number, 0 for none, -1 where it cannot be decided."
    return Step("decided", about, select.select(*extra, copy=False), barrier=True)


def _conditions(criterion: Criterion) -> tuple[Expression, ...]:
    match criterion:
        case StateCriterion():
            return tuple(tier.when for tier in criterion.tiers)
        case OccurrenceCriterion():
            return (criterion.when,) if criterion.when is not None else ()
        case _:
            assert_never(criterion)


def _decided(conditions: Sequence[Expression], reading: Reading) -> Node:
    decided = [predicate(condition, reading) for condition in conditions]
    branches = [(condition, nodes.whole(n)) for n, condition in enumerate(decided, 1)]
    undecided = _undecided(conditions, decided, reading)
    if undecided is not None:
        branches.append((undecided, nodes.whole(UNDECIDED)))
    return nodes.case(branches, nodes.whole(0))


def _undecided(
    conditions: Sequence[Expression], decided: Sequence[Node], reading: Reading
) -> Node | None:
    """Where none of the conditions is true: whether one of them cannot be decided.

    None where all can always be. Conditions that hang on one name alone are undecided where that is
    NULL: to ask that reads better than all of them once more, and is quicker.
    """
    names = {name for condition in conditions for name in tree.names(condition)}
    strict = all(_strict(condition) for condition in conditions)
    if strict and names and all(reading.names[name].always_known for name in names):
        return None
    if strict and len(names) == 1:
        return nodes.is_null(reading.names[names.pop()].node.copy())
    return nodes.is_null(nodes.any_of([node.copy() for node in decided]))


def _strict(condition: Expression) -> bool:
    """Whether it is undecided exactly where one of its names is NULL, if it has but one name."""
    for part in tree.walk(condition):
        match part:
            case tree.IsNull() | tree.Call("coalesce") | tree.Arithmetic("/") | tree.Boolean():
                return False
            case tree.Comparison() | tree.In() | tree.Between() if not tree.names(part):
                return False
    return True


def all_adjustments(card: Card) -> Iterator[Adjustment]:
    for dimension in card.dimensions:
        yield from dimension.adjustments
    yield from card.adjustments
