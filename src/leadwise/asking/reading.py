"""What the criteria and adjustments of a card look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import Adjustment, Card, Criterion, StateCriterion

Item: TypeAlias = Criterion | Adjustment


def items(card: Card) -> Iterator[Item]:
    """Everything that can be unknown, in the order of the card."""
    for dimension in card.dimensions:
        yield from dimension.criteria
        yield from dimension.adjustments
    yield from card.adjustments


def conditions(item: Item) -> tuple[Expression, ...]:
    """The conditions on the lead that an item has."""
    if isinstance(item, StateCriterion):
        return tuple(tier.when for tier in item.tiers)
    return () if item.when is None else (item.when,)


def read_by(item: Item) -> tuple[str, ...]:
    """The fields and measures that an item looks at, each once."""
    found = (name for condition in conditions(item) for name in tree.names(condition))
    return tuple(dict.fromkeys(found))
