"""The least and the most that a card can give, as far as its numbers alone tell.

Bounds are never too narrow: what conditions exclude together is not looked at. In hundredths;
None is without bound.
"""

from __future__ import annotations

from typing import TypeAlias

from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    OccurrenceCriterion,
    Range,
    StateCriterion,
)

Bounds: TypeAlias = tuple[int | None, int | None]


def score_range(card: Card) -> Bounds:
    """The least and the most score of any lead."""
    total: Bounds = (0, 0)
    for dimension in card.dimensions:
        part: Bounds = (0, 0)
        for criterion in dimension.criteria:
            part = _add(part, criterion_range(criterion))
        for adjustment in dimension.adjustments:
            part = _adjusted(part, adjustment)
        total = _add(total, _clamped(part, dimension.range))
    for adjustment in card.adjustments:
        total = _adjusted(total, adjustment)
    return _clamped(total, card.range)


def criterion_range(criterion: Criterion) -> Bounds:
    """The least and the most that a criterion gives, its limit taken into account."""
    match criterion:
        case StateCriterion():
            worth = [tier.points for tier in criterion.tiers]
            worth += [criterion.otherwise or 0, criterion.unknown or 0, 0]
            return min(worth), max(worth)
        case OccurrenceCriterion():
            return _occurrence_range(criterion)


def _occurrence_range(criterion: OccurrenceCriterion) -> Bounds:
    points, limit = criterion.points, criterion.limit
    far: int | None = None
    if limit is not None and limit.times is not None and not limit.per_day:
        far = points * limit.times
    if limit is not None and limit.points is not None:
        far = limit.points if far is None else min(far, limit.points, key=abs)
    return (0, far) if points > 0 else (far, 0)


def _add(one: Bounds, two: Bounds) -> Bounds:
    low = None if one[0] is None or two[0] is None else one[0] + two[0]
    high = None if one[1] is None or two[1] is None else one[1] + two[1]
    return low, high


def _adjusted(bounds: Bounds, adjustment: Adjustment) -> Bounds:
    """The bounds after an adjustment that may apply or not; a hundredth of slack for rounding."""
    low, high = bounds
    percent = adjustment.percent
    if percent > 0 and high is not None and high > 0:
        high += high * percent // 10_000 + 1
    if percent < 0 and low is not None and low > 0:
        low = max(0, low + low * percent // 10_000 - 1)
    return low, high


def _clamped(bounds: Bounds, limits: Range) -> Bounds:
    low, high = bounds
    if limits.min is not None:
        low = limits.min if low is None else max(low, limits.min)
        high = None if high is None else max(high, limits.min)
    if limits.max is not None:
        high = limits.max if high is None else min(high, limits.max)
        low = None if low is None else min(low, limits.max)
    return low, high
