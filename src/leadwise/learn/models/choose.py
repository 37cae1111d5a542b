"""Which model, if any: candidates against each other and the card, on later rows.

Every candidate learns from the rows before a part and foretells that part, settings and all; the
figures are means over the parts, so that telling times apart earns nothing. A model is called
better than another order only where the whole 95 percent interval of their paired difference lies
above 0 and it is worse in none of the parts: what wins in one month and loses in the next is no
better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.backtest.splits import Split, forward
from leadwise.learn.calibration.fit import FEWEST, calibrate
from leadwise.learn.calibration.model import Calibration
from leadwise.learn.judge.interval import Interval, intervals
from leadwise.learn.judge.ranking import Ranked, Weighed, auc, average_precision, ranked
from leadwise.learn.models.learn import WAYS, ModelLearner, learn_model
from leadwise.learn.models.options import Options, refuse_few, thinned
from leadwise.learn.models.said import said
from leadwise.learn.models.stored import Kind, Stored
from leadwise.learn.models.tried import FIRST, FOLDS, by_lot
from leadwise.learn.rows import Floats, Learner, Rows, by_hand

HAND = "card"
CHANCE = 0.5
ROWS = 30_000
"""Rows on which candidates are compared."""
TIE = 0.001
"""Of models whose AUC differs by less, the plainest is taken."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order and how well it foretold later rows: means over the parts; `each` part's AUC."""

    name: str
    auc: Interval
    average_precision: Interval
    each: tuple[float, ...]

    @property
    def steady(self) -> bool:
        """Whether no later part was foretold worse than by chance."""
        return min(self.each) >= CHANCE


