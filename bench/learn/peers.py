"""What the learned card is held against: each learns from the same rows and scores the same ones.

All with the settings that they come with. Numbers that only the linear models need filled or scaled
are filled with the median, beside a column that says so, and scaled to a standard deviation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench.learn.features import Features, features_of, one_hot
from bench.learn.naive import NaiveBayes
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.calibration.model import Calibration
from leadwise.learn.rows import Floats, Learner, Rows, Scorer
from leadwise.learn.scorecard import CardLearner

CARD, LEARNED = "the card by hand", "learned card"
OPTBINNING = "optbinning's Scorecard"


class Logistic:
    """scikit-learn's logistic regression on one-hot categories and scaled numbers."""

    name = "logistic regression"

    def learn(self, rows: Rows) -> Scorer:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        features = features_of(rows)
        model = make_pipeline(
            SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=2000)
        )
        model.fit(one_hot(features, features.of(rows)), rows.won)
        return _scorer(features, lambda table: model.predict_proba(one_hot(features, table)))


class LightGBM:
    """LightGBM with its defaults; categories are said to be categories."""

    name = "LightGBM, defaults"

    def learn(self, rows: Rows) -> Scorer:
        from lightgbm import LGBMClassifier

        features = features_of(rows)
        many = len(features.names) - len(features.categories)
        model = LGBMClassifier(n_jobs=1, verbose=-1, random_state=0)
        model.fit(
            features.of(rows), rows.won, categorical_feature=[*range(many, len(features.names))]
        )

        def chance(table: Floats) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # there are no names of columns
                return model.predict_proba(table)

        return _scorer(features, chance)


class Additive:
    """The explainable boosting machine of interpret-core with its defaults; `small` without pairs
    of fields and with 4 bags for 14, which takes a tenth of the time."""

    def __init__(self, *, small: bool = False) -> None:
        self.settings = {"outer_bags": 4, "interactions": 0} if small else {}
        self.name = "EBM, 4 bags, no pairs" if small else "EBM, defaults"

    def learn(self, rows: Rows) -> Scorer:
        from interpret.glassbox import ExplainableBoostingClassifier

        features = features_of(rows)
        many = len(features.names) - len(features.categories)
        kinds = ["continuous"] * many + ["nominal"] * len(features.categories)
        model = ExplainableBoostingClassifier(
            feature_names=features.names,
            feature_types=kinds,
            n_jobs=2,
            random_state=0,
            **self.settings,
        )

        def given(table: Floats) -> Any:
            mixed = table.astype(object)
            for place in range(many, table.shape[1]):
                column = table[:, place]
                mixed[:, place] = [None if np.isnan(v) else f"v{int(v)}" for v in column]
            return mixed

        model.fit(given(features.of(rows)), rows.won.astype(int))
        return _scorer(features, lambda table: model.predict_proba(given(table)))


class Optbinning:
    """optbinning's Scorecard: optimal bins, logistic regression on their weights of evidence."""

    name = OPTBINNING

    def learn(self, rows: Rows) -> Scorer:
        import pandas as pd
        from optbinning import BinningProcess, Scorecard
        from sklearn.linear_model import LogisticRegression

        features = features_of(rows)
        model = Scorecard(
            BinningProcess(features.names, categorical_variables=[*features.categories]),
            LogisticRegression(max_iter=2000),
        )

        def given(table: Floats) -> Any:
            return pd.DataFrame(table, columns=features.names)

        model.fit(given(features.of(rows)), rows.won.astype(int))
        return _scorer(features, lambda table: model.predict_proba(given(table)))


@dataclass(frozen=True)
class Meaning:
    """The learned card's points, and what its calibration says of them."""

    points: Scorer
    calibration: Calibration

    def __call__(self, rows: Rows) -> Floats:
        return self.points(rows)

    def probability(self, score: Floats) -> Floats:
        return self.calibration.probability(score)


class Calibrated:
    """The learned card, calibrated on the rows that it was learned from."""

    name = LEARNED

    def learn(self, rows: Rows) -> Meaning:
        scorer = CardLearner().learn(rows)
        return Meaning(scorer, calibrate(scorer(rows), rows.won, rows.lead))


def peers(ebm: str = "full") -> tuple[list[Learner], tuple[str, ...]]:
    """The peers that are installed, and a sentence for each that is not; `ebm` is full, small or
    none."""
    found: list[Learner] = [Logistic(), LightGBM(), NaiveBayes()]
    if ebm != "none":
        found.insert(2, Additive(small=ebm == "small"))
    if find_spec("optbinning") is None:
        told = (
            "optbinning is not installed here (it is in no lock: it holds other packages back), "
            "so its row is missing; `pip install optbinning` beside the rest brings it."
        )
        return found, (told,)
    return [*found, Optbinning()], ()


def _scorer(features: Features, chance: Callable[[Floats], Any]) -> Scorer:
    def scorer(rows: Rows) -> Floats:
        found: Floats = np.asarray(chance(features.of(rows)))[:, 1]
        return found

    return scorer
