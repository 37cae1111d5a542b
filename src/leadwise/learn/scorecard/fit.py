"""A logistic regression on grouped columns, pulled towards a prior: pure arrays, no card.

A group is a criterion: `levels` says which of its levels each row has (or `amounts` how much of
its one level, where it counts occurrences). The group's table, one weight for each level, is
`basis @ parameters`: the identity where each level has a weight of its own, a staircase where
neighbours are to be alike or only to rise. The fit is the most probable table (MAP) under a normal
prior with mean `mean` and precision `precision` over the group's parameters.

Newton's method, which for this loss is iteratively reweighted least squares (P. McCullagh,
J. Nelder 1989, Generalized Linear Models, chapter 4), with step halving; where parameters have
bounds, each step solves the bounded quadratic by exchanging which of them hold (J. Judice, F. Pires
1994, A block principal pivoting algorithm for large-scale strictly monotone linear complementarity
problems), or by L-BFGS-B (R. Byrd and others 1995) where that goes in circles.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from leadwise.learn.extra import require
from leadwise.learn.rows import Floats, Truths, Wholes

CHUNK = 65_536
"""Rows turned into columns at a time: 65,536 rows of 200 columns are 100 MB."""
PIVOTS = 40
ENOUGH = 1e-5
"""Log likelihood a row: a step that gained less was the last. Newton's steps double the digits that
are right, so that another would gain next to nothing."""
AT_FIRST = 200_000
"""Of more rows, a part is fitted first, and all of them from there: fewer passes over all."""


@dataclass(frozen=True, slots=True)
class Group:
    """One criterion's part of the model; `basis` is levels x parameters, `precision` square.

    `lower` and `upper` bound the parameters. `counts` groups have one level and an amount.
    """

    name: str
    basis: Floats
    mean: Floats
    precision: Floats
    lower: Floats = field(default_factory=lambda: np.empty(0))
    upper: Floats = field(default_factory=lambda: np.empty(0))
    counts: bool = False

    @property
    def size(self) -> int:
        return int(self.basis.shape[1])

    @property
    def bounded(self) -> bool:
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())


Column = Wholes | Floats
"""A group's column: the place of each row's level, or an amount where the group counts."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`tables[g]` has a weight (log odds) for each level; `hessian` is that of the objective over
    all parameters, the intercept first; `loss` the sum of the rows' losses, without the prior."""

    intercept: float
    tables: tuple[Floats, ...]
    parameters: Floats
    hessian: Floats
    loss: float

    def log_odds(self, columns: Sequence[Column], groups: Sequence[Group]) -> Floats:
        found = np.full(len(columns[0]) if columns else 0, self.intercept)
        for column, group, table in zip(columns, groups, self.tables, strict=True):
            found += column * table[0] if group.counts else table[column]
        return found


def fit(
    columns: Sequence[Column],
    groups: Sequence[Group],
    won: Truths,
    *,
    start: Floats | None = None,
    steps: int = 25,
) -> Fitted:
    """The weights; `won` has both classes (the caller sees to it)."""
    mean, precision = _prior(groups)
    truth = won.astype(np.float64)
    share = float(truth.mean())
    base = np.concatenate([[np.log(share / (1 - share))], mean[1:]])
    theta = base if start is None or len(start) != len(mean) else start
    if start is None and len(truth) > AT_FIRST:
        theta = _first(columns, groups, won, base)
    bounds = _bounds(groups)
    theta = np.clip(theta, *bounds)
    columns_of = _Columns(columns, groups)
    value = _objective(columns_of, theta, truth, mean, precision)
    hessian = precision
    for _ in range(steps):
        gradient, hessian = _slopes(columns_of, theta, truth)
        gradient += precision @ (theta - mean)
        hessian += precision
        step = _step(hessian, gradient, theta, bounds)
        size = 1.0
        moved = theta + step
        new = _objective(columns_of, moved, truth, mean, precision)
        while new > value and size > 1e-3:
            size /= 2
            moved = theta + size * step
            new = _objective(columns_of, moved, truth, mean, precision)
        if new > value:
            break
        gain, theta, value = value - new, moved, new
        if gain < ENOUGH * len(truth):
            break
    away = theta - mean
    return Fitted(
        intercept=float(theta[0]),
        tables=tuple(g.basis @ part for g, part in zip(groups, parts(theta, groups), strict=True)),
        parameters=theta,
        hessian=hessian,
        loss=float(value - 0.5 * away @ precision @ away),
    )


