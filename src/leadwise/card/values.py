"""Values as a card or a file writes them: times, durations, points. Pure text to whole numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HUNDREDTHS = re.compile(r"([-+]?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_DURATION = re.compile(r"([0-9]+) *([a-z]+)")

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
UNITS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK}
"""Microseconds of each unit of a duration, longest last."""
FIRST_US = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The first and the last instant that can be written: the years 1 to 9999 in UTC."""
LONGEST_DURATION = 36_500 * DAY
LARGEST_POINTS = 1_000_000


def parse_time(text: str) -> int:
    """Microseconds since 1970 UTC of an ISO 8601 date or time; ValueError where it is none.

    Without an offset it is UTC; finer than a microsecond is floored. `2026-06-30` is its first
    instant. A space may stand for the T; offsets are `Z`, `+02:00`, `+0200` or `+02`.
    """
    plain = _plain_time(text)
    return _any_time(text) if plain is None else plain


def _plain_time(text: str) -> int | None:
    """The time in the form that programs write (`2026-11-21T19:34:25.805Z`), else None.

    The interpreter reads it, in a tenth of the time: there is one in every event that comes in.
    """
    length = len(text)
    end = length - 1 if text.endswith("Z") else length - 6 if text.endswith("+00:00") else 0
    if (
        end not in (19, 23, 26)
        or text[4:11:3] != "--T"
        or text[13:17:3] != "::"
        or (end != 19 and text[19] != ".")
        or not text.isascii()
    ):
        return None
    try:
        gap = datetime.fromisoformat(text) - _EPOCH
    except ValueError:
        return None
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def _any_time(text: str) -> int:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a time: write 2026-06-30 or 2026-06-30T12:00:00+02:00")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a time: {error}") from None
    fraction = int((match[7] or "")[:6].ljust(6, "0"))
    us = (moment - _EPOCH) // _MICROSECOND + fraction - _offset(text, match[8])
    if not FIRST_US <= us <= LAST_US:
        raise ValueError(f"'{text}' is not a time: in UTC it is not in the years 1 to 9999")
    return us


def _offset(text: str, written: str | None) -> int:
    if written is None or written == "Z":
        return 0
    digits = written[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 15 or minutes > 59:
        raise ValueError(f"'{text}' is not a time: the offset {written} does not exist")
    size = hours * HOUR + minutes * MINUTE
    return -size if written[0] == "-" else size


def parse_hundredths(text: str) -> int:
    """Hundredths of a decimal number: `12.5` is 1250. ValueError: no number, or finer than that."""
    match = _HUNDREDTHS.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a number")
    digits = (match[3] or "").rstrip("0")
    if len(digits) > 2:
        raise ValueError(f"'{text}' has more than two decimals")
    size = int(match[2][:20]) * 100 + int(digits.ljust(2, "0"))
    return -size if match[1] == "-" else size


def format_hundredths(value: int) -> str:
    """The shortest decimal number: 1250 is `12.5`, 2000 is `20`."""
    whole, rest = divmod(abs(value), 100)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")


def parse_duration(text: str) -> int:
    """Microseconds of `14 days`. ValueError(message, hint) where it is no duration."""
    match = _DURATION.fullmatch(text.strip())
    example = "write a whole number and seconds, minutes, hours, days or weeks: 14 days"
    if match is None:
        raise ValueError(f"'{text}' is not a duration", example)
    count, unit = int(match[1][:20]), match[2].removesuffix("s")
    if unit in ("month", "year", "quarter"):
        days = {"month": 30, "quarter": 91, "year": 365}[unit]
        hint = f"a {unit} has no fixed length: write days, for example {min(count, 99) * days} days"
        raise ValueError(f"'{text}' has no fixed length", hint)
    if unit not in UNITS:
        raise ValueError(f"'{match[2]}' is not a unit of time", example)
    length = count * UNITS[unit]
    if not 0 < length <= LONGEST_DURATION:
        raise ValueError(f"'{text}' is out of bounds", "write 1 second to 36500 days")
    return length


def format_duration(microseconds: int) -> str:
    """`14 days`: the longest unit that divides it, weeks only if there are several."""
    units = reversed([u for u in UNITS if u != "week"])
    unit = next((u for u in units if microseconds % UNITS[u] == 0), "second")
    count = microseconds // UNITS[unit]
    return f"{count} {unit}" + ("" if count == 1 else "s")
