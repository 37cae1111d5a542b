"""Hold a card, and what was learned beside it, against what came after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np

from leadwise.learn.backtest.model import Backtest, Difference, Order, Part
from leadwise.learn.backtest.splits import forward
from leadwise.learn.backtest.verdict import verdict, warnings
from leadwise.learn.judge.interval import FEWEST, Interval, intervals
from leadwise.learn.judge.ranking import (
    Ranked,
    Weighed,
    auc,
    average_precision,
    calls,
    captured,
    gains,
    ranked,
    within,
)
from leadwise.learn.rows import Floats, Learner, Rows, Truths, Wholes, by_hand
from leadwise.report.intervals import wilson

HAND = "card"
TENTH = 0.1
DAY_US = 86_400_000_000
FIFTHS = ("first fifth", "second fifth", "third fifth", "fourth fifth", "last fifth")
FEW = 10
"""Fewer wins (or losses) than this have no AUC of their own worth showing."""


@dataclass(frozen=True, slots=True)
class Options:
    """`horizon_us` after which rows are over; learners see the `first` share of the rows and then
    all before each of `folds` parts; the team calls `per_day` leads a day."""

    horizon_us: int | None = None
    per_day: int | None = None
    first: float = 0.5
    folds: int = 4
    seed: int = 0


def backtest(
    rows: Rows, learners: Sequence[Learner] = (), options: Options = Options(),
    others: Mapping[str, Floats] | None = None, notes: Sequence[str] = (),
) -> Backtest:  # fmt: skip
    """The card's order, those of `others` (a score for each row, as an old list's) and of the
    learners, on the same rows.

    With learners, all are held against the same later rows: those that come after the first part
    that was learned from. Parts before which nobody, or everybody, was won are passed over; where
    none is left (no order in time, too short a time) no row is judged, and the verdict says so.
    """
    scores = {HAND: by_hand(rows), **(others or {})}
    judged, learned, learned_from = _learned(rows, learners, options)
    on = rows.take(judged)
    scores = {name: score[judged] for name, score in scores.items()} | learned
    orders = _orders(on, scores, options)
    found = Backtest(
        rows=len(on),
        leads=len(np.unique(on.lead)),
        won=int(on.won.sum()),
        buyers=len(np.unique(on.lead[on.won])),
        first_us=int(on.when_us[0]) if on.dated and len(on) else None,
        last_us=int(on.when_us[-1]) if on.dated and len(on) else None,
        horizon_us=options.horizon_us,
        orders=orders,
        differences=_differences(on, scores, options.seed),
        bands=_bands(on, options.seed),
        months=_months(on, options.seed),
        dated=on.dated,
        learned_from=learned_from,
        per_day=options.per_day,
        verdict=(),
        warnings=(),
        notes=tuple(notes),
    )
    return verdict(warnings(found))


def _learned(
    rows: Rows, learners: Sequence[Learner], options: Options
) -> tuple[Wholes, dict[str, Floats], int]:
    """The places judged, each learner's scores there, and the rows of the last learning."""
    if not learners:
        return np.arange(len(rows)), {}, 0
    parts = forward(rows, options.first, options.folds, options.horizon_us or 0)
    splits = [part for part in parts if 0 < rows.won[part.known].sum() < len(part.known)]
    if not splits:
        nothing = np.zeros(0)
        return np.zeros(0, np.int64), {learner.name: nothing for learner in learners}, 0
    scores = {
        learner.name: np.concatenate(
            [learner.learn(rows.take(s.known))(rows.take(s.ahead)) for s in splits]
        )
        for learner in learners
    }
    judged = np.concatenate([split.ahead for split in splits])
    return judged, scores, len(splits[-1].known)


def _figures(order: Ranked) -> list[Weighed]:
    return [
        partial(auc, order), partial(average_precision, order),
        lambda weights: captured(order, weights, TENTH) / TENTH,
    ]  # fmt: skip


def _orders(on: Rows, scores: Mapping[str, Floats], options: Options) -> tuple[Order, ...]:
    sorted_by = {name: ranked(score, on.won) for name, score in scores.items()}
    figures = [each for order in sorted_by.values() for each in _figures(order)]
    told = iter(intervals(figures, on.lead, options.seed))
    month, day = _month(on), on.when_us // DAY_US
    return tuple(
        Order(
            name,
            next(told),
            next(told),
            next(told),
            within=within(scores[name], on.won, month) if on.dated else None,
            curve=gains(order),
            calls=calls(scores[name], day, on.lead, on.won, options.per_day, options.seed)
            if options.per_day and on.dated
            else None,
        )
        for name, order in sorted_by.items()
    )


def _differences(on: Rows, scores: Mapping[str, Floats], seed: int) -> tuple[Difference, ...]:
    hand, *others = scores
    if not others:
        return ()
    first = ranked(scores[hand], on.won)
    figures: list[Weighed] = []
    for name in others:
        other = ranked(scores[name], on.won)
        figures += [partial(_less, figure, other, first) for figure in (auc, average_precision)]
    told = iter(intervals(figures, on.lead, seed))
    return tuple(Difference(name, hand, next(told), next(told)) for name in others)


def _less(
    figure: Callable[[Ranked, Floats], float], one: Ranked, other: Ranked, weights: Floats
) -> float:
    return figure(one, weights) - figure(other, weights)


def _bands(on: Rows, seed: int) -> tuple[Part, ...]:
    names = [band.id for band in on.card.bands]
    return tuple(
        _part(on, name, on.band == place, seed, order=False) for place, name in enumerate(names)
    )


def _months(on: Rows, seed: int) -> tuple[Part, ...]:
    if not on.dated:
        return _fifths(on, seed)
    month = _month(on)
    return tuple(
        _part(on, f"{one // 12:04d}-{one % 12 + 1:02d}", month == one, seed)
        for one in np.unique(month).tolist()
    )


def _fifths(on: Rows, seed: int) -> tuple[Part, ...]:
    """The file's rows from the first to the last, where they stand in order of time."""
    if not len(on) or on.when_us[0] == on.when_us[-1]:
        return ()
    part = np.arange(len(on)) * len(FIFTHS) // len(on)
    return tuple(_part(on, name, part == place, seed) for place, name in enumerate(FIFTHS))


def _month(on: Rows) -> Wholes:
    """Months since year 0, in UTC."""
    days, place = np.unique(on.when_us // DAY_US, return_inverse=True)
    if not on.dated:
        return np.zeros(len(on), np.int64)
    months = [_of_day(int(day)) for day in days]
    return np.array(months, np.int64)[place] if months else np.zeros(0, np.int64)


def _of_day(day: int) -> int:
    then = datetime.fromtimestamp(day * 86_400, UTC)
    return then.year * 12 + then.month - 1


def _part(on: Rows, name: str, here: Truths, seed: int, *, order: bool = True) -> Part:
    won, rows = int(on.won[here].sum()), int(here.sum())
    rate = Interval(won / rows, *wilson(won, rows)) if rows else Interval(*[float("nan")] * 3)
    told = None
    if order and min(won, rows - won) >= FEW:
        sorted_by = ranked(on.score[here].astype(np.float64), on.won[here])
        told = intervals([partial(auc, sorted_by)], on.lead[here], seed, FEWEST)[0]
    return Part(name, rows, len(np.unique(on.lead[here])), won, rate, told)
