"""A naive interpreter of docs/card-language.md: the second opinion on what a score is.

It shares nothing with the planner and is written to be compared with the text, not to be fast: it
loops over one lead's events for each criterion and keeps every value as Python has it. A number is
a float, a text a str, a boolean a bool, a time whole microseconds since 1970 UTC, unknown is None.
Points are whole hundredths. Values come as entry leaves them (typed, folded).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    Criterion,
    Dimension,
    GradeAxis,
    Measure,
    OccurrenceCriterion,
    Occurrences,
    Range,
    StateCriterion,
    Variable,
)
from tests.oracle_conditions import DAY, Scope, Value, evaluate

Values = dict[str, Value]
Facts = list[tuple[int | None, Values]]
"""The rows of one lead: since when each was known (None: always), and its fields."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Happened:
    """One event of a lead: what, when, when we heard of it, and its properties."""

    event: str
    at_us: int
    received_us: int
    properties: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The ledger's row. `lines` are in the card's order and add up to `score`.

    `edge` says how far the nearest half-life sum was from being rounded the other way, in
    hundredths: two honest computers may differ below about 1e-9, so a law assumes more than that.
    """

    lines: dict[str, int]
    dimensions: dict[str, int]
    score: int
    band: str | None
    grade: str | None
    unknown: tuple[str, ...]
    edge: float


@dataclass
class Ledger:
    """What has been written so far."""

    lines: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    edges: list[float] = field(default_factory=lambda: [0.5])

    def write(self, name: str, amount: int) -> int:
        line = name.replace("-", "_")
        assert line not in self.lines, line
        self.lines[line] = amount
        return amount


def answer(
    card: Card, facts: Facts, events: list[Happened], as_of: int, known_by: int | None = None
) -> Answer:
    """The score of one lead at `as_of`, with what had reached us by `known_by` (or by `as_of`)."""
    known_by = as_of if known_by is None else known_by
    seen = [e for e in events if e.at_us <= as_of and e.received_us <= known_by]
    values = fields_at(facts, as_of, known_by)
    variables = {v.name: v for v in card.fields}
    for measure in card.measures:
        values[measure.name] = measured(card, measure, seen, as_of)
        variables[measure.name] = kind_of_measure(card, measure)
    scope = Scope(variables, values, as_of)

    ledger = Ledger()
    dimensions = {d.id: dimension_total(card, d, scope, seen, ledger) for d in card.dimensions}
    score = sum(dimensions.values())
    score = adjusted(card.adjustments, score, scope, ledger)
    score = bounded("score", card.range, score, ledger)
    assert score == sum(ledger.lines.values())
    return Answer(
        lines=ledger.lines,
        dimensions=dimensions,
        score=score,
        band=band_of(card.bands, score),
        grade=grade_of(card, dimensions),
        unknown=tuple(ledger.unknown),
        edge=min(ledger.edges),
    )


def fields_at(facts: Facts, as_of: int, known_by: int) -> Values:
    """The latest row known at the moment; a row without `known_at` is before all others."""
    always = [row for known_at, row in facts if known_at is None]
    dated = [(t, row) for t, row in facts if t is not None and t <= as_of and t <= known_by]
    if dated:
        return dict(max(dated, key=lambda pair: pair[0])[1])
    return dict(always[0]) if always else {}


# --- events -------------------------------------------------------------------------------------


def properties_of(card: Card, on: tuple[str, ...]) -> dict[str, Variable]:
    """The properties that a condition on these events may use: those that one of them declares."""
    kinds = [e for e in card.events if on == ("any",) or e.name in on]
    return {p.name: p for e in kinds for p in e.properties}


def occurrences(card: Card, which: Occurrences, seen: list[Happened], as_of: int) -> list[Happened]:
    """The events that match, latest first. `any` is every event that the card declares."""
    declared = {e.name: {p.name for p in e.properties} for e in card.events}
    wanted = set(declared) if which.on == ("any",) else set(which.on)
    variables = properties_of(card, which.on)
    matching = []
    for e in sorted(seen, key=lambda e: e.at_us, reverse=True):
        if e.event not in wanted:
            continue
        # An event that does not declare a property never has it.
        properties = {k: v for k, v in e.properties.items() if k in declared[e.event]}
        scope = Scope(variables, properties, as_of)
        # Undecided (None) does not count.
        if which.where is not None and evaluate(which.where, scope) is not True:
            continue
        # The far edge of the window is outside, the moment itself inside.
        if which.within is not None and not as_of - which.within < e.at_us <= as_of:
            continue
        matching.append(Happened(e.event, e.at_us, e.received_us, properties))
    return matching


def measured(card: Card, measure: Measure, seen: list[Happened], as_of: int) -> Value:
    found = occurrences(card, measure.occurrences, seen, as_of)
    if measure.statistic == "count":
        return float(len(found))
    if measure.statistic in ("days_since_first", "days_since_last"):
        if not found:
            return None
        at = found[-1].at_us if measure.statistic == "days_since_first" else found[0].at_us
        return (as_of - at) / DAY

    assert measure.property is not None
    timed = [(e.at_us, e.properties.get(measure.property)) for e in found]
    known = [(at, value) for at, value in timed if value is not None]  # NULLs are skipped
    values = [value for _, value in known]
    if measure.statistic == "distinct":
        return float(len(set(values)))
    if not values:
        return None
    if measure.statistic == "last":
        # Of several at one instant the greatest; Python has str by code point, False before True.
        latest = max(at for at, _ in known)
        return max(value for at, value in known if at == latest)
    numbers = [float(value) for value in values]
    if measure.statistic == "sum":
        total = math.fsum(numbers)
        return math.floor(total * 1e6 + 0.5) / 1e6 if abs(total) < 1e9 else total
    return min(numbers) if measure.statistic == "min" else max(numbers)


def kind_of_measure(card: Card, measure: Measure) -> Variable:
    """A measure is a number, except `last`, which is what its property is."""
    if measure.statistic == "last" and measure.property is not None:
        return properties_of(card, measure.occurrences.on)[measure.property]
    return Variable(measure.name, "number", measure.name)


# --- criteria -----------------------------------------------------------------------------------


def dimension_total(
    card: Card, dimension: Dimension, scope: Scope, seen: list[Happened], ledger: Ledger
) -> int:
    total = sum(criterion_points(card, c, scope, seen, ledger) for c in dimension.criteria)
    total = adjusted(dimension.adjustments, total, scope, ledger)
    return bounded(dimension.id, dimension.range, total, ledger)


def criterion_points(
    card: Card, criterion: Criterion, scope: Scope, seen: list[Happened], ledger: Ledger
) -> int:
    if isinstance(criterion, StateCriterion):
        return ledger.write(criterion.id, state_points(criterion, scope, ledger))
    points = occurrence_points(card, criterion, scope, seen, ledger)
    total = ledger.write(criterion.id, points)
    bound = criterion.limit.points if criterion.limit else None
    if bound is not None:
        kept = min(points, bound) if bound > 0 else max(points, bound)
        total += ledger.write(criterion.id + "__limit", kept - points)
    return total


def state_points(criterion: StateCriterion, scope: Scope, ledger: Ledger) -> int:
    truths = [evaluate(tier.when, scope) for tier in criterion.tiers]
    for tier, truth in zip(criterion.tiers, truths, strict=True):
        if truth is True:  # the first that is true wins, even after one that cannot be decided
            return tier.points
    if None in truths:
        ledger.unknown.append(criterion.id)
        return criterion.unknown or 0
    return criterion.otherwise or 0


def occurrence_points(
    card: Card,
    criterion: OccurrenceCriterion,
    scope: Scope,
    seen: list[Happened],
    ledger: Ledger,
) -> int:
    if criterion.when is not None:
        truth = evaluate(criterion.when, scope)
        if truth is None:
            ledger.unknown.append(criterion.id)
        if truth is not True:
            return 0
    found = occurrences(card, criterion.occurrences, seen, scope.as_of)  # where, within
    if criterion.distinct is not None:
        found = latest_of_each(found, criterion.distinct)
    limit = criterion.limit
    if limit is not None and limit.times is not None:
        found = most_recent(found, limit.times, card.timezone if limit.per_day else None)

    if criterion.half_life is None:
        return criterion.points * len(found)
    worth = math.fsum(
        criterion.points * 2.0 ** (-(scope.as_of - e.at_us) / criterion.half_life) for e in found
    )
    fraction = (worth + 0.5000001) % 1
    ledger.edges.append(min(fraction, 1 - fraction))
    return math.floor(worth + 0.5000001)


def latest_of_each(latest_first: list[Happened], name: str) -> list[Happened]:
    """The latest occurrence of each value of a property; NULL is no value."""
    kept: dict[Value, Happened] = {}
    for e in latest_first:
        value = e.properties.get(name)
        if value is not None and value not in kept:
            kept[value] = e
    return list(kept.values())


def most_recent(latest_first: list[Happened], times: int, zone: str | None) -> list[Happened]:
    """The first `times` of all, or of each day of the zone."""
    taken: dict[object, int] = {}
    kept = []
    for e in latest_first:
        day = None if zone is None else day_of(e.at_us, zone)
        taken[day] = taken.get(day, 0) + 1
        if taken[day] <= times:
            kept.append(e)
    return kept


def day_of(at_us: int, zone: str) -> object:
    return (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone)).date()


# --- from criteria to score ---------------------------------------------------------------------


def adjusted(adjustments: tuple[Adjustment, ...], total: int, scope: Scope, ledger: Ledger) -> int:
    """Each in its order, of what stands before it; of a sum that is not positive nothing."""
    for adjustment in adjustments:
        truth = evaluate(adjustment.when, scope)
        if truth is None:
            ledger.unknown.append(adjustment.id)
        amount = 0
        if truth is True and total > 0:
            # floor(total * percent / 100 + 1/2) in whole numbers, the percent being in hundredths.
            # The text adds 0.5000001; a product has at most four decimals, so that is the same.
            amount = (total * adjustment.percent * 2 + 10_000) // 20_000
        total += ledger.write(adjustment.id, amount)
    return total


def bounded(name: str, bounds: Range, total: int, ledger: Ledger) -> int:
    """The minimum is applied before the maximum; each is a line where the card has it."""
    if bounds.min is not None:
        total += ledger.write(name + "__min", max(total, bounds.min) - total)
    if bounds.max is not None:
        total += ledger.write(name + "__max", min(total, bounds.max) - total)
    return total


def band_of(bands: tuple[Band, ...], score: int) -> str | None:
    """The last band whose threshold the score reaches (`from`) or exceeds (`above`)."""
    found = None
    for band in bands:
        edge = band.threshold
        if edge is None or (score > edge if band.above else score >= edge):
            found = band.id
    return found


def grade_of(card: Card, dimensions: dict[str, int]) -> str | None:
    if card.grade is None:
        return None
    return step_of(card.grade.letter, dimensions) + step_of(card.grade.number, dimensions)


def step_of(axis: GradeAxis, dimensions: dict[str, int]) -> str:
    """Steps fall, so the first that is reached counts."""
    total = dimensions[axis.of]
    return next(sign for sign, step in axis.steps if step is None or total >= step)
