"""What is worth asking, by a stored score alone: quick enough for a list of leads.

`leadwise.asking.questions` tries the answers and knows; this reads from the card what the answer to
something unknown can bring at most, within the ranges of its dimension and of the card.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from leadwise.asking.reading import Item, items, read_by
from leadwise.card.model import Adjustment, Card, Dimension, OccurrenceCriterion, StateCriterion
from leadwise.plan.lines import column_name


@dataclass(frozen=True, slots=True)
class Estimate:
    """Fields that nobody knows, and the most points (hundredths) that knowing them can bring.

    `most` is None where it depends on what the lead did.
    """

    fields: tuple[str, ...]
    most: int | None


def estimates(
    card: Card,
    amounts: Mapping[str, int],
    totals: Sequence[int],
    unknown: Collection[str],
    known: Collection[str],
) -> tuple[Estimate, ...]:
    """The fields worth asking for, the most promising first; those that bring nothing left out.

    `amounts` are the ledger's by the names of its lines, `totals` those of the dimensions,
    `unknown` the ids that could not be decided, `known` the fields that have a value.
    """
    names = {one.name for one in card.fields}
    unknown, score = frozenset(unknown), sum(amounts.values())
    found: dict[tuple[str, ...], int | None] = {}
    for item in items(card):
        if item.id not in unknown:
            continue
        fields = tuple(n for n in read_by(item) if n in names and n not in known)
        if not fields:
            continue
        place = next((n for n, d in enumerate(card.dimensions) if item in _of(d)), None)
        dimension = None if place is None else card.dimensions[place]
        total = score if place is None else totals[place]
        most = _most(item, amounts.get(column_name(item.id), 0), total)
        if most is not None:
            most = _raised(card, dimension, most, amounts, unknown)
            for limit, now in ((dimension.range.max if dimension else None, total),
                               (card.range.max, score)):  # fmt: skip
                most = most if limit is None else min(most, limit - now)
        before = found.get(fields, 0)
        found[fields] = None if most is None or before is None else before + max(most, 0)
    worth = [Estimate(fields, most) for fields, most in found.items() if most is None or most > 0]
    return tuple(sorted(worth, key=lambda one: -(one.most or 0)))


def _of(dimension: Dimension) -> tuple[Item, ...]:
    return (*dimension.criteria, *dimension.adjustments)


def _raised(
    card: Card, dimension: Dimension | None, points: int, amounts: Mapping[str, int],
    unknown: frozenset[str],
) -> int:  # fmt: skip
    """Points with all that the adjustments may add to them: those that raise, or may come to."""
    raising: list[Adjustment] = []
    for subtotal, several in ((dimension, dimension.adjustments if dimension else ()),
                              (None, card.adjustments)):  # fmt: skip
        # Of nothing an adjustment adds nothing, whether it applies or not.
        own = subtotal.criteria if subtotal else [c for d in card.dimensions for c in d.criteria]
        empty = sum(amounts.get(column_name(each.id), 0) for each in own) <= 0
        raising += [
            each for each in several if each.percent > 0
            and (empty or each.id in unknown or amounts.get(column_name(each.id), 0) > 0)
        ]  # fmt: skip
    for each in raising:
        points = -(-points * (10_000 + each.percent) // 10_000)
    return points


def _most(item: Item, given: int, total: int) -> int | None:
    """What an item can give at most beyond what it gives while it is unknown."""
    if isinstance(item, StateCriterion):
        return max(*(tier.points for tier in item.tiers), item.otherwise or 0) - given
    if isinstance(item, OccurrenceCriterion):
        return item.limit.points if item.limit and item.limit.points is not None else None
    return max(total * item.percent // 10_000, 0)
