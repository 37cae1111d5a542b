"""From rows to a learned card: the one way in.

Priors and size are chosen on at most `TRIED` rows, the last fit is on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.judge.ranking import auc, ranked
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Rows, Scorer, Truths
from leadwise.learn.scorecard.bins import binned
from leadwise.learn.scorecard.fit import Column, Fitted, fit
from leadwise.learn.scorecard.forming import as_by_hand, merged, odds_of, span, weighed
from leadwise.learn.scorecard.intervals import intervals
from leadwise.learn.scorecard.model import LearnedCard, Options, Weighed
from leadwise.learn.scorecard.points import scored
from leadwise.learn.scorecard.prior import Part, hand_parts, own_part
from leadwise.learn.scorecard.select import smaller
from leadwise.learn.scorecard.trials import (
    UNTRIED,
    Strength,
    Trial,
    choose,
    groups_of,
    period_group,
    periods,
    slope,
    splits,
)
from leadwise.learn.scorecard.writing import written

TRIED = 60_000
"""Rows on which priors and size are chosen."""
BINNED = 200_000
"""Rows on which edges are chosen, and which levels join."""
PLAIN = 0.05
"""Log odds of a point where the hand-made score has no scale: 14 points double the odds."""
LEAST_SLOPE = 0.5
"""Log odds of one standard deviation of the hand-made score, at least: below, it says too little
for its scale to mean anything."""


@dataclass(frozen=True, slots=True)
class CardLearner:
    """A Learner (`rows.Learner`) that gives the learned card's score."""

    options: Options = field(default_factory=Options)

    @property
    def name(self) -> str:
        return "learned card"

    def learn(self, rows: Rows) -> Scorer:
        return learn_card(rows, self.options).scorer


def learn_card(rows: Rows, options: Options | None = None) -> LearnedCard:
    """The card that these rows suggest. UserError: `learn-one-class` where all were won or none,
    `learn-monotone` where a field that is to rise has no order."""
    options = options or Options()
    _check(rows, options)
    unit, from_zero = _unit(rows)
    sample = _some(rows, BINNED)
    parts = hand_parts(sample, options.monotone) + _own_parts(sample, options)
    trial = _trial(_some(sample, TRIED), parts, unit)
    notes: list[str] = []
    if trial is None:
        strength = UNTRIED if options.prior is None else Strength(options.prior, None)
        kept = [part for part in parts if part.by_hand]
        notes.append(_few(rows))
    else:
        strength = choose(trial, options.prior)
        most = max(options.criteria, sum(part.by_hand for part in parts))
        which = smaller(trial, strength, most)
        kept = [parts[i] for i in which]
        notes += _tried(trial, which, strength)
        strength = _grown(strength, len(trial.won), len(rows))
    columns = [part.column(sample) for part in kept]
    found = _fit(kept, columns, sample.won, unit, strength)
    before = _auc(odds_of(found, kept, columns, len(sample)), sample.won)
    kept, columns = merged(kept, columns, found, sample, options)
    if sample is not rows:
        columns = [part.column(rows) for part in kept]
    found = _fit(kept, columns, rows.won, unit, strength)
    if from_zero:
        unit = span(found, kept) / 100.0
    exact = _auc(odds_of(found, kept, columns, len(rows)), rows.won)
    made, columns = weighed(rows, kept, columns, found, unit, from_zero=from_zero)
    if not made.parts:
        notes.append("Nothing in these rows tells won from lost: the hand-made card stays.")
        raw = hand_parts(rows, {})
        if not raw:
            raise UserError(
                "learn-nothing",
                "Of the hand-made card no criterion is left, and nothing else in these rows tells "
                "won from lost.",
                hint="Leave out less, or declare more fields and events.",
            )
        made = as_by_hand(rows, raw)
        columns = [part.column(rows) for part in made.parts]
    shown = [one / 100.0 for one in made.hundredths]
    sure = intervals(made.parts, columns, shown, rows.won, rows.lead, unit)
    scores = scored(made.parts, made.hundredths, columns, made.limits, made.bounds,
                    len(rows)) / 100.0  # fmt: skip
    notes += _said(rows, made, strength, tried=trial is not None)
    figures = {
        "auc_by_hand": _auc(rows.score / 100.0, rows.won),
        "auc_before_joining": before,
        "auc_before_rounding": exact,
        "auc": _auc(scores, rows.won),
    }
    card, text, lines = written(rows, made, columns, sure, tuple(notes), figures)
    return LearnedCard(
        card=card, text=text, points=lines, scorer=made, unit=unit, strength=strength,
        notes=tuple(notes), **figures,
    )  # fmt: skip


