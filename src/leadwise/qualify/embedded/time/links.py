"""Mentions of time that take their meaning from others: the Friday of a week named before, the
half of a year named before, six months before a move whose month comes after."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from leadwise.qualify.embedded.time import periods
from leadwise.qualify.embedded.time.phrases import Length

_DIVIDER = re.compile(r"[,;:–—]|\.\s")


@dataclass(frozen=True, slots=True)
class When:
    """A mention, `start` to `end` in the text.

    `kind`: `until` (a day or a period with its latest day), `within` (a length from now), `open`
    (only a beginning: "not before May", "after Easter"), `lead` (a length before something whose
    date is not said here), `length` (a length of nothing in particular), `past`.
    `first` and `last` are its days (`last` the latest that it allows); `grain` as of periods.
    """

    start: int
    end: int
    kind: str
    first: date | None = None
    last: date | None = None
    grain: str = ""
    length: Length | None = None
    bound: str = ""
    """What stood before it: by, before, after, within, or nothing."""


def weekdays(found: list[When], text: str) -> list[When]:
    """ "in the week of 5 October, by the Friday": the Friday of that week."""
    for place, one in enumerate(found[1:], 1):
        before = found[place - 1]
        if before.grain == "weekday" and one.kind == "within" and one.length and before.last:
            # "Freitag in einer Woche": the week counts from that Friday
            if one.length.days in (7, 14) and one.start - before.end <= 2:
                last = one.length.after(before.last)
                found[place] = replace(one, kind="until", start=before.start, first=last,
                                       last=last, grain="weekday")  # fmt: skip
        elif one.grain == "weekday" and before.kind == "until" and before.last and one.last:
            said = re.search(r"\bthe \w+$", text[: one.end])
            if said and before.grain in ("day", "week") and before.last > one.last:
                week = periods.week_of(before.last).first
                last = week + timedelta(days=one.last.weekday())
                found[place] = replace(one, first=last, last=last)
    return found


def years(found: list[When], today: date) -> list[When]:
    """ "next year, I'd say the first half": the half of that year."""
    for place, one in enumerate(found[1:], 1):
        year = found[place - 1]
        if (
            year.grain == "year" and year.kind == one.kind == "until" and year.first
            and year.first > today and one.first and one.last and one.last < year.first
            and one.grain in ("month", "quarter", "half", "season")
        ):  # fmt: skip
            months = 12 * (year.first.year - one.first.year)
            last = periods.add_months(one.last + timedelta(days=1), months) - timedelta(days=1)
            found[place] = replace(one, first=periods.add_months(one.first, months), last=last)
    return found


def lead_day(length: Length, anchor: When, today: date) -> date:
    """The day a length before an anchor; of a month, before its end. An anchor so near that the
    day is over is next year's."""
    first = anchor.first or today
    there = anchor.last if anchor.grain in ("month", "quarter") and anchor.last else first
    day = length.before(there)
    return length.before(periods.add_months(there, 12)) if day < today else day


def leads(found: list[When], text: str, today: date) -> list[When]:
    """ "six months before the move in March": the date is said further on."""
    resolved: list[When] = []
    for one in found:
        lead = resolved[-1] if resolved else None
        if (
            lead is not None and lead.kind == "lead" and lead.length and one.first
            and one.kind in ("until", "open") and one.start - lead.end < 45
            and not _DIVIDER.search(text[lead.end : one.start])
        ):  # fmt: skip
            day = lead_day(lead.length, one, today)
            resolved[-1] = When(lead.start, one.end, "until", day, day, "day", bound="before")
        else:
            resolved.append(one)
    return resolved
