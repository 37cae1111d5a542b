"""How strong the priors are: tried on later leads, within the rows that are learned from.

Later fifths of the leads (by their first row) are foretold from those before, so that
nothing is chosen that holds only for the time that it was learned in. Losses are compared after the
best intercept and slope for those rows: only the order is to be right, the share of wins may
change. Of the priors within half a standard error of the best, clustered by lead, the strongest is
taken (after L. Breiman, J. Friedman, R. Olshen, C. Stone 1984, Classification and regression trees,
section 3.4, who take one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from leadwise.learn.judge.ranking import auc, ranked
from leadwise.learn.rows import Floats, Rows, Truths, Wholes
from leadwise.learn.scorecard.fit import Column, Fitted, Group, fit, losses
from leadwise.learn.scorecard.fit import parts as parts_of
from leadwise.learn.scorecard.prior import Part

FEWEST = 10
"""Wins and losses that the later part must hold to try anything on it."""
SHARE = 0.2
FOLDS = 3
FEW_ROWS = 20_000
"""Up to so many rows, three fifths are foretold, each from all before; beyond, the last one."""
PERIODS = 12
"""Blocks of time with an intercept of their own, where that foretells better."""


@dataclass(frozen=True, slots=True)
class Strength:
    """Precisions of the priors, in log odds: `hand` round the hand-made points, `own` round 0
    (None: no criteria but the hand-made ones); `periods`: each block of time has an intercept."""

    hand: float
    own: float | None
    periods: bool = False


FROM_STRONG = (
    Strength(10_000, None), Strength(10_000, 1_000), Strength(1_000, None), Strength(1_000, 1_000),
    Strength(10_000, 300), Strength(1_000, 100), Strength(100, None), Strength(100, 100),
    Strength(100, 30), Strength(30, 30), Strength(30, 10), Strength(10, 10),
)  # fmt: skip
"""The priors tried, the strongest first."""
WITHIN = 0.5
"""Standard errors: with a whole one, 2,000 rows stayed too near a hand-made card that was wrong."""
UNTRIED = Strength(30, None)
"""Where there are too few rows to try anything: three hundred rows move a common tier by half."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """`earlier` and `later` rows, no lead in both."""

    earlier: Wholes
    later: Wholes


def splits(rows: Rows) -> tuple[Split, ...]:
    """The last fifth of the leads by their first row against all before; where that are few, the
    fifths before it as well. None where a part has too few wins or losses to judge by.

    Where the rows have no order in time, fifths drawn by lot (the same each time).
    """
    _, first, lead = np.unique(rows.lead, return_index=True, return_inverse=True)
    starts = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    if len(rows) and rows.when_us[0] == rows.when_us[-1]:
        starts = np.random.default_rng(0).permutation(len(first))
    place = starts[lead] / len(first)
    found: list[Split] = []
    for fold in range(FOLDS if len(rows) <= FEW_ROWS else 1):
        from_, to = 1 - SHARE * (fold + 1), 1 - SHARE * fold
        early, late = np.flatnonzero(place < from_), np.flatnonzero((place >= from_) & (place < to))
        if min(map(_rarer, (rows.won[early], rows.won[late]))) < FEWEST:
            break
        found.append(Split(early, late))
    return tuple(found)


def _rarer(won: Truths) -> int:
    wins = int(won.sum())
    return min(wins, len(won) - wins)


def slope(score: Floats, won: Truths) -> tuple[float, float]:
    """Intercept and slope of log odds over a score (J. Platt 1999), slope not below 0."""
    spread = float(score.std())
    if spread == 0.0:
        share = float(won.mean())
        return float(np.log(share / (1 - share))), 0.0
    scaled = (score - score.mean()) / spread
    group = Group("score", np.ones((1, 1)), np.zeros(1), np.full((1, 1), 1e-3),
                  np.zeros(1), np.full(1, np.inf), counts=True)  # fmt: skip
    found = fit([scaled], [group], won)
    per = float(found.tables[0][0]) / spread
    return found.intercept - per * float(score.mean()), per


def later_losses(score: Floats, won: Truths) -> Floats:
    """Each row's loss after the best intercept and slope for these rows."""
    base, per = slope(score, won)
    return losses(base + per * score, won)


def gap(one: Floats, other: Floats, lead: Wholes) -> tuple[float, float]:
    """Mean of `one - other` and its standard error by lead."""
    away = one - other
    mean = float(away.mean())
    places = np.unique(lead, return_inverse=True)[1]
    sums = np.bincount(places, weights=away - mean)
    return mean, float(np.sqrt((sums**2).sum()) / len(away))


