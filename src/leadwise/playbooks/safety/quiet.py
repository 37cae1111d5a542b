"""Quiet hours and quiet days, on the clock where the lead is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadwise.settings.playbooks import PlaybookSettings

MOST_JUMPS = 20


def loud_again(settings: PlaybookSettings, zone: ZoneInfo, at_us: int) -> int:
    """The first instant from `at_us` on that is not quiet; `at_us` itself where it is not.

    A time that the clock leaves out in spring is taken to be the hour after, one that it shows
    twice in autumn the first of the two that is ahead.
    """
    found = at_us
    for _ in range(MOST_JUMPS):
        there = _there(found, zone)
        wanted = _next(settings, there)
        if wanted is None:
            return found
        first_us = _us(wanted.replace(tzinfo=zone))
        # In autumn the clock shows some times twice: it may be the second one that is ahead.
        next_us = first_us if first_us > found else _us(wanted.replace(tzinfo=zone, fold=1))
        found = max(found + 1, next_us)
    return found


def loud_everywhere(settings: PlaybookSettings, zones: Sequence[ZoneInfo], at_us: int) -> int:
    """The first instant that is quiet in none of the zones: of a lead of whom it is not known in
    which of them it is. Where there is none within days, the first zone decides."""
    found = at_us
    for _ in range(MOST_JUMPS * len(zones)):
        later = max(loud_again(settings, zone, found) for zone in zones)
        if later == found:
            return found
        found = later
    return loud_again(settings, zones[0], at_us)


def next_day(zone: ZoneInfo, at_us: int) -> int:
    """The first instant of the day after, on that clock."""
    return _us(datetime.combine(_there(at_us, zone) + timedelta(days=1), time(), zone))


def day_of(zone: ZoneInfo, at_us: int) -> date:
    """Which day it is there."""
    return _there(at_us, zone).date()


def _next(settings: PlaybookSettings, there: datetime) -> datetime | None:
    """When to look again, on the same clock without its zone; None where it is not quiet."""
    today = datetime.combine(there.date(), time())
    tomorrow = today + timedelta(days=1)
    if there.weekday() in settings.quiet_weekdays:
        return tomorrow
    if not settings.quiet_from or not settings.quiet_until:
        return None
    start, end = time.fromisoformat(settings.quiet_from), time.fromisoformat(settings.quiet_until)
    now = there.time()
    if start <= end:
        return datetime.combine(today, end) if start <= now < end else None
    if now >= start:
        return datetime.combine(tomorrow, end)
    return datetime.combine(today, end) if now < end else None


def _there(at_us: int, zone: ZoneInfo) -> datetime:
    seconds, rest = divmod(at_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).astimezone(zone)


def _us(at: datetime) -> int:
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)
