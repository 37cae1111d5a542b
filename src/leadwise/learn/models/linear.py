"""Logistic regression with a ridge: the plainest model, what the others must beat.

Numbers are scaled, unknown ones stand at the mean with a weight of their own; each value of a
category has its weight (A. Hoerl, R. Kennard 1970, Ridge regression, Technometrics 12:55-67;
S. le Cessie, J. van Houwelingen 1992, Ridge estimators in logistic regression, Applied Statistics
41:191-201).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from leadwise.learn.extra import require
from leadwise.learn.models.features import Column, Features
from leadwise.learn.models.options import Options
from leadwise.learn.models.terms import Terms
from leadwise.learn.rows import Floats, Rows


@dataclass(frozen=True, slots=True)
class Slope:
    """Log odds of a number: `per` for each unit above `mean`, `unknown` where it is unknown."""

    mean: float
    per: float
    unknown: float

    def of(self, values: Floats) -> Floats:
        return np.where(np.isnan(values), self.unknown, (values - self.mean) * self.per)


@dataclass(frozen=True, slots=True)
class Weights:
    """Log odds of each place of a category."""

    each: Floats
    unknown: float

    def of(self, values: Floats) -> Floats:
        known = (values >= 0) & (values < len(self.each))
        places = np.where(known, values, 0).astype(np.int64)
        return np.where(known, self.each[places], self.unknown)


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic regression, as read from its text: one part a column."""

    base: float
    parts: tuple[Slope | Weights, ...]

    def raw(self, x: Floats) -> Floats:
        total = np.full(len(x), self.base)
        for place, part in enumerate(self.parts):
            total += part.of(x[:, place])
        return total

    def terms(self, x: Floats) -> Terms:
        columns = [part.of(x[:, n]) for n, part in enumerate(self.parts)]
        values = np.column_stack(columns) if columns else np.empty((len(x), 0))
        return Terms(self.base, tuple((n,) for n in range(len(columns))), values)


def read_linear(text: str) -> Linear:
    """The model of a text by `learn_linear`."""
    document = json.loads(text)
    parts: list[Slope | Weights] = []
    for one in document["columns"]:
        if "each" in one:
            parts.append(Weights(np.array(one["each"], np.float64), float(one["unknown"])))
        else:
            parts.append(Slope(float(one["mean"]), float(one["per"]), float(one["unknown"])))
    return Linear(float(document["base"]), tuple(parts))


def learn_linear(rows: Rows, tried: Rows, features: Features, options: Options) -> str:  # noqa: ARG001 # as its siblings
    """The text of a model of all `rows`. Nothing is tried out: its ridge is always 1.

    A number that is to rise and would fall (or the other way round) is given no slope.
    """
    x = features.of_rows(rows)
    wide = [_spread(x[:, n], column) for n, column in enumerate(features.columns)]
    design = np.column_stack([block for block, _, _ in wide])
    starts = np.cumsum([0] + [block.shape[1] for block, _, _ in wide[:-1]])
    signs = np.array(features.signs(options.monotone))
    learned = require("sklearn.linear_model").LogisticRegression(C=1.0, max_iter=500)
    while True:
        learned.fit(design, rows.won)
        weights = learned.coef_[0]
        wrong = starts[signs * weights[starts] < 0]
        if not len(wrong):
            break
        design[:, wrong] = 0.0  # the ridge leaves what never differs at 0
    base, columns, at = float(learned.intercept_[0]), [], 0
    for (block, middle, scale), column in zip(wide, features.columns, strict=True):
        mine = weights[at : at + block.shape[1]]
        at += block.shape[1]
        base -= float(mine @ (middle / scale)) if column.kind == "category" else 0.0
        columns.append(_document(mine / scale, middle, column))
    return json.dumps({"base": base, "columns": columns}, separators=(",", ":"))


def _spread(values: Floats, column: Column) -> tuple[Floats, Floats, Floats]:
    """The columns of the design, scaled, with what was taken off each and its scale."""
    if column.kind == "category":
        places = np.where(np.isnan(values), -1, values).astype(np.int64)
        levels = len(column.values) + 1  # the last: all others
        block = np.zeros((len(values), levels + 1))
        block[np.arange(len(values)), places] = 1.0  # -1, unknown, is the last column
        middle = block.mean(axis=0)
        scale = np.maximum(block.std(axis=0), 1e-6)
        return (block - middle) / scale, middle, scale
    unknown = np.isnan(values)
    mean = float(values[~unknown].mean()) if (~unknown).any() else 0.0
    number = np.where(unknown, 0.0, values - mean)
    block = np.column_stack([number, unknown.astype(np.float64)])
    scale = block.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    return block / scale, np.array([mean, 0.0]), scale


def _document(weights: Floats, middle: Floats, column: Column) -> dict[str, object]:
    if column.kind == "category":
        return {"each": weights[:-1].tolist(), "unknown": float(weights[-1])}
    mean, per, unknown = float(middle[0]), float(weights[0]), float(weights[1])
    return {"mean": mean, "per": per, "unknown": unknown}
