"""From rows to a learned card: the one way in.

Priors and size are chosen on at most `TRIED` rows, the last fit is on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from leadwise.card.model import OccurrenceCriterion
from leadwise.errors import UserError
from leadwise.learn.judge.ranking import auc, ranked
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Rows, Scorer, Truths, Wholes
from leadwise.learn.scorecard.bins import Binned, binned
from leadwise.learn.scorecard.fit import Column, Fitted, fit
from leadwise.learn.scorecard.intervals import intervals
from leadwise.learn.scorecard.model import LearnedCard, Options, Weighed
from leadwise.learn.scorecard.points import raw_points, rounded, scored
from leadwise.learn.scorecard.prior import Part, hand_parts, own_part
from leadwise.learn.scorecard.select import joined, smaller
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
"""Rows on which edges are chosen."""
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
        kept = [parts[i] for i in smaller(trial, strength, most)]
        strength = _grown(strength, len(trial.won), len(rows))
    columns = [part.column(rows) for part in kept]
    found = _fit(kept, columns, rows.won, unit, strength)
    before = _auc(_odds(found, kept, columns), rows.won)
    kept, columns = _merged(kept, columns, found, rows, options)
    found = _fit(kept, columns, rows.won, unit, strength)
    if from_zero:
        unit = _range(found, kept) / 100.0
    weighed, columns = _weighed(rows, kept, columns, found, unit, from_zero=from_zero)
    if not weighed.parts:
        notes.append("Nothing in these rows tells won from lost: the hand-made card stays.")
        raw = hand_parts(rows, {})
        weighed = _as_by_hand(rows, raw)
        columns = [part.column(rows) for part in weighed.parts]
    shown = [one / 100.0 for one in weighed.hundredths]
    sure = intervals(weighed.parts, columns, shown, rows.won, rows.lead, unit)
    scores = scored(weighed.parts, weighed.hundredths, columns, weighed.limits, weighed.bounds,
                    len(rows)) / 100.0  # fmt: skip
    notes += _said(rows, weighed, strength)
    figures = {
        "auc_by_hand": _auc(rows.score / 100.0, rows.won),
        "auc_all_criteria": before,
        "auc_before_rounding": _auc(_odds(found, kept, [p.column(rows) for p in kept]), rows.won),
        "auc": _auc(scores, rows.won),
    }
    card, text, lines = written(rows, weighed, columns, sure, tuple(notes), figures)
    return LearnedCard(
        card=card, text=text, points=lines, scorer=weighed, unit=unit, strength=strength,
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
        return 0.05, True
    return max(slope(score, rows.won)[1], LEAST_SLOPE / spread), False


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


def _odds(found: Fitted, parts: list[Part], columns: list[Column]) -> Floats:
    count = len(columns[0])
    total = np.full(count, found.intercept)
    for part, column, table in zip(parts, columns, found.tables, strict=True):
        total += column * table[0] if part.counts else table[column]
    return total


def _merged(
    parts: list[Part], columns: list[Column], found: Fitted, rows: Rows, options: Options
) -> tuple[list[Part], list[Column]]:
    """Own criteria with levels that are alike put together."""
    share = float(rows.won.mean())
    made: list[Part] = []
    now: list[Column] = []
    for part, column, table in zip(parts, columns, found.tables, strict=True):
        if not isinstance(part.of, Binned):
            made.append(part)
            now.append(column)
            continue
        count = np.bincount(column, minlength=part.of.levels)
        into = joined(part.of, table, count, share, options.tiers)
        if max(into) == 0 and count[part.of.known] == 0:
            continue
        new = joined_part(part.of, into, options, rows)
        made.append(new)
        now.append(new.column(rows))
    return made, now


def joined_part(of: Binned, into: list[int], options: Options, rows: Rows) -> Part:
    """A part with joined levels; steps between far neighbours may be larger."""
    new = of.merged(into)
    steps = np.ones(new.known - 1)
    if of.ordered and of.kind != "boolean":
        middle = [np.mean([k for k, at in enumerate(into) if at == j]) for j in range(new.known)]
        steps = np.diff(middle)
    count = np.bincount(new.codes(rows), minlength=new.levels)
    return own_part(new, count, options.monotone.get(of.name), steps)


def _range(found: Fitted, parts: list[Part]) -> float:
    """Log odds from the worst to the best lead."""
    spans = [float(t.max() - t.min()) for t, p in zip(found.tables, parts, strict=True)
             if not p.counts]  # fmt: skip
    return max(sum(spans), 0.1)


def _weighed(
    rows: Rows, parts: list[Part], columns: list[Column], found: Fitted, unit: float,
    *, from_zero: bool,
) -> tuple[Weighed, list[Column]]:  # fmt: skip
    """Whole points; what they make equal is joined, what is worth nothing goes."""
    raw = raw_points(parts, found, columns, unit, from_zero=from_zero)
    chance = 1 / (1 + np.exp(-_odds(found, parts, columns)))
    whole = rounded(parts, raw, columns, chance, unit)
    kept: list[tuple[Part, Wholes, Column]] = []
    for part, points, column in zip(parts, whole, columns, strict=True):
        if isinstance(part.of, Binned):
            part, points, column = _collapsed(part, points, column)
        seen = points if part.counts else points[np.unique(column)]
        if part.counts and points[0] == 0:
            continue
        if not part.counts and (seen == 0).all():
            continue
        kept.append((part, points, column))
    limits = tuple(_limit(part, points) for part, points, _ in kept)
    weighed = Weighed(tuple(k[0] for k in kept), tuple(k[1] for k in kept), limits, (None, None))
    now = [k[2] for k in kept]
    return replace(weighed, bounds=_bounds(rows, weighed, now)), now


def _collapsed(part: Part, points: Wholes, column: Column) -> tuple[Part, Wholes, Column]:
    """Levels of an own criterion with the same points become one."""
    of = part.of
    assert isinstance(of, Binned)
    if of.kind == "boolean":
        return part, points, column
    known = points[: of.known]
    if of.ordered:
        into = np.concatenate([[0], np.cumsum(known[1:] != known[:-1])])
        values = known[np.concatenate([[True], known[1:] != known[:-1]])]
        new_of = of.merged([int(k) for k in into])
    else:
        values, into = np.unique(known, return_inverse=True)
        new_of = of.merged([int(k) for k in into])
        rest = int(into[-1])
        values = np.append(np.delete(values, rest), values[rest])
        place = np.array([k - (k > rest) if k != rest else len(values) - 1
                          for k in range(len(values))])  # fmt: skip
        into = place[into]
    table = np.append(values, points[of.known]).astype(np.int64)
    codes = np.append(into, new_of.known)[column].astype(np.int64)
    basis = np.eye(new_of.levels)
    zero = np.zeros(new_of.levels)
    return Part(part.name, new_of, basis, zero, basis), table, codes


def _limit(part: Part, points: Wholes) -> int | None:
    """A limit of points grows and shrinks with the points."""
    of = part.of
    if not isinstance(of, OccurrenceCriterion) or of.limit is None or of.limit.points is None:
        return None
    if of.points == 0:
        return of.limit.points
    made = round(of.limit.points / of.points * int(points[0]) / 100) * 100
    return made if made else int(points[0])


def _bounds(rows: Rows, weighed: Weighed, columns: list[Column]) -> tuple[int | None, int | None]:
    """The card's minimum and maximum, where fewer than one row in a hundred would be cut off."""
    scores = scored(weighed.parts, weighed.hundredths, columns, weighed.limits, (None, None),
                    len(rows))  # fmt: skip
    low, high = rows.card.range.min, rows.card.range.max
    if low is not None and float((scores < low).mean()) > 0.01:
        low = None
    if high is not None and float((scores > high).mean()) > 0.01:
        high = None
    return low, high


def _as_by_hand(rows: Rows, parts: list[Part]) -> Weighed:
    whole = tuple(np.round(part.points).astype(np.int64) * 100 for part in parts)
    limits = tuple(_limit(part, points) for part, points in zip(parts, whole, strict=True))
    return Weighed(tuple(parts), whole, limits, (rows.card.range.min, rows.card.range.max))


# -- what is said --------------------------------------------------------------------------------


def _auc(score: Floats, won: Truths) -> float:
    return auc(ranked(score, won), np.ones(len(won)))


def _few(rows: Rows) -> str:
    wins = int(rows.won.sum())
    return (
        f"{len(rows):,} rows with {wins} won are too few to try anything out on later leads: only "
        "the hand-made criteria are learned, close to their points, and no new ones are looked for."
    )


def _said(rows: Rows, weighed: Weighed, strength: Strength) -> list[str]:
    found = []
    kept = {part.name for part in weighed.parts if part.by_hand}
    gone = [part.name for part in hand_parts(rows.take(np.arange(1)), {}) if part.name not in kept]
    if gone:
        found.append("Left out, as these rows give them no points: " + ", ".join(gone) + ".")
    if strength.own is None:
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
