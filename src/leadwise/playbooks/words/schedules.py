"""A time of cron in words, where it is one of the usual forms."""

from __future__ import annotations

import re

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def schedule_words(cron: str) -> str:
    """`0 9 * * 1` is "every Monday at 09:00"; others are said as they are written."""
    minute, hour, day, month, weekday = cron.split()
    if not (minute.isdigit() and month == "*"):
        return f'at the times of cron "{cron}"'
    if hour == "*" and day == weekday == "*":
        return f"every hour at minute {minute}"
    if not hour.isdigit():
        return f'at the times of cron "{cron}"'
    at = f"at {int(hour):02d}:{int(minute):02d}"
    if day == weekday == "*":
        return f"every day {at}"
    if day == "*" and (days := _weekdays(weekday)):
        return f"every {days} {at}"
    if weekday == "*" and day.isdigit():
        return f"on day {day} of every month {at}"
    return f'at the times of cron "{cron}"'


def _weekdays(text: str) -> str:
    if text.lower() in ("1-5", "mon-fri"):
        return "day from Monday to Friday"
    parts = [_SHORT.index(p) if p in _SHORT else p for p in text.lower().split(",")]
    if not all(re.fullmatch("[0-7]", str(part)) for part in parts):
        return ""
    names = [_DAYS[int(part)] for part in parts]
    return ", ".join(names[:-1]) + (" and " if names[1:] else "") + names[-1]
