"""Stretches of days: months, quarters, seasons, years, and the parts of them that people name.

Conventions of the labelled conversations: a month counts to its last day, its middle is the 15th,
"before Christmas" is 24 December. Where they are silent the usual sense is taken: early May is to
the 10th, early next year to the end of March, "before the summer" to 20 June.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
"""The month that each begins in, in the north."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both within. `grain` is what it is: day, week, month, quarter, half,
    year, season, feast, weekday (a day by its name alone), now (today, tomorrow, at once)."""

    first: date
    last: date
    grain: str


def month_of(year: int, month: int) -> Period:
    """A month; months beyond 12 are of later years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month")


def span(year: int, month: int, months: int, grain: str) -> Period:
    """So many months from one on."""
    return Period(month_of(year, month).first, month_of(year, month + months - 1).last, grain)


def week_of(day: date) -> Period:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6), "week")


def season_of(name: str, year: int) -> Period:
    """A season; winter is named by the year it begins in."""
    return span(year, SEASONS[name], 3, "season")


def add_months(day: date, months: float) -> date:
    """A day so many months on; a part of a month counts in days."""
    whole = int(months // 1)
    there = month_of(day.year + (day.month - 1 + whole) // 12, (day.month - 1 + whole) % 12 + 1)
    moved = there.first.replace(day=min(day.day, there.last.day))
    return moved + timedelta(days=round((months - whole) * 30.44))


def part_of(whole: Period, edge: str) -> Period:
    """The early, middle or late part of a period, its start or its end."""
    days = (whole.last - whole.first).days + 1
    if whole.grain == "week":
        # the end of a week is Friday: people sign on working days
        last = {"start": 1, "early": 1, "middle": 2}.get(edge, 4)
        return replace(whole, last=whole.first + timedelta(days=last))
    if whole.grain == "month":
        last = {"start": 10, "early": 10, "middle": 15, "half": 15}.get(edge, days)
    elif whole.grain == "year":
        last = {"start": 31, "early": 90, "middle": 181, "half": 181}.get(edge, days)
    elif whole.grain == "season":
        last = {"start": 30, "early": 30, "middle": 50, "half": 45}.get(edge, days)
    else:
        last = {"start": 21, "early": 31, "middle": days // 2 + 1, "half": days // 2}.get(
            edge, days
        )
    first = {"end": max(days - 9, 1), "late": days * 2 // 3, "middle": max(last - 9, 1)}.get(
        edge, 1
    )
    return replace(
        whole,
        first=whole.first + timedelta(days=first - 1),
        last=whole.first + timedelta(days=min(last, days) - 1),
    )


def before(whole: Period, edge: str) -> date:
    """The latest day of "before" a period: of one that ends, or a day, that itself."""
    if edge in ("end", "late", "middle", "half") or whole.grain in ("day", "weekday", "now"):
        return whole.last
    if whole.grain == "season":
        return whole.first + timedelta(days=19)
    return whole.first - timedelta(days=1)


def until(whole: Period, edge: str) -> date:
    """The latest day of "by" a period: to its end; of a season, into its first month."""
    if whole.grain == "season" and not edge:
        return whole.first + timedelta(days=29)
    return whole.last
