"""The probability that a score means, read off a stored calibration. Plain Python, one lead."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Chance:
    """Of a win within the horizon, 0 to 1 and never either, with its 95 percent interval."""

    value: float
    low: float
    high: float


def chance(calibration: Mapping[str, Any] | None, hundredths: int | None) -> Chance | None:
    """What a score in hundredths means; None without a calibration or a score.

    `calibration` is a document of `leadwise.learn.calibration.Calibration`: between its knots the
    probability is read off a straight line, beyond the first and last it stays theirs.
    """
    if calibration is None or hundredths is None:
        return None
    knots: Sequence[Sequence[float]] = calibration["knots"]
    least = float(calibration["least"])
    score = hundredths / 100
    found = [_at(knots, score, column) for column in (1, 2, 3)]
    return Chance(*(min(max(value, least), 1 - least) for value in found))


def _at(knots: Sequence[Sequence[float]], score: float, column: int) -> float:
    after = bisect_right([knot[0] for knot in knots], score)
    if after == 0:
        return float(knots[0][column])
    if after == len(knots):
        return float(knots[-1][column])
    before, behind = knots[after - 1], knots[after]
    part = (score - before[0]) / (behind[0] - before[0])
    return float(before[column] + part * (behind[column] - before[column]))
