"""LightGBM: boosted trees (G. Ke and others 2017, LightGBM: a highly efficient gradient boosting
decision tree, NIPS), its contributions by TreeSHAP, which add up to the raw score exactly
(S. Lundberg and others 2020, From local explanations to global understanding with explainable AI
for trees, Nature Machine Intelligence 2:56-67).

Settings and rounds are those that foretell later rows best; losses are compared after the best
intercept and slope for those rows (`tried.later_loss`), for only the order is to be right, the
share of wins may change. AUC would choose by chance where few rounds make few different scores.
Then all rows are learned from, with as many rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from leadwise.learn.backtest.splits import Split
from leadwise.learn.extra import require
from leadwise.learn.models.features import Features
from leadwise.learn.models.options import Options
from leadwise.learn.models.terms import Terms
from leadwise.learn.models.tried import later_loss, parts
from leadwise.learn.rows import Floats, Rows, Truths

ROUNDS = (10, 20, 40, 80, 160, 320, 480)
"""Where a model is tried; all of them are looked at, for losses on later rows may rise and fall
again."""
UNTRIED_ROUNDS = 40
"""Rounds of the first setting where no later part holds enough to try anything."""


MANY = 50_000
"""With fewer rows a second thread waits more than it helps, on a busy machine very much more."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Leaves of a tree, rows of a leaf at least, step of a tree."""

    leaves: int
    least: int
    rate: float = 0.05


GRID = (Setting(3, 50), Setting(6, 50), Setting(16, 40))
"""From small to large."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A model of LightGBM, as read from its text."""

    booster: Any

    def raw(self, x: Floats) -> Floats:
        return cast("Floats", self.booster.predict(x, raw_score=True, num_threads=1))

    def terms(self, x: Floats) -> Terms:
        found = self.booster.predict(x, pred_contrib=True, num_threads=1)
        base = float(found[0, -1]) if len(found) else 0.0
        reads = tuple((place,) for place in range(found.shape[1] - 1))
        return Terms(base, reads, found[:, :-1])


def read_trees(text: str) -> Trees:
    """The model of a text by `learn_trees`. UserError (`learn-missing`) without LightGBM."""
    return Trees(require("lightgbm").Booster(model_str=text))


def learn_trees(rows: Rows, tried: Rows, features: Features, options: Options) -> str:
    """The text of a model of all `rows`, with settings tried on `tried`, some of them or all."""
    setting, rounds = _chosen(tried, features, options)
    grown = len(rows) / len(tried)  # more rows, no fewer rounds: leaves are as sure and no smaller
    rounds = round(rounds * (1 if grown < 2 else 1.2))
    booster = _fit(features.of_rows(rows), rows.won, features, setting, rounds, options)
    return cast("str", booster.model_to_string(num_iteration=-1))


def _chosen(rows: Rows, features: Features, options: Options) -> tuple[Setting, int]:
    splits = parts(rows, options.horizon_us)
    if not splits:
        return GRID[0], UNTRIED_ROUNDS
    x = features.of_rows(rows)
    best: tuple[float, Setting, int] | None = None
    for setting in _fitting(GRID, min(len(split.known) for split in splits)):
        curve = np.mean([_curve(x, rows, s, features, setting, options) for s in splits], axis=0)
        least = int(np.argmin(curve))
        if best is None or curve[least] < best[0]:
            best = (float(curve[least]), setting, ROUNDS[least])
    assert best is not None
    return best[1], best[2]


def _fitting(grid: Sequence[Setting], rows: int) -> list[Setting]:
    """Settings whose trees can have leaves of that size."""
    return [one for n, one in enumerate(grid) if n == 0 or rows >= 4 * one.leaves * one.least]


def _curve(
    x: Floats, rows: Rows, split: Split, features: Features, setting: Setting, options: Options
) -> Floats:
    """The mean loss on the later part after each of `ROUNDS`, as far as the order goes."""
    known, ahead = split.known, split.ahead
    booster = _fit(x[known], rows.won[known], features, setting, ROUNDS[-1], options)
    later, won = x[ahead], rows.won[ahead]
    return np.array([
        later_loss(booster.predict(later, raw_score=True, num_iteration=many), won)
        for many in ROUNDS
    ])  # fmt: skip


def _fit(
    x: Floats, won: Truths, features: Features, setting: Setting, rounds: int, options: Options
) -> Any:
    settings = _settings(setting, features, options, len(won))
    return require("lightgbm").train(settings, _data(x, won, features), rounds)


def _data(x: Floats, won: Truths, features: Features) -> Any:
    names = [f"column_{n}" for n in range(len(features.columns))]  # its text takes no odd signs
    return require("lightgbm").Dataset(
        x, won.astype(int), feature_name=names, categorical_feature=list(features.categories),
        params={"max_bin": 127, "verbosity": -1}, free_raw_data=True,
    )  # fmt: skip


def _settings(setting: Setting, features: Features, options: Options, rows: int) -> dict[str, Any]:
    signs = features.signs(options.monotone)
    held = {"monotone_constraints": signs, "monotone_constraints_method": "intermediate"}
    return {
        "objective": "binary", "verbosity": -1, "max_bin": 127,
        "num_leaves": setting.leaves, "learning_rate": setting.rate,
        "min_data_in_leaf": min(setting.least, max(5, rows // 20)),
        "lambda_l2": 5.0, "cat_l2": 20.0, "cat_smooth": 20.0, "min_data_per_group": 20,
        "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1,
        "seed": options.seed, "deterministic": True, "force_row_wise": True,
        "num_threads": options.threads if rows >= MANY else 1, **(held if any(signs) else {}),
    }  # fmt: skip
