"""From scores and outcomes to probabilities: isotonic where there is much, beta where little.

Isotonic regression takes any rising shape but needs about a thousand cases of the rarer class
before it beats a curve of few parameters (A. Niculescu-Mizil, R. Caruana 2005, Predicting good
probabilities with supervised learning, ICML). Below that: beta calibration (M. Kull, T. Silva
Filho, P. Flach 2017, Beta calibration, AISTATS), three parameters, of which the logistic curve is
a special case. Both are held to rise with the score. Where the score says nothing, both come out
as the base rate.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.calibration.model import Calibration, Knot, Method
from leadwise.learn.extra import require
from leadwise.learn.judge.interval import HIGH, LOW, draws
from leadwise.learn.rows import Floats, Truths, Wholes

ENOUGH_FOR_ISOTONIC = 1000
"""Cases of the rarer class."""
FEWEST = 5
"""With fewer leads of either class no probability is given: rows of one lead are one case."""
KNOTS = 41
PULL = 1.0
"""Inverse variance of the normal prior of a slope: without it the curve would run to 0 and 1 where
the classes do not overlap, and bend where few rows tell how."""

Curve = Callable[[Floats], Floats]


def calibrate(
    score: Floats, won: Truths, lead: Wholes, *, horizon_us: int | None = None, seed: int = 0,
    method: Method | None = None,
) -> Calibration:  # fmt: skip
    """The probability that each score means. `method` overrules the choice by size.

    UserError (`calibration-classes`) where there are not at least `FEWEST` leads of both classes.
    """
    rarer = int(min(won.sum(), (~won).sum()))
    leads_won, leads_not = len(np.unique(lead[won])), len(np.unique(lead[~won]))
    if min(leads_won, leads_not) < FEWEST:
        raise UserError(
            "calibration-classes",
            f"A probability needs leads that won and leads that did not: there are {leads_won:,} "
            f"and {leads_not:,} ({won.sum():,} and {(~won).sum():,} rows).",
            hint=f"Collect at least {FEWEST} of each; for a useful interval some dozens.",
        )
    chosen: Method = method or ("isotonic" if rarer >= ENOUGH_FOR_ISOTONIC else "beta")
    fit = _isotonic if chosen == "isotonic" else _beta
    at = _places(score)
    even = np.ones(len(score))
    values = fit(score, won, even)(at)
    many = np.array([fit(score, won, weights)(at) for weights in draws(lead, seed, _times(score))
                     if 0 < weights[won].sum() < weights.sum()])  # fmt: skip
    low, high = np.percentile(many, [LOW, HIGH], axis=0) if len(many) else (values, values)
    least = 1 / (len(np.unique(lead)) + 2)
    knots = [
        Knot(float(s), *(float(np.clip(v, least, 1 - least)) for v in (p, min(lo, p), max(hi, p))))
        for s, p, lo, hi in zip(at, values, low, high, strict=True)
    ]
    return Calibration(
        chosen, tuple(knots), len(score), len(np.unique(lead)), int(won.sum()),
        float(won.mean()), least, horizon_us,
    )  # fmt: skip


def _times(score: Floats) -> int:
    """How often rows are drawn: the interval of a curve needs fewer draws than its ends do."""
    return 100 if len(score) > 200_000 else 200


def _places(score: Floats) -> Floats:
    """The scores at which the curve is kept: quantiles, so that it is fine where leads are."""
    return np.unique(np.quantile(score, np.linspace(0, 1, KNOTS), method="nearest"))


def _isotonic(score: Floats, won: Truths, weights: Floats) -> Curve:
    isotonic_regression = require("scipy.optimize").isotonic_regression
    levels, place = np.unique(score, return_inverse=True)
    rows = np.bincount(place, weights, len(levels))
    wins = np.bincount(place, weights * won, len(levels))
    drawn = rows > 0
    rates = isotonic_regression(wins[drawn] / rows[drawn], weights=rows[drawn]).x
    seen = levels[drawn]
    return lambda at: np.interp(at, seen, rates)


def _beta(score: Floats, won: Truths, weights: Floats) -> Curve:
    """A logistic curve of the score (J. Platt 1999), then beta calibration of what it says, pulled
    towards leaving it as it is. A slope that would fall is left out."""
    levels, place = np.unique(score, return_inverse=True)
    rows = np.bincount(place, weights, len(levels)).astype(np.float64)
    wins = np.bincount(place, weights * won, len(levels)).astype(np.float64)
    middle, width = levels.mean(), max(float(levels.std()), 1e-12)

    def straight(at: Floats) -> Floats:
        return np.column_stack([np.ones(len(at)), (at - middle) / width])

    line = _newton(straight(levels), rows, wins, np.zeros(2))
    if line[1] <= 0:
        rate = float(wins.sum() / rows.sum())
        return lambda at: np.full(len(at), rate)

    def bent(at: Floats) -> Floats:
        log_odds = straight(at) @ line
        return np.column_stack([np.ones(len(at)), -np.logaddexp(0, -log_odds),
                                np.logaddexp(0, log_odds)])  # fmt: skip

    beta = _newton(bent(levels), rows, wins, np.array([0.0, 1.0, 1.0]))
    beta[1:] = np.maximum(beta[1:], 0)
    return lambda at: 1 / (1 + np.exp(-(bent(at) @ beta)))


def _newton(x: Floats, rows: Floats, wins: Floats, centre: Floats, steps: int = 50) -> Floats:
    """Logistic regression on grouped rows; slopes are pulled slightly towards `centre`."""
    beta = centre.copy()
    pull = np.full(x.shape[1], PULL)
    pull[0] = 1e-9
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (wins - rows * p) - pull * (beta - centre)
        bend = (x * (rows * p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-8:
            break
    return beta