@dataclass(frozen=True, slots=True)
class Against:
    """The chosen model less another order, drawn together; `each` part's difference. `better` only
    where the interval is above 0 and no part is below."""

    name: str
    auc: Interval
    each: tuple[float, ...]

    @property
    def better(self) -> bool:
        return self.auc.low > 0 and min(self.each) >= 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model, learned from all rows; what it was chosen by; what may be said of it.

    `better`: it may be called better: than the card and all other orders but the models that it was
    chosen among, of which it must beat the plainest; and no part was foretold worse than by chance.
    """

    model: Stored
    candidates: tuple[Candidate, ...]
    against: tuple[Against, ...]
    rows: int
    in_time: bool
    better: bool
    verdict: tuple[str, ...]


def choose_model(
    rows: Rows, options: Options | None = None, *, name: str = "best",
    kinds: Sequence[Kind] = ("logistic", "ebm", "lightgbm"), others: Sequence[Learner] = (),
) -> Chosen:  # fmt: skip
    """The kind that orders later rows best, learned from all rows and calibrated on later ones.

    `others` are held against it (a learned card). UserError as `learn_model`, and `learn-few` where
    no later part holds enough to choose by.
    """
    options = options or Options()
    refuse_few(rows)
    tried = thinned(rows, ROWS)
    splits = _splits(tried, options)
    learners: list[Learner] = [ModelLearner(kind, options) for kind in kinds]
    if "logistic" not in kinds:
        learners.append(ModelLearner("logistic", options))
    scores = _scores(tried, [*learners, *others], splits)
    candidates = _candidates(tried, splits, scores, options.seed)
    kind = _best(kinds, candidates)
    against = _against(tried, splits, scores, WAYS[kind].name, options.seed)
    model = learn_model(kind, rows, options, name)
    model = model.calibrated(_calibration(tried, splits, scores[WAYS[kind].name], options))
    rivals = {WAYS[other].name for other in WAYS} - {WAYS["logistic"].name}
    mine = next(one for one in candidates if one.name == WAYS[kind].name)
    better = mine.steady and all(one.better for one in against if one.name not in rivals)
    found = Chosen(
        model, candidates, against, sum(len(split.ahead) for split in splits),
        bool(tried.when_us[0] != tried.when_us[-1]), better, (),
    )  # fmt: skip
    verdict = said(found)
    return Chosen(model, candidates, against, found.rows, found.in_time, better, verdict)


def _splits(rows: Rows, options: Options) -> tuple[Split, ...]:
    """The later parts, each held against all before; of rows without order, parts by lot."""
    if rows.when_us[0] == rows.when_us[-1]:
        found = [by_lot(rows, fold, FOLDS + 2) for fold in range(FOLDS)]
    else:
        found = list(forward(rows, FIRST, FOLDS, options.horizon_us))
    kept = tuple(split for split in found if _learnable(rows, split))
    if not kept:
        raise UserError(
            "learn-few",
            f"{len(rows):,} rows with {int(rows.won.sum()):,} won are too few to try a model on "
            "later leads than it learned from.",
            hint="A learned card does with less. Collect more outcomes, or shorten the horizon.",
        )
    return kept


def _learnable(rows: Rows, split: Split) -> bool:
    try:
        refuse_few(rows.take(split.known))
    except UserError:
        return False
    wins = int(rows.won[split.ahead].sum())
    return min(wins, len(split.ahead) - wins) >= FEWEST


def _scores(
    rows: Rows, learners: Sequence[Learner], splits: Sequence[Split]
) -> dict[str, list[Floats]]:
    """Of each order the scores of each part."""
    hand = by_hand(rows)
    found = {HAND: [hand[split.ahead] for split in splits]}
    for learner in learners:
        found[learner.name] = [
            learner.learn(rows.take(split.known))(rows.take(split.ahead)) for split in splits
        ]
    return found


def _sorted(rows: Rows, splits: Sequence[Split], scores: Sequence[Floats]) -> list[Ranked]:
    return [ranked(one, rows.won[s.ahead]) for one, s in zip(scores, splits, strict=True)]


def _mean(
    figure: Callable[[Ranked, Floats], float],
    orders: Sequence[Ranked],
    splits: Sequence[Split],
    weights: Floats,
) -> float:
    parts = zip(orders, splits, strict=True)
    return float(np.mean([figure(order, weights[split.ahead]) for order, split in parts]))


def _candidates(
    rows: Rows, splits: Sequence[Split], scores: Mapping[str, list[Floats]], seed: int
) -> tuple[Candidate, ...]:
    orders = {name: _sorted(rows, splits, each) for name, each in scores.items()}
    figures: list[Weighed] = [
        partial(_mean, figure, order, splits)
        for order in orders.values()
        for figure in (auc, average_precision)
    ]
    told = iter(intervals(figures, rows.lead, seed))
    return tuple(
        Candidate(name, next(told), next(told), _each(order)) for name, order in orders.items()
    )


def _each(orders: Sequence[Ranked]) -> tuple[float, ...]:
    return tuple(auc(order, np.ones(len(order.order))) for order in orders)


def _against(
    rows: Rows, splits: Sequence[Split], scores: Mapping[str, list[Floats]], chosen: str, seed: int
) -> tuple[Against, ...]:
    mine = _sorted(rows, splits, scores[chosen])
    others = {n: _sorted(rows, splits, each) for n, each in scores.items() if n != chosen}

    def less(other: Sequence[Ranked], weights: Floats) -> float:
        return _mean(auc, mine, splits, weights) - _mean(auc, other, splits, weights)

    told = intervals([partial(less, other) for other in others.values()], rows.lead, seed)
    ours = _each(mine)
    return tuple(
        Against(name, gap, tuple(a - b for a, b in zip(ours, _each(order), strict=True)))
        for (name, order), gap in zip(others.items(), told, strict=True)
    )


def _best(kinds: Sequence[Kind], candidates: Sequence[Candidate]) -> Kind:
    figures = {one.name: one.auc.value for one in candidates}
    best = max(figures[WAYS[kind].name] for kind in kinds)
    plainest = [kind for kind in WAYS if kind in kinds]
    return next(kind for kind in plainest if figures[WAYS[kind].name] >= best - TIE)


def _calibration(
    rows: Rows, splits: Sequence[Split], scores: Sequence[Floats], options: Options
) -> Calibration | None:
    """On the last part where that is enough, else on all: the newest share of wins is nearest."""
    last = rows.won[splits[-1].ahead]
    wins = int(last.sum())
    enough = min(wins, len(last) - wins) >= 10 * FEWEST
    used = [(splits[-1], scores[-1])] if enough else list(zip(splits, scores, strict=True))
    places = np.concatenate([split.ahead for split, _ in used])
    raw = np.concatenate([score for _, score in used])
    return calibrate(raw, rows.won[places], rows.lead[places],
                     horizon_us=options.horizon_us or None, seed=options.seed)  # fmt: skip