# -- before the fit ------------------------------------------------------------------------------


def _check(rows: Rows, options: Options) -> None:
    wins = int(rows.won.sum())
    if wins in (0, len(rows)):
        which = "none was won" if wins == 0 else "all were won"
        raise UserError(
            "learn-one-class",
            f"Of {len(rows):,} rows to learn from, {which}: points tell won from lost.",
            hint="Are the outcomes those of these leads? Is the horizon long enough?",
        )
    types = value_types(rows.card)
    for name in options.monotone:
        if types.get(name) not in ("number", "boolean", "time"):
            raise UserError(
                "learn-monotone",
                f"'{name}' cannot rise or fall: it is no number, time or boolean of the card.",
                hint="Numbers: " + ", ".join(n for n, kind in types.items() if kind == "number"),
            )


def _unit(rows: Rows) -> tuple[float, bool]:
    """Log odds of a point, and whether the hand-made card has a scale at all."""
    score = rows.score / 100.0
    spread = float(score.std())
    if spread == 0.0:
        return PLAIN, True
    found, least = slope(score, rows.won)[1], LEAST_SLOPE / spread
    return (found if found > least else min(least, PLAIN)), False


def _own_parts(rows: Rows, options: Options) -> list[Part]:
    found = []
    for name in value_types(rows.card):
        of = None if name in options.without else binned(rows, name)
        if of is not None:
            count = np.bincount(of.codes(rows), minlength=of.levels)
            found.append(own_part(of, count, options.monotone.get(name), np.ones(of.known - 1)))
    return found


def _some(rows: Rows, most: int) -> Rows:
    """Every k-th lead's rows, so that at most `most` are left."""
    if len(rows) <= most:
        return rows
    every = -(-len(rows) // most)
    lead = np.unique(rows.lead, return_inverse=True)[1]
    return rows.take(lead % every == 0)


def _trial(rows: Rows, parts: list[Part], unit: float) -> Trial | None:
    found = splits(rows)
    if not found:
        return None
    columns = tuple(part.column(rows) for part in parts)
    return Trial(tuple(parts), columns, rows.won, rows.lead, found, unit)


def _grown(strength: Strength, tried: int, rows: int) -> Strength:
    """A prior chosen on a part of the rows weighs as much against all of them."""
    times = max(1.0, rows / tried) if rows > 1.5 * tried else 1.0
    own = None if strength.own is None else strength.own * times
    return replace(strength, hand=strength.hand * times, own=own)


# -- the fit and what becomes of it --------------------------------------------------------------


def _fit(
    parts: list[Part], columns: list[Column], won: Truths, unit: float, strength: Strength
) -> Fitted:
    groups, given = groups_of(parts, unit, strength), list(columns)
    if strength.periods:
        groups.append(period_group())
        given.append(periods(len(won)))
    found = fit(given, groups, won)
    return replace(found, tables=found.tables[: len(parts)])


# -- what is said --------------------------------------------------------------------------------


def _auc(score: Floats, won: Truths) -> float:
    return auc(ranked(score, won), np.ones(len(won)))


def _few(rows: Rows) -> str:
    wins = int(rows.won.sum())
    return (
        f"{len(rows):,} rows with {wins} won are too few to try anything out on later leads: only "
        "the hand-made criteria are learned, close to their points, and no new ones are looked for."
    )


def _tried(trial: Trial, which: list[int], strength: Strength) -> list[str]:
    """What a small card costs, on later leads."""
    everything = list(range(len(trial.parts)))
    if strength.own is None or len(which) == len(everything):
        return []
    small, large = (trial.later_auc(some, strength) for some in (which, everything))
    said = (
        f"Learned from the earlier rows, the {len(which)} criteria taken order the later ones with "
        f"an AUC of {small:.3f}, all {len(everything)} looked at with {large:.3f}."
    )
    return [said]


def _said(rows: Rows, weighed: Weighed, strength: Strength, *, tried: bool) -> list[str]:
    found = []
    kept = {part.name for part in weighed.parts if part.by_hand}
    gone = [part.name for part in hand_parts(rows.take(np.arange(1)), {}) if part.name not in kept]
    if gone:
        found.append(
            "Left out, as they give no points here that others do not: " + ", ".join(gone) + "."
        )
    if tried and strength.own is None:
        found.append("No new criterion foretold later leads better than chance would have it.")
    for bound, now, word in zip(
        (rows.card.range.min, rows.card.range.max), weighed.bounds, ("minimum", "maximum"),
        strict=True,
    ):  # fmt: skip
        if bound is not None and now is None:
            found.append(
                f"The {word} of the score is dropped: it would make more than one row in a "
                "hundred equal."
            )
    return found
