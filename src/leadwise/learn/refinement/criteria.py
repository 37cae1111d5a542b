"""What each criterion of a card is worth: which help, harm, overlap, or never fire.

A criterion helps where the order is worse without its points, by a paired bootstrap; it harms where
the order is better without them. Two criteria overlap where their points rise and fall together
(rank correlation, C. Spearman 1904) and leaving out either costs nothing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nan
from typing import Literal, TypeAlias

import numpy as np

from leadwise.card.model import OccurrenceCriterion
from leadwise.learn.judge.interval import Interval, paired
from leadwise.learn.judge.ranking import Weighed, auc, ranked
from leadwise.learn.rows import Floats, Rows, Truths
from leadwise.report.intervals import wilson

Verdict: TypeAlias = Literal["helps", "harms", "makes no difference", "never fires", "always fires"]
FEW = 10
"""With fewer leads that won (or rows of either kind) no difference can be told from chance."""
TOGETHER = 0.8
"""Rank correlation from which on two criteria say the same."""


@dataclass(frozen=True, slots=True)
class Worth:
    """A criterion: the share of rows to which it gives points, how often those win and how often
    the others do, its own AUC, and `gain`: the card's AUC less that without it (NaN intervals:
    cannot be told). `overlaps` are criteria that say the same."""

    criterion: str
    verdict: Verdict
    share: float
    won_with: Interval
    won_without: Interval
    alone: float
    gain: Interval
    overlaps: tuple[str, ...]
    text: str


def amounts(rows: Rows) -> dict[str, Floats]:
    """The points that each criterion gives each row, limits of points applied; adjustments and
    ranges, which depend on the rest, are not in it."""
    found = {}
    for criterion in rows.card.criteria:
        given = np.zeros(len(rows))
        for place, piece in enumerate(rows.piece_names):
            if piece.criterion == criterion.id and piece.points is not None:
                given += rows.pieces[:, place] * piece.points / 100
        limit = criterion.limit if isinstance(criterion, OccurrenceCriterion) else None
        if limit is not None and limit.points is not None:
            most = limit.points / 100
            given = np.minimum(given, most) if most >= 0 else np.maximum(given, most)
        found[criterion.id] = given
    return found


def worths(rows: Rows, *, seed: int = 0) -> tuple[Worth, ...]:
    """Every criterion, in the order of the card."""
    given = amounts(rows)
    score = rows.score / 100.0
    full = ranked(score, rows.won)
    buyers = len(np.unique(rows.lead[rows.won]))
    enough = min(buyers, int(rows.won.sum()), int((~rows.won).sum())) >= FEW
    told = [name for name, points in given.items() if np.ptp(points) > 0] if len(rows) else []
    whole: list[Weighed] = [partial(auc, full)] * len(told)
    without: list[Weighed] = [partial(auc, ranked(score - given[n], rows.won)) for n in told]
    gains = dict(zip(told, paired(whole, without, rows.lead, seed), strict=True))
    if not enough:  # a few leads drawn again are always the same few
        gains = {name: replace(gain, low=nan, high=nan) for name, gain in gains.items()}
    same = _together({name: given[name] for name in told})
    unclear = Interval(nan, nan, nan)
    return tuple(
        _worth(rows, name, points, gains.get(name, unclear), same.get(name, ()))
        for name, points in given.items()
    )


def _worth(rows: Rows, name: str, points: Floats, gain: Interval, overlaps: Sequence[str]) -> Worth:
    fired = points != 0
    share = float(fired.mean()) if len(rows) else 0.0
    verdict = _verdict(share, gain, constant=not len(rows) or np.ptp(points) == 0)
    alone = auc(ranked(points, rows.won), np.ones(len(rows)))
    return Worth(
        name, verdict, share, _rate(rows, fired), _rate(rows, ~fired), alone, gain,
        tuple(overlaps), _said(name, verdict, share, gain, overlaps),
    )  # fmt: skip


def _verdict(share: float, gain: Interval, *, constant: bool) -> Verdict:
    if share == 0:
        return "never fires"
    if constant:
        return "always fires"
    if gain.low > 0:
        return "helps"
    return "harms" if gain.high < 0 else "makes no difference"


def _said(
    name: str, verdict: Verdict, share: float, gain: Interval, overlaps: Sequence[str]
) -> str:
    match verdict:
        case "never fires":
            return f"{name} gives nobody points: is its event or field still filled?"
        case "always fires":
            return f"{name} gives everybody the same points: it tells nobody apart."
        case "helps":
            return f"Without {name} the order is worse by {gain.value:.3f} AUC."
        case "harms":
            better = f"Without {name} the order is better by {-gain.value:.3f} AUC"
            return f"{better}: its points are wrong."
    told = f"{name} (points to {share:.0%} of the leads) makes no difference that can be told."
    return f"{told} It says the same as {' and '.join(overlaps)}." if overlaps else told


def _rate(rows: Rows, here: Truths) -> Interval:
    """The share won, with Wilson's interval of as many leads."""
    count = int(here.sum())
    if not count:
        return Interval(*[float("nan")] * 3)
    won, leads = int(rows.won[here].sum()), len(np.unique(rows.lead[here]))
    return Interval(won / count, *wilson(round(won * leads / count), leads))


def _together(given: dict[str, Floats]) -> dict[str, tuple[str, ...]]:
    names = list(given)
    if len(names) < 2:
        return {}
    ranks = np.column_stack([_ranks(given[name]) for name in names])
    alike = np.abs(np.corrcoef(ranks, rowvar=False)) >= TOGETHER
    return {
        name: tuple(names[other] for other in np.flatnonzero(alike[place]) if other != place)
        for place, name in enumerate(names)
    }


def _ranks(values: Floats) -> Floats:
    """Ranks from 0, ties sharing their middle."""
    levels, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    del levels
    ends = np.cumsum(counts)
    middle = ends - (counts + 1) / 2
    found: Floats = middle[place]
    return found
