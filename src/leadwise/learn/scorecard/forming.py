"""From a fit to what a card can say: levels joined, whole points, nothing that is worth 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leadwise.card.model import OccurrenceCriterion
from leadwise.learn.rows import Floats, Rows, Wholes
from leadwise.learn.scorecard.bins import Binned
from leadwise.learn.scorecard.fit import Column, Fitted
from leadwise.learn.scorecard.model import Options, Weighed
from leadwise.learn.scorecard.points import raw_points, rounded, scored
from leadwise.learn.scorecard.prior import Part, own_part
from leadwise.learn.scorecard.select import joined


def odds_of(found: Fitted, parts: list[Part], columns: list[Column], count: int) -> Floats:
    total = np.full(count, found.intercept)
    for part, column, table in zip(parts, columns, found.tables, strict=True):
        total += column * table[0] if part.counts else table[column]
    return total


def merged(
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


def span(found: Fitted, parts: list[Part]) -> float:
    """Log odds from the worst to the best lead."""
    spans = [float(t.max() - t.min()) for t, p in zip(found.tables, parts, strict=True)
             if not p.counts]  # fmt: skip
    return max(sum(spans), 0.1)


def weighed(
    rows: Rows, parts: list[Part], columns: list[Column], found: Fitted, unit: float,
    *, from_zero: bool,
) -> tuple[Weighed, list[Column]]:  # fmt: skip
    """Whole points; what they make equal is joined, what is worth nothing goes."""
    raw = raw_points(parts, found, columns, unit, from_zero=from_zero)
    chance = 1 / (1 + np.exp(-odds_of(found, parts, columns, len(rows))))
    whole = rounded(parts, raw, columns, chance, unit)
    kept: list[tuple[Part, Wholes, Column]] = []
    for part, points, column in zip(parts, whole, columns, strict=True):
        if isinstance(part.of, Binned):
            part, points, column = _collapsed(part, points, column)
        # A hand-made tier that no row met keeps its points.
        seen = points if part.by_hand else points[np.unique(column)]
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


def as_by_hand(rows: Rows, parts: list[Part]) -> Weighed:
    whole = tuple(np.round(part.points * 100).astype(np.int64) for part in parts)
    limits = tuple(_limit(part, points) for part, points in zip(parts, whole, strict=True))
    return Weighed(tuple(parts), whole, limits, (rows.card.range.min, rows.card.range.max))
