"""Instants as people write them in `until:`, where the lead is: pure arithmetic, no clock is read.

2026-12-24T09:00        that day, where the lead is; with an offset or Z that very instant
2026-12-24              the beginning of that day
09:00                   the next time that its clock shows nine
monday, monday 09:00    the next Monday, its beginning or at nine
tomorrow, tomorrow 9:00
1798102800000000        microseconds since 1970 UTC
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadwise.errors import UserError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_WORDS = re.compile(rf"({'|'.join((*DAYS, 'tomorrow'))})(?:\s+(?:at\s+)?(\S+))?", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{13,17}")


def instant_of(text: str, zone: ZoneInfo, now_us: int) -> int:
    """The instant in microseconds since 1970 UTC. UserError (`bad-instant`) where there is none.

    A time that a change of the clock leaves out is taken as if the clock had not been changed; of
    one that there are two of, the first.
    """
    said = text.strip()
    now = datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(zone)
    if _WHOLE.fullmatch(said):
        return int(said)
    if (found := _CLOCK.fullmatch(said)) is not None:
        clock = time(int(found[1]), int(found[2]))
        today = _at(now.date(), clock, zone)
        return today if today > now_us else _at(now.date() + timedelta(days=1), clock, zone)
    if (words := _WORDS.fullmatch(said)) is not None:
        clock = _clock(words[2], said)
        if words[1].lower() == "tomorrow":
            return _at(now.date() + timedelta(days=1), clock, zone)
        ahead = (DAYS.index(words[1].lower()) - now.weekday()) % 7
        then = _at(now.date() + timedelta(days=ahead), clock, zone)
        return then if then > now_us else _at(now.date() + timedelta(days=ahead + 7), clock, zone)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise _bad(said) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return _us(moment)


def _clock(text: str | None, said: str) -> time:
    if text is None:
        return time()
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise _bad(said)
    return time(int(found[1]), int(found[2]))


def _at(day: date, clock: time, zone: ZoneInfo) -> int:
    return _us(datetime.combine(day, clock, zone))


def _us(moment: datetime) -> int:
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def _bad(said: str) -> UserError:
    return UserError(
        "bad-instant", f"'{said[:60]}' is no instant.",
        hint="Write 2026-12-24T09:00, 09:00, monday 09:00 or tomorrow 09:00.",
    )  # fmt: skip
