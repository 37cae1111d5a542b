"""Weights as whole points, with little lost.

The scale is that of the hand-made card: one point is as many log odds as it was there, so that its
thresholds keep their meaning. Rounding to the nearest is refined by coordinate steps on the
quadratic of the loss (the idea of B. Ustun, C. Rudin 2019, Learning optimized risk scores, JMLR 20,
without its search).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from leadwise.learn.rows import Floats, Wholes
from leadwise.learn.scorecard.fit import Column, Fitted
from leadwise.learn.scorecard.prior import Part

SWEEPS = 20
SMALL = 3.0
"""Points for each occurrence below this are whole tenths: many small things add up."""


def raw_points(parts: Sequence[Part], fitted: Fitted, columns: Sequence[Column], unit: float,
               *, from_zero: bool) -> list[Floats]:  # fmt: skip
    """Points of each level before rounding. Own criteria are worth 0 on average (or `from_zero`:
    their least level is), hand-made ones stand where their prior put them."""
    found = []
    for part, table, column in zip(parts, fitted.tables, columns, strict=True):
        points = table / unit
        if not part.by_hand or (from_zero and not part.counts and part.basis.any(axis=1).all()):
            count = np.bincount(column, minlength=len(points))
            seen = count > 0
            zero = points[seen].min() if from_zero else float(points @ count / count.sum())
            points = np.where(seen, points - zero, 0.0)
        found.append(points)
    return found


def steps_of(parts: Sequence[Part], points: Sequence[Floats]) -> list[float]:
    """The step of each part's points: 1, or a tenth."""
    return [
        0.1 if part.counts and abs(float(one[0])) < SMALL else 1.0
        for part, one in zip(parts, points, strict=True)
    ]


def rounded(
    parts: Sequence[Part],
    points: Sequence[Floats],
    columns: Sequence[Column],
    chance: Floats,
    unit: float,
) -> list[Wholes]:
    """Points in whole hundredths; `chance` is what the fit says of each row, which gives the
    quadratic. Levels that no row has keep their nearest whole point."""
    sizes = [len(one) for one in points]
    step = np.repeat(steps_of(parts, points), sizes)
    exact = np.concatenate([*points, np.zeros(0)])
    whole = np.round(exact / step)
    movable = np.concatenate(
        [part.basis.any(axis=1) & (not _bounded(part)) for part in parts] + [np.zeros(0, bool)]
    )
    hessian = level_hessian(parts, columns, sizes, chance) * unit * unit
    away = whole * step - exact
    slope = hessian @ away
    for _ in range(SWEEPS):
        moved = False
        for k in np.flatnonzero(movable & (np.diag(hessian) > 0)):
            half = 0.5 * hessian[k, k] * step[k] ** 2
            for sign in (1.0, -1.0):
                gain = -(sign * step[k] * slope[k] + half)
                if gain > 1e-9 and abs(away[k] + sign * step[k]) <= 1.5 * step[k]:
                    whole[k] += sign
                    away[k] += sign * step[k]
                    slope += hessian[:, k] * sign * step[k]
                    moved = True
                    break
        if not moved:
            break
    hundredths = np.round(whole * step * 100).astype(np.int64)
    ends = np.cumsum([0, *sizes])
    return [hundredths[a:b] for a, b in itertools.pairwise(ends)]


def _bounded(part: Part) -> bool:
    return bool(np.isfinite(part.lower).any() or np.isfinite(part.upper).any())


def level_hessian(
    parts: Sequence[Part], columns: Sequence[Column], sizes: Sequence[int], chance: Floats
) -> Floats:
    """The second derivative of the loss over all levels, the intercept at its best."""
    weight = chance * (1 - chance)
    places = np.cumsum([0, *sizes])
    width = int(places[-1])
    cross, ones = np.zeros((width, width)), np.zeros(width)
    for i, one in enumerate(parts):
        at = slice(places[i], places[i + 1])
        ones[at] = _summed(one, columns[i], weight, sizes[i])
        for j in range(i, len(parts)):
            to = slice(places[j], places[j + 1])
            block = _crossed(one, parts[j], columns[i], columns[j], weight, sizes[i], sizes[j])
            cross[at, to], cross[to, at] = block, block.T
    found: Floats = cross - np.outer(ones, ones) / weight.sum()
    return found


def _summed(part: Part, column: Column, weight: Floats, size: int) -> Floats:
    if part.counts:
        return np.array([float(column @ weight)])
    return np.bincount(column, weights=weight, minlength=size).astype(np.float64)


def _crossed(
    one: Part, other: Part, a: Column, b: Column, weight: Floats, m: int, n: int
) -> Floats:
    if one.counts:
        return _summed(other, b, weight * a, n)[None, :]
    if other.counts:
        return _summed(one, a, weight * b, m)[:, None]
    return np.bincount(a * n + b, weights=weight, minlength=m * n).reshape(m, n).astype(np.float64)


def scored(
    parts: Sequence[Part], hundredths: Sequence[Wholes], columns: Sequence[Column],
    limits: Sequence[int | None], bounds: tuple[int | None, int | None], count: int,
) -> Wholes:  # fmt: skip
    """The score in hundredths, as the plan works it out (docs/card-language.md, Criteria)."""
    total = np.zeros(count, np.int64)
    for part, points, column, limit in zip(parts, hundredths, columns, limits, strict=True):
        if not part.counts:
            total += points[column]
            continue
        worth = np.floor(column * float(points[0]) + 0.5000001).astype(np.int64)
        if limit is not None:
            worth = np.minimum(worth, limit) if limit >= 0 else np.maximum(worth, limit)
        total += worth
    low, high = bounds
    if low is not None:
        total = np.maximum(total, low)
    return total if high is None else np.minimum(total, high)
