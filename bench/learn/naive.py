"""Naive Bayes as Odoo's CRM scores leads, written anew from its published formula.

Odoo keeps a table of how many won and how many lost leads had each value of each chosen field, a
tenth added to each count so that none is 0, and says (Odoo documentation, Predictive lead scoring):

    S_won = P(won) * product over the lead's fields of won(value) / won(all values of the field)
    probability = S_won / (S_won + S_lost), kept between 0.01 and 99.99 percent

A field without a value, or with one never seen, has no part in the product. Odoo knows only fields
with choices: numbers are given to it in ten groups of like size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.learn.features import Features, features_of
from leadwise.learn.rows import Floats, Rows, Truths, Wholes

ADDED = 0.1
LEAST = 0.0001
GROUPS = 10


@dataclass(frozen=True)
class Frequencies:
    """The log of won over lost shares of each value of each field; a value never seen is worth
    nothing."""

    features: Features
    edges: tuple[Floats | None, ...]
    worth: tuple[Floats, ...]
    base: float

    def __call__(self, rows: Rows) -> Floats:
        table = self.features.of(rows)
        odds = np.full(len(rows), self.base)
        for column, edges, worth in zip(table.T, self.edges, self.worth, strict=True):
            code = coded(column, edges, len(worth))
            odds += np.where(code < 0, 0.0, worth[np.maximum(code, 0)])
        chance: Floats = np.clip(1 / (1 + np.exp(-odds)), LEAST, 1 - LEAST)
        return chance


class NaiveBayes:
    """The peer as a learner."""

    name = "naive Bayes (Odoo's formula)"

    def learn(self, rows: Rows) -> Frequencies:
        features = features_of(rows)
        table = features.of(rows)
        many = len(features.numbers) + len(features.times)
        edges = tuple(grouped(table[:, k]) if k < many else None for k in range(table.shape[1]))
        worth = tuple(
            _worth(coded(column, cut, size), rows.won, size)
            for column, cut, size in zip(table.T, edges, _sizes(features, edges), strict=True)
        )
        share = float(rows.won.mean())
        return Frequencies(features, edges, worth, float(np.log(share / (1 - share))))


def grouped(column: Floats) -> Floats:
    """The edges of groups of like size."""
    known = column[~np.isnan(column)]
    return np.unique(np.quantile(known, np.arange(1, GROUPS) / GROUPS)) if len(known) else known


def coded(column: Floats, edges: Floats | None, size: int) -> Wholes:
    """The place of each value, -1 where it is unknown."""
    known = ~np.isnan(column)
    at = np.where(known, column, 0.0)
    code = at.astype(np.int64) if edges is None else np.searchsorted(edges, at, side="right")
    return np.where(known & (code < size), code, -1)


def _sizes(features: Features, edges: tuple[Floats | None, ...]) -> list[int]:
    values = iter(features.categories.values())
    return [len(next(values)) if cut is None else len(cut) + 1 for cut in edges]


def _worth(code: Wholes, won: Truths, size: int) -> Floats:
    known = code >= 0
    every = np.bincount(code[known], minlength=size)
    wins = np.bincount(code[known & won], minlength=size)
    up, down = wins + ADDED, every - wins + ADDED
    found: Floats = np.log(up / up[every > 0].sum()) - np.log(down / down[every > 0].sum())
    return np.where(every > 0, found, 0.0)
