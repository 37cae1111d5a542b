"""Learning a model of a kind from rows, and the learners of a backtest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.extra import require
from leadwise.learn.models.additive import LARGE, learn_additive
from leadwise.learn.models.boosted import learn_trees
from leadwise.learn.models.features import Features, features_of
from leadwise.learn.models.linear import learn_linear
from leadwise.learn.models.options import (
    MOST_ROWS,
    TRIED,
    Options,
    refuse_few,
    refuse_unordered,
    thinned,
)
from leadwise.learn.models.stored import Kind, Loaded, Stored, Trained, load
from leadwise.learn.rows import Rows


@dataclass(frozen=True, slots=True)
class Way:
    """How a kind is learned: its name for people, its library, how many rows it takes."""

    name: str
    library: str
    most: int
    learn: Callable[[Rows, Rows, Features, Options], str]


WAYS: Mapping[Kind, Way] = MappingProxyType({
    "logistic": Way("logistic", "sklearn", MOST_ROWS, learn_linear),
    "ebm": Way("EBM", "interpret", LARGE, learn_additive),
    "lightgbm": Way("LightGBM", "lightgbm", MOST_ROWS, learn_trees),
})  # fmt: skip
"""The plainest first."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def learn_model(kind: Kind, rows: Rows, options: Options | None = None, name: str = "") -> Stored:
    """A model of all these rows, without a calibration (`choose_model` gives one).

    UserError: `learn-few`, `learn-one-class`, `learn-nothing` where nothing differs between rows,
    `learn-monotone`, `learn-missing`, `model-name`.
    """
    options = options or Options()
    name = name or kind
    if _NAME.fullmatch(name) is None:
        raise UserError(
            "model-name",
            f"'{name}' is no name for a model: a card reads it as the field 'model_{name}'.",
            hint="Small letters, digits and _, a letter first.",
        )
    refuse_few(rows)
    refuse_unordered(rows, options)
    way = WAYS[kind]
    library = require(way.library)
    rows = thinned(rows, way.most)
    features = features_of(rows, options.without)
    if not features.columns:
        raise UserError(
            "learn-nothing",
            "No field or measure differs between these rows: there is nothing to learn from.",
            hint="Give the card fields and measures; leadwise learn widens it by those of events.",
        )
    text = way.learn(rows, thinned(rows, TRIED), features, options)
    facts = _facts(rows, options, f"{way.library} {library.__version__}")
    return Stored(kind, name, text, features, facts, dict(options.monotone))


@dataclass(frozen=True, slots=True)
class ModelLearner:
    """A Learner (`rows.Learner`) of a kind, for backtests."""

    kind: Kind
    options: Options = field(default_factory=Options)

    @property
    def name(self) -> str:
        return WAYS[self.kind].name

    def learn(self, rows: Rows) -> Loaded:
        return load(learn_model(self.kind, rows, self.options))


def _facts(rows: Rows, options: Options, library: str) -> Trained:
    return Trained(
        card=rows.card.id, version=rows.card.version, rows=len(rows),
        leads=len(np.unique(rows.lead)), won=int(rows.won.sum()),
        first_us=int(rows.when_us[0]) if rows.dated else None,
        last_us=int(rows.when_us[-1]) if rows.dated else None,
        horizon_us=options.horizon_us, seed=options.seed, library=library,
    )  # fmt: skip
