"""Where to begin a band: from what a team can do, or from what a call costs and a deal brings.

With a probability p, a deal worth `value` and a call that costs `cost`, a call pays where
p * value > cost (C. Elkan 2001, The foundations of cost-sensitive learning, IJCAI).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.calibration.model import Calibration
from leadwise.learn.judge.interval import Interval
from leadwise.learn.rows import Floats, Truths
from leadwise.report.intervals import wilson


@dataclass(frozen=True, slots=True)
class Threshold:
    """From `points` (whole) on. `share` of all leads stand there, `rate` of those won in the past
    (NaN where no outcomes were given), `captured` is their share of all wins; `why` says it."""

    points: int
    share: float
    rate: Interval
    captured: float
    why: str


def from_capacity(score: Floats, won: Truths, leads_a_day: float, calls_a_day: float) -> Threshold:
    """The lowest whole number of points from which on no more leads a day stand than can be called.

    `score` are points of leads as they come, `leads_a_day` how many of them come. UserError where
    a number is not above 0, or has no end.
    """
    _above_zero(leads_a_day, "leads a day")
    _above_zero(calls_a_day, "calls a day")
    share = min(calls_a_day / leads_a_day, 1.0)
    if share >= 1 or not len(score):
        points = int(np.floor(score.min())) if len(score) else 0
        why = f"{calls_a_day:.3g} calls a day are enough for all {leads_a_day:.3g} leads that come"
        return _threshold(score, won, points, why)
    points = int(np.floor(np.quantile(score, 1 - share, method="inverted_cdf"))) + 1
    while points > score.min() and (score >= points - 1).mean() <= share:
        points -= 1
    why = f"of {leads_a_day:.3g} leads a day, {calls_a_day:.3g} can be called"
    return _threshold(score, won, points, why)


def from_value(
    calibration: Calibration, score: Floats, won: Truths, value: float, cost: float
) -> Threshold | None:
    """The lowest whole number of points from which on a call pays; None where it never does.

    `value` is what a won deal brings, `cost` what the work on one lead costs, in one currency.
    """
    _above_zero(value, "value of a deal")
    _above_zero(cost, "cost of a call")
    pays = cost / value
    lowest, highest = calibration.knots[0].score, calibration.knots[-1].score
    places = np.arange(np.floor(lowest), np.ceil(highest) + 1)
    enough = np.flatnonzero(calibration.probability(places) > pays)
    if not len(enough):
        return None
    why = (
        f"a call that costs {cost:,.10g} pays where more than {pays:.2%} of the leads bring "
        f"{value:,.10g}"
    )
    return _threshold(score, won, int(places[enough[0]]), why)


def _threshold(score: Floats, won: Truths, points: int, why: str) -> Threshold:
    here = score >= points
    rows, wins = int(here.sum()), int(won[here].sum())
    rate = Interval(wins / rows, *wilson(wins, rows)) if rows else Interval(*[float("nan")] * 3)
    captured = wins / int(won.sum()) if won.any() else float("nan")
    return Threshold(points, float(here.mean()) if len(score) else 0.0, rate, captured, why)


def _above_zero(number: float, name: str) -> None:
    if not 0 < number < float("inf"):
        raise UserError(
            "threshold-number",
            f"The {name} must be above 0 and finite, not {number:g}.",
            hint="Thresholds come from real numbers: how many leads, how many calls, what they "
            "cost and bring.",
        )
