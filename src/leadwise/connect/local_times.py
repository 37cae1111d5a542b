"""Times as people say them where they are, made instants. Pure.

What can be read in two ways (03/04/2026) is not read at all: a meeting on the wrong day is worse
than a question asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from leadwise.card.values import FIRST_US, LAST_US, parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = (
    r"(?:[T ,]+(?:at +)?([0-2]?[0-9])(?:[:.h]([0-5][0-9]))?(?::[0-5][0-9](?:\.[0-9]+)?)?"
    r" *(am|pm|h|hrs|uhr)?)"
)
_SAID_OFFSET = re.compile(
    r"\(?(?:utc|gmt) *([+-]) *([0-9]{1,2})(?::?([0-9]{2}))?\)?(?: .*)?|"
    r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})" + _TIME, re.IGNORECASE)
_DAY_FIRST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([0-9]{4})" + _TIME, re.IGNORECASE)
_HAS_OFFSET = re.compile(r"[0-9](?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$", re.IGNORECASE)


def instant_said(text: str, zone: str) -> int | None:
    """The instant of a day with its time: microseconds, or None where it is none.

    ISO 8601 with an offset is taken as it stands; else it is what the clock shows in `zone` (a name
    of the IANA database, or `+02:00`). `2026-12-01 14:30`, `1.12.2026 14:30`, `13/12/2026 2:30 pm`
    are read; a day that may be a month is not. Of an hour that comes twice it is the first; one
    that the clock leaves out is that much after the gap.
    """
    text = " ".join(text.split())
    if _HAS_OFFSET.search(text) and "T" in text.upper():
        try:
            return parse_time(text.upper())
        except ValueError:
            return None
    parts = _parts(text)
    where = tz_of(zone)
    if parts is None or where is None:
        return None
    try:
        us = (datetime(*parts, tzinfo=where).astimezone(UTC) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None
    return us if FIRST_US <= us <= LAST_US else None


def zone_said(text: str) -> str:
    """The name of the time zone that somebody wrote, or empty: `Europe/Madrid`, `madrid`, `UTC+2`,
    `(GMT-05:00) New York` is -05:00."""
    plain = text.strip()
    if not plain:
        return ""
    by_name = _zones()
    wanted = plain.lower().replace(" ", "_")
    if wanted in ("gmt", "utc", "z"):
        return "UTC"
    if wanted in by_name:
        return by_name[wanted]
    cities = {one for low, one in by_name.items() if low.rpartition("/")[2] == wanted}
    if len(cities) == 1:
        return cities.pop()
    match = _SAID_OFFSET.fullmatch(plain)
    if match is None:
        return ""
    sign, hours, minutes = (match[1] or match[4], match[2] or match[5], match[3] or match[6])
    named = f"{sign}{int(hours):02}:{int(minutes or 0):02}"
    return named if tz_of(named) else ""


def tz_of(name: str) -> tzinfo | None:
    """The zone of a name or offset, or None."""
    match = re.fullmatch(r"([+-])([0-9]{2}):([0-9]{2})", name)
    if match:
        size = timedelta(hours=int(match[2]), minutes=int(match[3]))
        if size > timedelta(hours=15) or int(match[3]) > 59:
            return None
        return timezone(-size if match[1] == "-" else size)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, str]:
    """All names of time zones by their small letters."""
    return {one.lower(): one for one in available_timezones() if "/" in one or one == "UTC"}


def _parts(text: str) -> tuple[int, int, int, int, int] | None:
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        hour, minute, half = match[4], match[5], match[6]
    else:
        match = _DAY_FIRST.fullmatch(text)
        if match is None:
            return None
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        hour, minute, half = match[5], match[6], match[7]
        if match[2] == "." or first > 12 or first == second:
            day, month = first, second
        elif second > 12:
            day, month = second, first
        else:
            return None
    at = _hour(int(hour), (half or "").lower(), minute is not None)
    return None if at is None else (year, month, day, at, int(minute or 0))


def _hour(hour: int, half: str, has_minutes: bool) -> int | None:
    if half in ("am", "pm"):
        return hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else None
    if not has_minutes and not half:
        return None  # `2026-12-01 14` is no time that anybody means
    return hour if hour < 24 else None
