"""Learners on one split: what each found on the later rows, and what parts it from the others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bench.learn.peers import CARD, LEARNED, Meaning
from leadwise.learn.judge.interval import Interval, intervals, paired
from leadwise.learn.judge.probability import calibration_error
from leadwise.learn.judge.ranking import auc, average_precision, ranked
from leadwise.learn.rows import Floats, Learner, Rows, Wholes, by_hand

DRAWS = 1000


@dataclass(frozen=True)
class Side:
    """How one way of scoring did: `less` is the learned card's AUC less this one's, drawn together
    (None for the card itself); `ece` is NaN where it says no probability; `seconds` of learning."""

    name: str
    auc: Interval
    precision: Interval
    ece: float
    less: Interval | None
    seconds: float


@dataclass(frozen=True)
class Held:
    """One split: its name, the rows of both parts, and the sides, the card by hand first."""

    name: str
    learned_from: int
    rows: int
    won: int
    won_before: float
    sides: tuple[Side, ...]

    def side(self, name: str) -> Side:
        return next(side for side in self.sides if side.name == name)


def held(
    name: str, rows: Rows, known: Wholes, ahead: Wholes, learners: Sequence[Learner],
    others: Iterable[tuple[str, Floats]] = (),
) -> Held:  # fmt: skip
    """Each learner learns from `known` and scores `ahead`; `others` are scores made elsewhere."""
    early, late = rows.take(np.sort(known)), rows.take(np.sort(ahead))
    scores: dict[str, Floats] = {CARD: by_hand(late), **dict(others)}
    seconds = dict.fromkeys(scores, 0.0)
    chances: dict[str, Floats] = {}
    for learner in learners:
        began = time.perf_counter()
        scorer = learner.learn(early)
        seconds[learner.name] = time.perf_counter() - began
        scores[learner.name] = scorer(late)
        said = scorer.probability if isinstance(scorer, Meaning) else _itself
        chances[learner.name] = said(scores[learner.name])
    orders = {name: ranked(score, late.won) for name, score in scores.items()}
    figures = [
        partial(each, order) for order in orders.values() for each in (auc, average_precision)
    ]
    told = iter(intervals(figures, late.lead, 0, DRAWS))
    mine = partial(auc, orders[LEARNED])
    rest = [name for name in scores if name != LEARNED]
    gaps = dict(zip(rest, paired([mine] * len(rest), [partial(auc, orders[n]) for n in rest],
                                 late.lead), strict=True))  # fmt: skip
    sides = tuple(
        Side(name, next(told), next(told), _error(chances.get(name), late), gaps.get(name),
             seconds[name])
        for name in scores
    )  # fmt: skip
    return Held(name, len(early), len(late), int(late.won.sum()), float(early.won.mean()), sides)


def _itself(score: Floats) -> Floats:
    return score


def _error(chance: Floats | None, late: Rows) -> float:
    return float("nan") if chance is None else calibration_error(chance, late.won)
