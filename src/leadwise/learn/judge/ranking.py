"""How good an order is: AUC, average precision, lift, and what a team's calls would have found.

Scores may be anything that can be compared; leads of one score have no order among them and are
handled together. Weights count a row so many times (a bootstrap draws rows again). Shares run from
0 to 1; what cannot be said is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from leadwise.learn.rows import Floats, Truths, Wholes

Weighed: TypeAlias = Callable[[Floats], float]
"""A figure as a function of the rows' weights."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows sorted once, best first: all figures of all bootstrap draws are sums along it.

    `order` are the rows' places, `last` the ends of the groups of one score (places in `order`).
    """

    order: Wholes
    last: Wholes
    won: Floats


def ranked(score: Floats, won: Truths) -> Ranked:
    """Sort rows by score, the highest first."""
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    if not len(score):
        return Ranked(order, order, np.zeros(0))
    ends = np.flatnonzero(np.append(sorted_score[1:] != sorted_score[:-1], True))
    return Ranked(order, ends, won[order].astype(np.float64))


def _groups(of: Ranked, weights: Floats) -> tuple[Floats, Floats]:
    """Rows and wins of each group of one score, best first."""
    weight = weights[of.order]
    rows = np.diff(np.cumsum(weight)[of.last], prepend=0.0)
    wins = np.diff(np.cumsum(weight * of.won)[of.last], prepend=0.0)
    return rows, wins


def auc(of: Ranked, weights: Floats) -> float:
    """Of all pairs of a row that won and one that did not, the share in which the first stands
    higher, a tie counting half (D. Bamber 1975, J. Math. Psychology 12:387-415)."""
    rows, wins = _groups(of, weights)
    lost = rows - wins
    pairs = wins.sum() * lost.sum()
    if pairs <= 0:
        return float("nan")
    below = lost.sum() - np.cumsum(lost)
    return float((wins * (below + lost / 2)).sum() / pairs)


def average_precision(of: Ranked, weights: Floats) -> float:
    """The precision at each row that won, averaged; groups of one score are taken whole
    (W. Su, Y. Yuan, M. Zhu 2015, A relationship between the average precision and the area under
    the ROC curve, ICTIR)."""
    rows, wins = _groups(of, weights)
    if wins.sum() <= 0:
        return float("nan")
    seen = np.cumsum(rows)
    precision = np.divide(np.cumsum(wins), seen, out=np.zeros_like(seen), where=seen > 0)
    return float((wins * precision).sum() / wins.sum())


def captured(of: Ranked, weights: Floats, share: float) -> float:
    """The share of all wins that the best `share` of the rows holds; ties in proportion."""
    rows, wins = _groups(of, weights)
    if wins.sum() <= 0:
        return float("nan")
    seen = np.concatenate([[0.0], np.cumsum(rows)])
    held = np.concatenate([[0.0], np.cumsum(wins)])
    return float(np.interp(share * seen[-1], seen, held) / held[-1])


def gains(of: Ranked, points: int = 60) -> tuple[tuple[float, float], ...]:
    """(share of rows, share of wins) along the order, from (0, 0) to (1, 1)."""
    even = np.ones(len(of.order))
    return tuple((float(x), captured(of, even, float(x))) for x in np.linspace(0, 1, points))


@dataclass(frozen=True, slots=True)
class Calls:
    """What calling so many a day would have found.

    `buyers` are leads that won, `found` those of them who were called at a moment from which on
    they won within the horizon; `called` leads in all; `days` with anybody to call.
    """

    found: int
    buyers: int
    called: int
    days: int

    @property
    def share(self) -> float:
        """The share of the buyers who were found."""
        return self.found / self.buyers if self.buyers else float("nan")


def calls(
    score: Floats, day: Wholes, lead: Wholes, won: Truths, per_day: int, seed: int = 0
) -> Calls:
    """A team calls the best `per_day` of each day's rows, nobody twice; ties fall by lot."""
    return Calls(*_found(score, day, lead, won, per_day, np.random.default_rng(seed)))


def _found(
    score: Floats, day: Wholes, lead: Wholes, won: Truths, per_day: int, lot: np.random.Generator
) -> tuple[int, int, int, int]:
    if not len(score):
        return 0, 0, 0, 0
    order = np.lexsort((lot.random(len(score)), -score, day))
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order][0] - 1))
    gone: NDArray[np.bool_] = np.zeros(int(lead.max()) + 1, bool)
    found = 0
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        today = order[start:end]
        left = today[~gone[lead[today]]]
        _, first = np.unique(lead[left], return_index=True)
        chosen = left[np.sort(first)][:per_day]
        gone[lead[chosen]] = True
        found += int(won[chosen].sum())
    return found, len(np.unique(lead[won])), int(gone.sum()), len(starts)


def within(score: Floats, won: Truths, block: Wholes) -> float:
    """The AUC among rows of the same block (a month) only, blocks weighted by their pairs: what is
    left of an order when it gets no credit for telling good months from bad ones."""
    total = pairs = 0.0
    for one in np.unique(block):
        here = block == one
        wins = float(won[here].sum())
        both = wins * (here.sum() - wins)
        if both:
            total += both * auc(ranked(score[here], won[here]), np.ones(int(here.sum())))
            pairs += both
    return total / pairs if pairs else float("nan")
