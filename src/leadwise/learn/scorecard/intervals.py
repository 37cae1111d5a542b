"""How sure each point is: 95 percent intervals of the final form, without its prior.

The form of the card is fitted anew with next to no prior (a normal one of 5 log odds a level, which
only keeps a level without a win or a loss finite), and the covariance is robust to rows of one lead
being alike (K.-Y. Liang, S. Zeger 1986, Longitudinal data analysis using generalized linear models,
Biometrika 73: the sandwich; J. Cameron, D. Miller 2015 for its factor G/(G-1)). An interval is for
the difference to the criterion's reference level. That the form was chosen on the same rows is not
in it, as in every interval after selection.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leadwise.learn.rows import Floats, Truths, Wholes
from leadwise.learn.scorecard.fit import Column, Fitted, Group, fit
from leadwise.learn.scorecard.prior import Part

Z = 1.959964
LOOSE = 0.04
"""Precision of the prior that keeps the refit finite: a standard deviation of 5 log odds."""
VAGUE = 2.0
"""Log odds: with a standard error above this, rows say nothing of a level."""
RARE = 20
"""A reference level has at least so many rows."""


def intervals(
    parts: Sequence[Part], columns: Sequence[Column], points: Sequence[Floats], won: Truths,
    lead: Wholes, unit: float,
) -> list[tuple[Floats, Floats]]:  # fmt: skip
    """Low and high points of each level; equal for a reference level, whole numbers are not made.

    `points` (in points) place the reference level. A level that no row has, or that
    cannot be told apart from another criterion, is (-inf, inf).
    """
    references = [reference(part, column) for part, column in zip(parts, columns, strict=True)]
    groups = [_loose(part, at) for part, at in zip(parts, references, strict=True)]
    found = fit(columns, groups, won)
    error = _errors(found, groups, columns, won, lead)
    made, place = [], 1
    for part, group, column, at, point in zip(
        parts, groups, columns, references, points, strict=True
    ):
        table = group.basis @ found.parameters[place : place + group.size] / unit
        spread = group.basis @ error[place : place + group.size] * Z / unit
        base = 0.0 if part.counts else float(point[at])
        low, high = base + table - spread, base + table + spread
        vague = spread * unit > Z * VAGUE
        if not part.counts:
            vague |= np.bincount(column, minlength=len(point)) == 0
        low[vague], high[vague] = -np.inf, np.inf
        made.append((low, high))
        place += group.size
    return made


def reference(part: Part, column: Column) -> int:
    """The level that others are compared with: of a hand-made criterion the more frequent of no (or
    `otherwise`) and unknown, where that is not rare; else the most frequent level."""
    if part.counts:
        return -1
    count = np.bincount(column, minlength=len(part.points))
    if part.by_hand:
        rest = np.flatnonzero(~part.basis.any(axis=1)) if len(count) == 2 else np.arange(
            len(count) - 2, len(count)
        )  # fmt: skip
        best = int(rest[np.argmax(count[rest])])
        if count[best] >= max(RARE, len(column) // 200):
            return best
    return int(np.argmax(count))


def _loose(part: Part, at: int) -> Group:
    basis = np.eye(len(part.points))
    if at >= 0:
        basis = np.delete(basis, at, axis=1)
    size = basis.shape[1]
    return Group(part.name, basis, np.zeros(size), np.eye(size) * LOOSE, counts=part.counts)


def _errors(
    found: Fitted, groups: Sequence[Group], columns: Sequence[Column], won: Truths, lead: Wholes
) -> Floats:
    """Standard errors of the parameters: the sandwich, a chunk of leads at a time."""
    order = np.argsort(lead, kind="stable")
    sorted_lead = lead[order]
    starts = np.flatnonzero(np.append(True, sorted_lead[1:] != sorted_lead[:-1]))
    ends = np.append(starts[1:], len(lead))
    width = len(found.parameters)
    middle = np.zeros((width, width))
    at_once = max(1, 50_000 * len(starts) // len(lead))
    for first in range(0, len(starts), at_once):
        own = starts[first : first + at_once]
        rows = order[own[0] : ends[min(first + at_once, len(starts)) - 1]]
        dense = np.ones((len(rows), width))
        place = 1
        for column, group in zip(columns, groups, strict=True):
            part = column[rows]
            to = slice(place, place + group.size)
            dense[:, to] = part[:, None] if group.counts else group.basis[part]
            place += group.size
        odds = np.clip(dense @ found.parameters, -35, 35)
        dense *= (won[rows] - 1 / (1 + np.exp(-odds)))[:, None]
        sums = np.add.reduceat(dense, own - own[0], axis=0)
        middle += sums.T @ sums
    leads = len(starts)
    middle *= leads / max(1, leads - 1)
    middle += np.diag(np.append(0.0, np.full(width - 1, LOOSE)))
    bread = np.linalg.pinv(found.hessian)
    made: Floats = np.sqrt(np.maximum(np.diag(bread @ middle @ bread), 0.0))
    return made
