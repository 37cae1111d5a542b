"""The oracle's forecast: ask again and again, note each whole second at which the band differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from leadwise.card.expression import Expression, Number, children
from leadwise.card.model import Card, OccurrenceCriterion, StateCriterion
from tests.oracle import Facts, Happened, answer
from tests.oracle_conditions import DAY

SECOND = 1_000_000
HOUR = 3600


@dataclass(frozen=True)
class Change:
    """From this whole second on the band is another one."""

    at_us: int
    from_band: str | None
    to_band: str | None


def forecast(
    card: Card,
    facts: Facts,
    events: list[Happened],
    start: int,
    horizon: int,
    known_by: int | None = None,
) -> list[Change]:
    """The changes in `start < second <= start + horizon` with no new event (microseconds).

    Spans of up to two hours are asked at every second. Longer ones at every hour and at the seconds
    around each instant at which something may jump; where two neighbours differ, in between.
    """
    known = start if known_by is None else known_by
    first, last = start // SECOND + 1, (start + horizon) // SECOND

    def band_at(second: int) -> str | None:
        return answer(card, facts, events, second * SECOND, known).band

    if last - first <= 2 * HOUR:
        asked: Iterable[int] = range(first, last + 1)
    else:
        near = {s + d for s in jumps(card, facts, events) for d in range(-2, 3)}
        hours = range(first, last + 1, HOUR)
        asked = sorted({s for s in near if first <= s <= last} | set(hours) | {last})

    changes: list[Change] = []
    before, band = first - 1, answer(card, facts, events, start, known).band
    for second in asked:
        now = band_at(second)
        changes += between(band_at, before, band, second, now)
        before, band = second, now
    return changes


def between(
    band_at: Callable[[int], str | None], a: int, band_a: str | None, b: int, band_b: str | None
) -> list[Change]:
    """The changes in `a < second <= b`, by halving."""
    if band_a == band_b:
        return []
    if b - a == 1:
        return [Change(b * SECOND, band_a, band_b)]
    middle = (a + b) // 2
    band = band_at(middle)
    return between(band_at, a, band_a, middle, band) + between(band_at, middle, band, b, band_b)


def jumps(card: Card, facts: Facts, events: list[Happened]) -> set[int]:
    """The seconds at which something may jump: an event, its leaving a window, a known_at, and each
    time of the data plus each number of the card as days."""
    windows = [m.occurrences.within for m in card.measures if m.occurrences.within]
    conditions: list[Expression] = [a.when for a in card.adjustments]
    for dimension in card.dimensions:
        conditions += [a.when for a in dimension.adjustments]
    for criterion in card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            if criterion.occurrences.within:
                windows.append(criterion.occurrences.within)
            if criterion.when is not None:
                conditions.append(criterion.when)
        elif isinstance(criterion, StateCriterion):
            conditions += [tier.when for tier in criterion.tiers]
    days = {d for condition in conditions for n in numbers(condition) for d in (n, -n)}

    times = {t for t, _ in facts if t is not None}
    times |= {v for _, row in facts for v in row.values() if type(v) is int}
    times |= {v for e in events for v in e.properties.values() if type(v) is int}
    times |= {e.at_us for e in events}
    shifts = [0, *windows, *(int(d * DAY) for d in days)]
    return {(t + shift) // SECOND for t in times for shift in shifts}


def numbers(expression: Expression) -> set[float]:
    own = {expression.value} if isinstance(expression, Number) else set()
    return own.union(*(numbers(part) for part in children(expression)))
