"""Probabilities when the share that wins has changed while what tells leads apart has not.

M. Saerens, P. Latinne, C. Decaestecker 2002, Adjusting the outputs of a classifier to new a priori
probabilities: a simple procedure, Neural Computation 14:21-41: the odds change by the ratio of the
odds of the base rates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.calibration.model import Calibration, Knot
from leadwise.learn.rows import Floats

ROUNDS = 200


def for_base_rate(calibration: Calibration, rate: float) -> Calibration:
    """The same calibration where `rate` (above 0, below 1) of the leads win. UserError else."""
    if not 0 < rate < 1:
        raise UserError(
            "calibration-rate",
            f"A base rate of {rate:g} cannot be: it lies between 0 and 1.",
            hint="Give the share of leads that are won, as 0.12.",
        )
    factor = _odds(rate) / _odds(calibration.base_rate)

    def moved(p: float) -> float:
        odds = _odds(p) * factor
        return min(max(odds / (1 + odds), calibration.least), 1 - calibration.least)

    knots = tuple(Knot(k.score, moved(k.probability), moved(k.low), moved(k.high))
                  for k in calibration.knots)  # fmt: skip
    return replace(calibration, knots=knots, base_rate=rate)


def likely_base_rate(calibration: Calibration, score: Floats) -> float:
    """The base rate under which these scores, whose outcomes nobody knows yet, are most likely
    (the EM procedure of Saerens and others): right only where nothing but the base rate changed."""
    p = calibration.probability(score)
    old = rate = calibration.base_rate
    for _ in range(ROUNDS):
        up, down = p * rate / old, (1 - p) * (1 - rate) / (1 - old)
        new = float(np.mean(up / (up + down)))
        if abs(new - rate) < 1e-7:
            break
        rate = min(max(new, 1e-6), 1 - 1e-6)
    return rate


def _odds(p: float) -> float:
    return p / (1 - p)
