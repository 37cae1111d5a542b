"""How sure a share, a ratio of shares or a median is: 95 percent intervals that hold for few too.

Shares run from 0 to 1. What cannot be said is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, exp, log, sqrt
from typing import NamedTuple

from leadwise.report.ranking import NORMAL_95

FEW = 30
"""Below so many leads, or conversions, a figure is a hint."""
EXACT_UP_TO = 200
"""The binomial distribution is summed exactly up to so many values, else taken as normal."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval of a share, E. B. Wilson's (Probable inference, the law of succession, and
    statistical inference, J. Am. Stat. Assoc. 22:209-212, 1927)."""
    rate, weight = hits / of, NORMAL_95**2 / of
    middle = (rate + weight / 2) / (1 + weight)
    reach = sqrt(rate * (1 - rate) * weight + weight**2 / 4) / (1 + weight)
    return max(0.0, middle - reach), min(1.0, middle + reach)


class Share(NamedTuple):
    """`hits` of `of`. The properties are None where there is nobody to speak of."""

    hits: int
    of: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share is, with 95 percent confidence."""
        return wilson(self.hits, self.of) if self.of else None

    @property
    def few(self) -> bool:
        """Whether it is a hint only."""
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share over another one: `value` times as often. No interval where a side has no hit."""

    value: float
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves 1 (no difference) out."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


def ratio(one: Share, other: Share) -> Ratio | None:
    """`one` over `other`, with the interval of D. Katz and others (Obtaining confidence intervals
    for the risk ratio in cohort studies, Biometrics 34:469-474, 1978)."""
    if not one.of or not other.of or not other.hits:
        return None
    value = (one.hits / one.of) / (other.hits / other.of)
    if not one.hits:
        return Ratio(value, None, None)
    variance = 1 / one.hits - 1 / one.of + 1 / other.hits - 1 / other.of
    reach = NORMAL_95 * sqrt(variance)
    return Ratio(value, exp(log(value) - reach), exp(log(value) + reach))


@dataclass(frozen=True, slots=True)
class Spread:
    """The quartiles of `count` values; `low` and `high` are the median's interval, None where
    there are too few (under six) for one."""

    count: int
    first: float
    median: float
    third: float
    low: float | None
    high: float | None


def spread(values: Iterable[float]) -> Spread | None:
    """The quartiles (linear between values, as spreadsheets have them); None of no value.

    The median's interval lies between two of the values, by the binomial distribution of how many
    are below it: nothing is assumed of how they are spread.
    """
    rising = sorted(values)
    if not rising:
        return None
    count = len(rising)
    place = _below(count)
    low, high = (rising[place - 1], rising[count - place]) if place else (None, None)
    return Spread(
        count, _quantile(rising, 0.25), _quantile(rising, 0.5), _quantile(rising, 0.75), low, high
    )


def _quantile(rising: Sequence[float], share: float) -> float:
    place = (len(rising) - 1) * share
    before = int(place)
    after = min(before + 1, len(rising) - 1)
    return rising[before] + (rising[after] - rising[before]) * (place - before)


def _below(count: int) -> int:
    """The largest k for which P(at most k - 1 of `count` are below the median) is under 2.5 %."""
    if count > EXACT_UP_TO:
        return int(count / 2 - NORMAL_95 * sqrt(count) / 2)
    most, summed, place = 0.025 * 2**count, 0, 0
    while summed + comb(count, place) <= most:
        summed += comb(count, place)
        place += 1
    return place
