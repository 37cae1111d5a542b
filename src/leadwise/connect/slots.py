"""Times that suit both sides: in the working hours of each, and not taken. Pure: no clock, no net.

Instants are microseconds since 1970 UTC. Working hours are those of the clock on the wall: where it
is put forward or back, they are what people there read from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadwise.errors import UserError

Span: TypeAlias = tuple[int, int]
"""From and until; until is not in it."""
MINUTE_US = 60_000_000
DAY_MINUTES = 24 * 60
STEP_MINUTES = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOURS = re.compile(r"([0-2]?[0-9]):([0-5][0-9])\s*-\s*([0-2]?[0-9]):([0-5][0-9])")
_DAYS: Mapping[str, int] = {
    "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's working hours: `days` are 1 (Monday) to 7, the rest minutes from midnight."""

    zone: str = "UTC"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    from_minute: int = 9 * 60
    until_minute: int = 17 * 60


def hours_of(zone: str, hours: str, days: str) -> Hours:
    """Working hours as people write them: `Europe/Madrid`, `09:00-17:00`, `mon-fri` (or
    `mon,wed-thu`). UserError (`bad-working-hours`)."""
    zone_of(zone)
    match = _HOURS.fullmatch(hours.strip())
    if match is None:
        raise _bad(f"'{hours}' are no hours", "Write 09:00-17:00.")
    start = int(match[1]) * 60 + int(match[2])
    end = int(match[3]) * 60 + int(match[4])
    if not start < end <= DAY_MINUTES:
        raise _bad(f"'{hours}' end before they begin", "Write 09:00-17:00, within one day.")
    return Hours(zone, _days(days), start, end)


def zone_of(name: str) -> ZoneInfo:
    """The time zone. UserError (`bad-working-hours`) where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _bad(
            f"'{name}' is no time zone", "Write it as Europe/Madrid or America/New_York."
        ) from None


def first_free(
    busy: Iterable[Span],
    sides: Sequence[Hours],
    minutes: int,
    after_us: int,
    until_us: int,
    *,
    step: int = STEP_MINUTES,
) -> int | None:
    """The first instant at which `minutes` fit; None where there is none before `until_us`."""
    return next(free(busy, sides, minutes, after_us, until_us, step=step), None)


def free(
    busy: Iterable[Span],
    sides: Sequence[Hours],
    minutes: int,
    after_us: int,
    until_us: int,
    *,
    step: int = STEP_MINUTES,
) -> Iterator[int]:
    """Every such instant, the earliest first. It begins at a multiple of `step` minutes on the
    clock of the first side, is in the working hours of all, and ends by `until_us`."""
    zone = zone_of(sides[0].zone)
    length = minutes * MINUTE_US
    open_: list[Span] = [(after_us, until_us)]
    for side in sides:
        open_ = both(open_, list(_open(side, after_us, until_us)))
    for from_us, end_us in without(open_, joined(busy)):
        at = _aligned(from_us, zone, step)
        while at + length <= end_us:
            yield at
            at = _aligned(at + 1, zone, step)


def is_free(busy: Iterable[Span], at_us: int, minutes: int) -> bool:
    """Whether nothing that is taken touches a meeting."""
    until_us = at_us + minutes * MINUTE_US
    return all(until <= at_us or from_ >= until_us for from_, until in busy)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans in order that do not touch each other."""
    found: list[Span] = []
    for from_us, until_us in sorted(spans):
        if until_us <= from_us:
            continue
        if found and from_us <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until_us))
        else:
            found.append((from_us, until_us))
    return found


def both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is in one of `some` and in one of `others`."""
    found = [(max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d)]
    return joined(found)


def without(some: Sequence[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """What is in `some` and in none of `taken`, which are in order."""
    for from_us, until_us in some:
        at = from_us
        for begin, end in taken:
            if end <= at or begin >= until_us:
                continue
            if begin > at:
                yield at, begin
            at = max(at, end)
        if at < until_us:
            yield at, until_us


def _open(side: Hours, after_us: int, until_us: int) -> Iterator[Span]:
    zone = zone_of(side.zone)
    day = _moment(after_us).astimezone(zone).date() - timedelta(days=1)
    last = _moment(until_us).astimezone(zone).date()
    while day <= last:
        if day.isoweekday() in side.days:
            yield wall_us(day, side.from_minute, zone), wall_us(day, side.until_minute, zone)
        day += timedelta(days=1)


def wall_us(day: date, minute: int, zone: ZoneInfo) -> int:
    """The instant at which the clock there shows so many minutes after midnight; the first of two,
    and where the clock leaves it out, that much after the gap."""
    day, minute = day + timedelta(days=minute // DAY_MINUTES), minute % DAY_MINUTES
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return (wall.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _aligned(us: int, zone: ZoneInfo, step: int) -> int:
    """The first instant from there on whose minute on the clock is a multiple of `step`."""
    us = -(-us // MINUTE_US) * MINUTE_US
    wall = _moment(us).astimezone(zone)
    return us + -(wall.hour * 60 + wall.minute) % step * MINUTE_US


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def _days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        ends = [_DAYS.get(one[:3]) for one in part.split("-")]
        if not 1 <= len(ends) <= 2 or None in ends:
            raise _bad(f"'{text}' are no days", "Write mon-fri, or mon,wed-thu.")
        first, last = ends[0] or 1, ends[-1] or 7
        count = (last - first) % 7 + 1
        found.update((first - 1 + more) % 7 + 1 for more in range(count))
    return tuple(sorted(found))


def _bad(what: str, hint: str) -> UserError:
    return UserError("bad-working-hours", f"{what}.", hint=hint)
