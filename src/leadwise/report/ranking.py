"""What an order of leads by score gives: the AUC, the gains curve, what the best leads hold.

Leads of one score have no order among them; they are handled together, as one `Tied`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from operator import itemgetter
from typing import NamedTuple

NORMAL_95 = 1.959963984540054  # the 97.5 percent point of the standard normal distribution


class Tied(NamedTuple):
    """All leads of one score: how many there are and how many of them converted."""

    score: int
    leads: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Auc:
    """From 0 to 1; 0.5 is chance. `low` and `high` are a 95 percent confidence interval.

    Both are None where the interval cannot be estimated: fewer than two leads on one side, or two
    sides that do not overlap at all (the estimated variance is then 0, which is no certainty).
    """

    value: float
    low: float | None
    high: float | None


def auc(groups: Sequence[Tied]) -> Auc | None:
    """The AUC of groups in rising order of score; None where nobody or everybody converted.

    The value is the Mann-Whitney statistic: of all pairs of a lead that converted and one that did
    not, the share in which the first has the higher score, a tie counting half (D. Bamber 1975, The
    area above the ordinal dominance graph, J. Math. Psychology 12:387-415). The variance is that of
    E. DeLong, D. DeLong and D. Clarke-Pearson 1988 (Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44:837-845), and the interval is
    normal, cut to 0..1.
    """
    won = sum(group.conversions for group in groups)
    lost = sum(group.leads - group.conversions for group in groups)
    if won == 0 or lost == 0:
        return None
    won_placements: list[tuple[float, int]] = []  # share of the lost below one of the won, how many
    lost_placements: list[tuple[float, int]] = []
    lost_below, won_below, twice_wins = 0, 0, 0
    for group in groups:
        lost_here = group.leads - group.conversions
        twice_wins += group.conversions * (2 * lost_below + lost_here)
        won_placements.append(((lost_below + lost_here / 2) / lost, group.conversions))
        won_above = won - won_below - group.conversions
        lost_placements.append(((won_above + group.conversions / 2) / won, lost_here))
        lost_below += lost_here
        won_below += group.conversions
    value = twice_wins / (2 * won * lost)
    if won < 2 or lost < 2 or value in (0.0, 1.0):
        return Auc(value, None, None)
    variance = (
        _spread(won_placements, value, won) / won + _spread(lost_placements, value, lost) / lost
    )
    reach = NORMAL_95 * sqrt(variance)
    return Auc(value, max(0.0, value - reach), min(1.0, value + reach))


def _spread(placements: Sequence[tuple[float, int]], mean: float, count: int) -> float:
    """The sample variance of placements given with their numbers."""
    return sum(times * (placement - mean) ** 2 for placement, times in placements) / (count - 1)


def captured(rising: Sequence[Tied], first: float) -> float:
    """How many conversions the `first` leads hold, best score first, ties in proportion."""
    left, won = first, 0.0
    for group in reversed(rising):
        if group.leads >= left:
            return won + group.conversions * left / group.leads
        left -= group.leads
        won += group.conversions
    return won


def score_at(rising: Sequence[Tied], place: int) -> int:
    """The score of the lead at a place, 1 being the best."""
    for group in reversed(rising):
        place -= group.leads
        if place <= 0:
            return group.score
    return rising[0].score


def gains_curve(rising: Sequence[Tied], leads: int, won: int) -> tuple[tuple[float, float], ...]:
    """(share of leads, share of conversions), best score first, from (0, 0) to (1, 1)."""
    points, seen, held = [(0.0, 0.0)], 0, 0
    for group in reversed(rising):
        seen += group.leads
        held += group.conversions
        points.append((seen / leads, held / won))
    return tuple(points)


def height_at(gains: Sequence[tuple[float, float]], share: float) -> float:
    """The share of conversions that the best `share` of the leads holds, off the gains curve."""
    after = bisect_left(gains, share, key=itemgetter(0))
    if after == 0:
        return gains[0][1]
    (left, low), (right, high) = gains[after - 1], gains[after]
    return low + (high - low) * (share - left) / (right - left)
