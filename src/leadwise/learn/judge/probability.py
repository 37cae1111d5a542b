"""How good probabilities are: calibration error, Brier's score, log loss.

Probabilities run from 0 to 1; rows that share a probability are handled together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadwise.learn.rows import Floats, Truths

BINS = 10
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Reliability:
    """Rows with probabilities from `low` to `high`: what was said of them, and what came."""

    low: float
    high: float
    said: float
    came: float
    rows: int
    won: int


def reliability(probability: Floats, won: Truths, bins: int = BINS) -> tuple[Reliability, ...]:
    """Rows in up to `bins` groups of like size by probability; equal ones stay together."""
    if not len(won):
        return ()
    order = np.argsort(probability, kind="stable")
    sorted_p, sorted_won = probability[order], won[order]
    edges = sorted_p[np.minimum(np.arange(1, bins) * len(won) // bins, len(won) - 1)]
    starts = np.unique(np.concatenate([[0], np.searchsorted(sorted_p, np.unique(edges), "left")]))
    groups = zip(starts, [*starts[1:], len(won)], strict=True)
    return tuple(
        Reliability(
            float(sorted_p[a]), float(sorted_p[b - 1]), float(sorted_p[a:b].mean()),
            float(sorted_won[a:b].mean()), int(b - a), int(sorted_won[a:b].sum()),
        )
        for a, b in groups
    )  # fmt: skip


def calibration_error(probability: Floats, won: Truths, bins: int = BINS) -> float:
    """The expected calibration error: |said - came| over groups of like size, weighted by rows
    (M. Naeini, G. Cooper, M. Hauskrecht 2015, Obtaining well calibrated probabilities using
    Bayesian binning, AAAI)."""
    groups = reliability(probability, won, bins)
    rows = sum(group.rows for group in groups)
    return sum(abs(g.said - g.came) * g.rows for g in groups) / rows if rows else float("nan")


def brier(probability: Floats, won: Truths) -> float:
    """The mean squared distance of what was said and what came (G. W. Brier 1950, Monthly Weather
    Review 78:1-3)."""
    return float(np.mean((probability - won) ** 2)) if len(won) else float("nan")


def log_loss(probability: Floats, won: Truths) -> float:
    """Minus the mean log of what was said of what came; probabilities are kept off 0 and 1."""
    if not len(won):
        return float("nan")
    p = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return float(-np.mean(np.where(won, np.log(p), np.log1p(-p))))
