"""EBM: a curve for each field and a surface for a few pairs, boosted together (Y. Lou, R. Caruana,
J. Gehrke, G. Hooker 2013, Accurate intelligible models with pairwise interactions, KDD; H. Nori and
others 2019, InterpretML).

Pairs and rounds are those that foretell later rows best (`tried.later_loss`). Within a fit, rounds
stop early on rows drawn by lot; the final model is the mean of several such fits, so that each row
is learned from.

The model is our own text: for each term its bins and the log odds of each. Reading it needs no
library. A bin's place: 0 unknown, then k where `cut[k-1] <= x < cut[k]` (counted from 1).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np

from leadwise.learn.extra import require
from leadwise.learn.models.features import Features
from leadwise.learn.models.options import Options
from leadwise.learn.models.terms import Terms
from leadwise.learn.models.tried import later_loss, parts
from leadwise.learn.rows import Floats, Rows, Truths, Wholes

BINS, PAIR_BINS = 32, 16
"""Bins of a curve and of each side of a surface: more gained nothing on real data, and the text
stays readable."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Pairs at most; rounds at most (each a step of every term), bags that are averaged."""

    pairs: int
    rounds: int
    bags: int = 4


GRID = (Setting(0, 60), Setting(4, 2_000))
"""From small to large."""
LARGE = 100_000
"""More rows than these are not needed to draw curves of 32 bins."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Bins of a column by its cuts, rising."""

    cuts: Floats

    def places(self, values: Floats) -> Wholes:
        found = np.searchsorted(self.cuts, values, side="right") + 1
        return np.where(np.isnan(values), 0, found)


@dataclass(frozen=True, slots=True)
class Values:
    """Bins of a category: the bin of each of its places; others are unknown."""

    bins: Wholes

    def places(self, values: Floats) -> Wholes:
        known = (values >= 0) & (values < len(self.bins))  # NaN is neither
        return np.where(known, self.bins[np.where(known, values, 0).astype(np.int64)], 0)


Bins: TypeAlias = Edges | Values


@dataclass(frozen=True, slots=True)
class Term:
    """Log odds of each bin of one column, or of a pair of them."""

    columns: tuple[int, ...]
    bins: tuple[Bins, ...]
    scores: Floats

    def of(self, x: Floats) -> Floats:
        places = tuple(b.places(x[:, n]) for n, b in zip(self.columns, self.bins, strict=True))
        found: Floats = self.scores[places]
        return found


@dataclass(frozen=True, slots=True)
class Additive:
    """An EBM, as read from its text."""

    base: float
    parts: tuple[Term, ...]

    def raw(self, x: Floats) -> Floats:
        total = np.full(len(x), self.base)
        for term in self.parts:
            total += term.of(x)
        return total

    def terms(self, x: Floats) -> Terms:
        values = np.column_stack([term.of(x) for term in self.parts] or [np.empty((len(x), 0))])
        return Terms(self.base, tuple(term.columns for term in self.parts), values)


def read_additive(text: str) -> Additive:
    """The model of a text by `learn_additive`."""
    document = json.loads(text)
    terms = tuple(
        Term(
            tuple(one["columns"]), tuple(_bins(each) for each in one["bins"]),
            np.array(one["scores"], np.float64),
        )
        for one in document["terms"]
    )  # fmt: skip
    return Additive(float(document["base"]), terms)


def learn_additive(rows: Rows, tried: Rows, features: Features, options: Options) -> str:
    """The text of a model of all `rows`, with settings tried on `tried`, some of them or all."""
    setting = _chosen(tried, features, options)
    return written(_fit(features.of_rows(rows), rows.won, features, setting, options))


def written(learned: Any) -> str:
    """The text of a classifier of interpret: numbers read back as the same doubles."""
    terms = []
    for columns, scores in zip(learned.term_features_, learned.term_scores_, strict=True):
        bins = [learned.bins_[n][min(len(learned.bins_[n]), len(columns)) - 1] for n in columns]
        terms.append({
            "columns": [int(n) for n in columns],
            "bins": [_document(each) for each in bins],
            "scores": scores.tolist(),
        })  # fmt: skip
    return json.dumps({"base": float(learned.intercept_[0]), "terms": terms}, separators=(",", ":"))


def _chosen(rows: Rows, features: Features, options: Options) -> Setting:
    splits = parts(rows, options.horizon_us)
    best, least = GRID[0], np.inf
    if not splits:
        return best
    x = features.of_rows(rows)
    for setting in GRID:
        found = float(np.mean([_later(x, rows.won, s.known, s.ahead, features, setting, options)
                               for s in splits]))  # fmt: skip
        if found < least:
            best, least = setting, found
    return best


def _later(
    x: Floats, won: Truths, known: Wholes, ahead: Wholes, features: Features, setting: Setting,
    options: Options,
) -> float:  # fmt: skip
    learned = _fit(x[known], won[known], features, Setting(setting.pairs, setting.rounds, 1),
                   options)  # fmt: skip
    return later_loss(read_additive(written(learned)).raw(x[ahead]), won[ahead])


def _fit(x: Floats, won: Truths, features: Features, setting: Setting, options: Options) -> Any:
    signs = features.signs(options.monotone)
    classifier = require("interpret.glassbox").ExplainableBoostingClassifier(
        feature_types=["nominal" if c.kind == "category" else "continuous"
                       for c in features.columns],
        max_bins=BINS, max_interaction_bins=PAIR_BINS, interactions=setting.pairs,
        outer_bags=setting.bags, max_rounds=setting.rounds, learning_rate=0.04,
        smoothing_rounds=50, interaction_smoothing_rounds=20, early_stopping_rounds=50,
        min_samples_leaf=max(4, min(20, len(won) // 50)), reg_lambda=1.0,
        monotone_constraints=signs if any(signs) else None,
        n_jobs=1, random_state=options.seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its charts do not show unknown values
        return classifier.fit(x, won.astype(int))


def _document(bins: Any) -> dict[str, object]:
    if isinstance(bins, dict):
        places = np.zeros(max(int(float(key)) for key in bins) + 1 if bins else 0, np.int64)
        for key, place in bins.items():
            places[int(float(key))] = place
        return {"values": places.tolist()}
    return {"cuts": [float(cut) for cut in cast("Sequence[float]", bins)]}


def _bins(document: dict[str, list[float]]) -> Bins:
    if "values" in document:
        return Values(np.array(document["values"], np.int64))
    return Edges(np.array(document["cuts"], np.float64))