Warm: TypeAlias = dict[tuple[Split, int], Floats]
"""The last parameters of each part (and of the intercept, -1) on each split: fits of one trial are
alike, and Newton's steps are few from there."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Parts and their columns on the rows tried, and where earlier and later ones stand."""

    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    won: Truths
    lead: Wholes
    splits: tuple[Split, ...]
    unit: float
    warm: Warm = field(default_factory=dict, compare=False, repr=False)

    @property
    def later(self) -> Wholes:
        return np.concatenate([one.later for one in self.splits])

    def fitted(self, which: Sequence[int], strength: Strength) -> tuple[Fitted, Floats]:
        """The fit on all before the last fifth, and the loss of each later row."""
        fits = [self._fitted(which, strength, one) for one in self.splits]
        lost = [
            later_losses(odds, self.won[one.later])
            for (_, odds), one in zip(fits, self.splits, strict=True)
        ]
        return fits[0][0], np.concatenate(lost)

    def later_auc(self, which: Sequence[int], strength: Strength) -> float:
        """How well these parts order the last fifth, learned from all before."""
        odds = self._fitted(which, strength, self.splits[0])[1]
        won = self.won[self.splits[0].later]
        return auc(ranked(odds, won), np.ones(len(won)))

    def _fitted(
        self, which: Sequence[int], strength: Strength, split: Split
    ) -> tuple[Fitted, Floats]:
        early, late = split.earlier, split.later
        parts = [self.parts[i] for i in which]
        columns = [self.columns[i] for i in which]
        groups, given = groups_of(parts, self.unit, strength), [c[early] for c in columns]
        if strength.periods:
            given.append(periods(len(early)))
            groups.append(period_group())
        keys = [(split, i) for i in (-1, *which)]
        start = [self.warm.get(key) for key in keys]
        found = fit(given, groups, self.won[early], start=started(start, groups))
        self.warm.update(zip(keys, (found.parameters[:1], *parts_of(found.parameters, groups)),
                             strict=False))  # fmt: skip
        odds = np.full(len(late), found.intercept)
        for column, group, table in zip(columns, groups, found.tables, strict=False):
            odds += column[late] * table[0] if group.counts else table[column[late]]
        return found, odds

    def gap(self, one: Floats, other: Floats) -> tuple[float, float]:
        return gap(one, other, self.lead[self.later])


def strength_of(part: Part, strength: Strength) -> float:
    return strength.hand if part.by_hand else strength.own or strength.hand


def groups_of(parts: Sequence[Part], unit: float, strength: Strength) -> list[Group]:
    return [part.group(unit, strength_of(part, strength)) for part in parts]


def started(known: Sequence[Floats | None], groups: Sequence[Group]) -> Floats | None:
    """Where to begin: the intercept and each group where it was last, or at its prior."""
    if known[0] is None:
        return None
    last = [*known[1:], *[None] * (len(groups) + 1 - len(known))]
    begun = [group.mean if at is None else at for at, group in zip(last, groups, strict=True)]
    return np.concatenate([known[0], *begun])


def periods(count: int) -> Wholes:
    found: Wholes = np.arange(count) * PERIODS // count
    return found


def period_group() -> Group:
    return Group("period", np.eye(PERIODS), np.zeros(PERIODS), np.eye(PERIODS) * 0.1)


def choose(trial: Trial, prior: float | None) -> Strength:
    """The strongest prior near enough to the best; then whether periods help."""
    everything = range(len(trial.parts))
    by_hand = [i for i in everything if trial.parts[i].by_hand]
    tried: list[tuple[Strength, Floats]] = []
    for strength in FROM_STRONG:
        if prior is not None:
            strength = Strength(prior, strength.own)
        if any(strength == known for known, _ in tried):
            continue
        which = by_hand if strength.own is None else list(everything)
        if which and len(which) == len(everything) and strength.own is None:
            strength = Strength(strength.hand, 100.0)  # there is no other criterion
        if which:
            tried.append((strength, trial.fitted(which, strength)[1]))
    best = min((loss for _, loss in tried), key=lambda loss: float(loss.mean()))
    chosen, lost = next(
        (strength, loss) for strength, loss in tried
        if (found := trial.gap(loss, best))[0] <= WITHIN * found[1]
    )  # fmt: skip
    which = by_hand if chosen.own is None else list(everything)
    blocked = Strength(chosen.hand, chosen.own, periods=True)
    gain, error = trial.gap(lost, trial.fitted(which, blocked)[1])
    return blocked if gain > error else chosen
