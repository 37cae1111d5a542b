"""A figure with its 95 percent interval, by drawing leads again.

Rows of one lead are not independent, so whole leads are drawn (a cluster bootstrap: A. Davison,
D. Hinkley 1997, Bootstrap methods and their application, 3.8); percentiles of the draws are the
interval (B. Efron 1979, Ann. Statist. 7:1-26). Two orders are drawn together, so their difference
has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from leadwise.learn.judge.ranking import Weighed
from leadwise.learn.rows import Floats, Wholes

DRAWS, FEWEST, MOST_ROWS = 500, 200, 50_000_000
"""How often leads are drawn, and how many rows in all: for very many rows chance is small."""
LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True)
class Interval:
    """A value between its 2.5 and 97.5 percent points; both NaN where chance cannot be told."""

    value: float
    low: float
    high: float

    @property
    def above(self) -> bool:
        """Whether the whole interval lies above nothing."""
        return self.low > 0


def draws(lead: Wholes, seed: int = 0, times: int | None = None) -> Iterator[Floats]:
    """Weights of the rows, one array for each time all leads are drawn with replacement."""
    leads, place = np.unique(lead, return_inverse=True)
    lot = np.random.default_rng(seed)
    many = times or max(FEWEST, min(DRAWS, MOST_ROWS // max(len(lead), 1)))
    for _ in range(many):
        counts = np.bincount(lot.integers(0, len(leads), len(leads)), minlength=len(leads))
        yield counts[place].astype(np.float64)


def intervals(
    figures: Sequence[Weighed], lead: Wholes, seed: int = 0, times: int | None = None
) -> list[Interval]:
    """Each figure with its interval; the draws are the same for all of them."""
    if not len(lead):
        return [Interval(*[float("nan")] * 3) for _ in figures]
    even = np.ones(len(lead))
    drawn = draws(lead, seed, times)
    found = np.array([[figure(weights) for figure in figures] for weights in drawn])
    return [_interval(figure(even), found[:, n]) for n, figure in enumerate(figures)]


def paired(first: Sequence[Weighed], second: Sequence[Weighed], lead: Wholes,
           seed: int = 0) -> list[Interval]:  # fmt: skip
    """The first's figures less the second's, drawn together."""
    both = zip(first, second, strict=True)
    return intervals([_difference(one, other) for one, other in both], lead, seed)


def _difference(one: Weighed, other: Weighed) -> Weighed:
    return lambda weights: one(weights) - other(weights)


def _interval(value: float, drawn: Floats) -> Interval:
    told = drawn[np.isfinite(drawn)]
    if len(told) < FEWEST // 2:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(told, [LOW, HIGH])
    return Interval(value, float(low), float(high))