def _first(columns: Sequence[Column], groups: Sequence[Group], won: Truths, base: Floats) -> Floats:
    """The parameters that a tenth of the rows or `CHUNK` of them suggest."""
    some = slice(None, None, min(10, len(won) // CHUNK))
    if not 0 < won[some].sum() < len(won[some]):
        return base
    return fit([column[some] for column in columns], groups, won[some]).parameters


def parts(theta: Floats, groups: Sequence[Group]) -> list[Floats]:
    """The parameters of each group; the intercept stands before them."""
    ends = np.cumsum([1, *(group.size for group in groups)])
    return [theta[a:b] for a, b in itertools.pairwise(ends)]


def losses(log_odds: Floats, won: Truths) -> Floats:
    """Each row's log loss."""
    found: Floats = np.logaddexp(0.0, np.where(won, -log_odds, log_odds))
    return found


# -- the pieces of a step ------------------------------------------------------------------------


class _Columns:
    """The rows as dense columns, a chunk at a time; kept where there is but one chunk."""

    def __init__(self, columns: Sequence[Column], groups: Sequence[Group]):
        self.columns, self.groups = columns, groups
        self.width = 1 + sum(group.size for group in groups)
        self.kept: Floats | None = None

    def chunks(self, n: int) -> Iterator[tuple[slice, Floats]]:
        if n <= CHUNK:
            if self.kept is None:
                self.kept = self.dense(slice(0, n), n)
            yield slice(0, n), self.kept
            return
        for first in range(0, n, CHUNK):
            at = slice(first, min(first + CHUNK, n))
            yield at, self.dense(at, at.stop - first)

    def odds(self, theta: Floats, n: int) -> Floats:
        """Each row's log odds, without its dense columns."""
        found = np.full(n, theta[0])
        own = parts(theta, self.groups)
        for column, group, mine in zip(self.columns, self.groups, own, strict=True):
            found += column * mine[0] if group.counts else (group.basis @ mine)[column]
        return found

    def dense(self, at: slice, n: int) -> Floats:
        made = np.empty((n, self.width))
        made[:, 0] = 1.0
        place = 1
        for column, group in zip(self.columns, self.groups, strict=True):
            end = place + group.size
            part = column[at]
            made[:, place:end] = part[:, None] if group.counts else group.basis[part]
            place = end
        return made


def _objective(
    columns: _Columns, theta: Floats, truth: Floats, mean: Floats, precision: Floats
) -> float:
    away = theta - mean
    odds = columns.odds(theta, len(truth))
    return float(np.logaddexp(0.0, odds).sum() - odds @ truth + 0.5 * away @ precision @ away)


def _slopes(columns: _Columns, theta: Floats, truth: Floats) -> tuple[Floats, Floats]:
    width = columns.width
    gradient, hessian = np.zeros(width), np.zeros((width, width))
    odds = columns.odds(theta, len(truth))
    chance = 1.0 / (1.0 + np.exp(-np.clip(odds, -35.0, 35.0)))
    away, weight = chance - truth, np.sqrt(chance * (1.0 - chance))
    for at, dense in columns.chunks(len(truth)):
        gradient += dense.T @ away[at]
        root = dense * weight[at][:, None]
        hessian += root.T @ root
    return gradient, hessian


def _prior(groups: Sequence[Group]) -> tuple[Floats, Floats]:
    """Mean and precision of all parameters; the intercept is free but for what keeps the system
    regular."""
    width = 1 + sum(group.size for group in groups)
    mean, precision = np.zeros(width), np.zeros((width, width))
    precision[0, 0] = 1e-8
    place = 1
    for group in groups:
        end = place + group.size
        mean[place:end] = group.mean
        precision[place:end, place:end] = group.precision
        place = end
    return mean, precision


def _bounds(groups: Sequence[Group]) -> tuple[Floats, Floats]:
    lower, upper = [np.array([-np.inf])], [np.array([np.inf])]
    for group in groups:
        lower.append(group.lower if len(group.lower) else np.full(group.size, -np.inf))
        upper.append(group.upper if len(group.upper) else np.full(group.size, np.inf))
    return np.concatenate(lower), np.concatenate(upper)


def _step(
    hessian: Floats, gradient: Floats, theta: Floats, bounds: tuple[Floats, Floats]
) -> Floats:
    regular = hessian + 1e-9 * np.eye(len(hessian))
    free: Floats = np.linalg.solve(regular, -gradient).astype(np.float64)
    lower, upper = bounds[0] - theta, bounds[1] - theta
    if (free >= lower).all() and (free <= upper).all():
        return free
    held = np.zeros(len(theta), np.int64)  # -1 at its lower bound, 1 at its upper one
    for _ in range(PIVOTS):
        at_bound = held != 0
        step = np.where(held < 0, lower, np.where(held > 0, upper, 0.0))
        rest = -(gradient + regular[:, at_bound] @ step[at_bound])
        loose = ~at_bound
        step[loose] = np.linalg.solve(regular[np.ix_(loose, loose)], rest[loose])
        slope = regular @ step + gradient
        wrong = np.where(step < lower - 1e-10, -1, np.where(step > upper + 1e-10, 1, 0))
        released = ((held < 0) & (slope < -1e-9)) | ((held > 0) & (slope > 1e-9))
        if not wrong.any() and not released.any():
            return step
        held = np.where(released, 0, np.where(loose, wrong, held))
    return _step_by_search(regular, gradient, lower, upper)


def _step_by_search(regular: Floats, gradient: Floats, lower: Floats, upper: Floats) -> Floats:
    """The bounded step where exchanging went in circles."""
    found = require("scipy.optimize").minimize(
        lambda step: (0.5 * step @ regular @ step + gradient @ step, regular @ step + gradient),
        np.clip(np.zeros(len(gradient)), lower, upper),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower, upper, strict=True)),
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8},
    )
    made: Floats = found.x
    return made
