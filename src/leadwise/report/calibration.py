"""Whether what scores said came true: the share that converted, tenth by tenth of the leads.

A card gives points, not a probability. So the rates that its tenths had at a first moment are taken
as what it says, and are held against what happened after a second moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from leadwise.report.intervals import Share
from leadwise.report.ranking import Tied

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Tenth:
    """Leads with scores (hundredths) from `lowest` to `highest`; leads of one score stay together,
    so tenths may differ in size and there may be fewer than ten."""

    lowest: int
    highest: int
    share: Share


@dataclass(frozen=True, slots=True)
class Held:
    """A tenth of the first moment held against the second: the rate it had, and what came then."""

    tenth: Tenth
    then: Share


@dataclass(frozen=True, slots=True)
class Forecast:
    """`score` is Brier's (the mean squared distance of what was expected and what came, G. W. Brier
    1950, Monthly Weather Review 78:1-3), `base` that of saying the first moment's rate of
    everybody. `skill` is the part of `base` that is gone: 0 is no better, 1 is perfect, None where
    it cannot be said."""

    held: tuple[Held, ...]
    score: float
    base: float

    @property
    def skill(self) -> float | None:
        """1 - score / base."""
        return 1 - self.score / self.base if self.base else None


def tenths(rising: Sequence[Tied]) -> tuple[Tenth, ...]:
    """The leads of a moment, in rising order of score, in up to ten groups of like size."""
    leads = sum(each.leads for each in rising)
    found: list[Tenth] = []
    group: list[Tied] = []
    seen, edge = 0, 1
    for each in rising:
        group.append(each)
        seen += each.leads
        if seen * TENTHS >= leads * edge:
            found.append(_tenth(group))
            group, edge = [], seen * TENTHS // leads + 1
    return tuple(found)


def _tenth(group: Sequence[Tied]) -> Tenth:
    return Tenth(
        group[0].score, group[-1].score,
        Share(sum(each.conversions for each in group), sum(each.leads for each in group)),
    )  # fmt: skip


def forecast(first: Sequence[Tied], second: Sequence[Tied]) -> Forecast | None:
    """What the first moment's tenths said of the second; None where either has no lead."""
    groups = tenths(first)
    leads = sum(each.leads for each in second)
    if not groups or not leads:
        return None
    starts = [tenth.lowest for tenth in groups]
    came = [[0, 0] for _ in groups]
    for score, number, won in second:
        own = came[max(bisect_right(starts, score) - 1, 0)]
        own[0] += won
        own[1] += number
    base_rate = sum(t.share.hits for t in groups) / sum(t.share.of for t in groups)
    distance = base = 0.0
    for tenth, (won, number) in zip(groups, came, strict=True):
        rate = tenth.share.hits / tenth.share.of
        distance += won * (1 - rate) ** 2 + (number - won) * rate**2
        base += won * (1 - base_rate) ** 2 + (number - won) * base_rate**2
    held = tuple(Held(t, Share(*own)) for t, own in zip(groups, came, strict=True))
    return Forecast(held, distance / leads, base / leads)
