"""Later rows within the rows to learn from: what settings and models are chosen on.

Each part is foretold from all rows before it whose horizon was over (`backtest.splits`). Only the
order within a part counts: the share of wins may change from one part to the next.
"""

from __future__ import annotations

import numpy as np

from leadwise.learn.backtest.splits import Split, forward
from leadwise.learn.judge.ranking import auc, ranked
from leadwise.learn.rows import Floats, Rows, Truths

FIRST, FOLDS = 0.4, 3
"""Settings are tried on three later fifths, each from all before: one part alone would choose what
holds for its time only."""
FEWEST = 10
"""Wins and losses that a part must hold on either side to say anything."""


def parts(rows: Rows, horizon_us: int) -> tuple[Split, ...]:
    """The parts to try on, possibly none: the last three fifths by time.

    Where rows have no order in time, fifths of the leads by lot (the same each time).
    """
    if not len(rows):
        return ()
    if rows.when_us[0] == rows.when_us[-1]:
        found = [by_lot(rows, fold, FOLDS + 2) for fold in range(FOLDS)]
    else:
        found = list(forward(rows, FIRST, FOLDS, horizon_us))
    return tuple(split for split in found if _enough(rows, split))


def by_lot(rows: Rows, fold: int, folds: int, seed: int = 0) -> Split:
    """One of `folds` parts of the leads, drawn by lot, against the others."""
    leads, place = np.unique(rows.lead, return_inverse=True)
    lot = np.random.default_rng(seed).permutation(len(leads))[place] % folds
    return Split(np.flatnonzero(lot != fold), np.flatnonzero(lot == fold))


def plain_auc(score: Floats, won: Truths) -> float:
    """AUC, NaN where there is but one class."""
    return auc(ranked(score, won), np.ones(len(won)))


def later_loss(raw: Floats, won: Truths, steps: int = 25) -> float:
    """Mean loss (natural logarithm) after the best intercept and slope, not below 0, for these rows
    (J. Platt 1999): what an order is worth whatever the share of wins has become."""
    share = float(won.mean())
    even = -share * np.log(share) - (1 - share) * np.log1p(-share)
    spread = float(raw.std())
    if spread < 1e-12:
        return float(even)
    design = np.column_stack([np.ones(len(raw)), (raw - raw.mean()) / spread])
    beta = np.array([np.log(share / (1 - share)), 0.0])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, design.T @ (won - chance))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-7:
            break
    if beta[1] <= 0:
        return float(even)
    at = design @ beta
    return float((np.logaddexp(0, at) - won * at).mean())


def _enough(rows: Rows, split: Split) -> bool:
    def rarer(won: Truths) -> int:
        wins = int(won.sum())
        return min(wins, len(won) - wins)

    return min(rarer(rows.won[split.known]), rarer(rows.won[split.ahead])) >= FEWEST
