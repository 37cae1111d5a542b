"""What each criterion gives and its limit takes, as whole hundredths (BIGINT)."""

from __future__ import annotations

from typing import assert_never

from leadwise.card.model import (
    Card,
    Criterion,
    OccurrenceCriterion,
    StateCriterion,
)
from leadwise.plan import nodes
from leadwise.plan.decided import UNDECIDED, state
from leadwise.plan.lines import column_name, points_limit
from leadwise.plan.nodes import Node
from leadwise.plan.passes import Passes
from leadwise.plan.slots import amount_slot, counted
from leadwise.plan.steps import Step, onward


def amount(line_id: str) -> Node:
    return nodes.column(column_name(line_id))


def amounts_step(card: Card, found: Passes) -> Step:
    """What each criterion gives, before its limit."""
    select = onward("decided")
    for criterion in card.criteria:
        node = nodes.big(_amount(criterion, card, found))
        select = select.select(nodes.named(node, column_name(criterion.id)), copy=False)
    return Step("amounts", "What each criterion gives, in hundredths.", select, barrier=True)


def _amount(criterion: Criterion, card: Card, found: Passes) -> Node:
    match criterion:
        case StateCriterion():
            branches = [
                (nodes.equal(state(criterion.id), nodes.whole(n)), nodes.whole(tier.points))
                for n, tier in enumerate(criterion.tiers, 1)
            ]
            if criterion.unknown:
                undecided = nodes.equal(state(criterion.id), nodes.whole(UNDECIDED))
                branches.append((undecided, nodes.whole(criterion.unknown)))
            if criterion.otherwise:
                none = nodes.equal(state(criterion.id), nodes.whole(0))
                branches.append((none, nodes.whole(criterion.otherwise)))
            return nodes.case(branches, nodes.whole(0))
        case OccurrenceCriterion():
            earned = _earned(criterion, card, found)
            if criterion.when is None:
                return earned
            true = nodes.equal(state(criterion.id), nodes.whole(1))
            return nodes.when(true, earned, nodes.whole(0))
        case _:
            assert_never(criterion)


def weight(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    """The unrounded hundredths of a criterion with half-life, before its limit."""
    slot = nodes.column(found.columns[amount_slot(criterion, card)])
    return nodes.times(slot, nodes.number(float(criterion.points)))


def occurrences(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    """How many occurrences count."""
    slot, cap = counted(criterion, card)
    node = nodes.column(found.columns[slot])
    return nodes.smaller(node, nodes.whole(cap)) if cap is not None else node


def _earned(criterion: OccurrenceCriterion, card: Card, found: Passes) -> Node:
    if criterion.half_life:
        return nodes.rounded(weight(criterion, card, found))
    return nodes.times(occurrences(criterion, card, found), nodes.whole(criterion.points))


def limits_step(card: Card) -> Step | None:
    """What limits of points take away."""
    limited = [(c, most) for c in card.criteria if (most := points_limit(c)) is not None]
    if not limited:
        return None
    select = onward("amounts")
    for criterion, most in limited:
        beyond = nodes.more if most > 0 else nodes.less
        earned = amount(criterion.id)
        cut = nodes.when(
            beyond(earned, nodes.whole(most)),
            nodes.minus(nodes.whole(most), earned.copy()),
            nodes.whole(0),
        )
        select = select.select(
            nodes.named(nodes.big(cut), f"{column_name(criterion.id)}__limit"), copy=False
        )
    return Step("limits", "What limits of points take away.", select)


def net(criterion: Criterion) -> list[Node]:
    """The criterion's own lines: its amount and its limit."""
    parts = [amount(criterion.id)]
    if points_limit(criterion) is not None:
        parts.append(nodes.column(f"{column_name(criterion.id)}__limit"))
    return parts
