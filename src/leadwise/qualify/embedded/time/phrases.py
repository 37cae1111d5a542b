"""What one phrase of time words means: a bag of typed words to a period or a length of time.

Order hardly matters in a phrase ("the end of next month", "ensi kuun loppuun mennessä"), so one
grammar serves all languages; their words are in `words/dates/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from leadwise.qualify.embedded.time import periods
from leadwise.qualify.embedded.time.feasts import feast_after
from leadwise.qualify.embedded.time.periods import Period
from leadwise.qualify.embedded.time.words import Lexeme

_DAYS = {"day": 1.0, "week": 7.0, "fortnight": 14.0}
_MONTHS = {"month": 1.0, "quarter": 3.0, "half": 6.0, "year": 12.0, "fiscal": 12.0}
_PLURAL = re.compile(
    r"(?:weeks|months|days|semanas|meses|d[ií]as|wochen|monaten?|tagen?|semaines|jours|"
    r"viikko(?:jen|ina|in)|kuukausi(?:en|na)|päivien)",
    re.IGNORECASE,
)
_ON_THE = re.compile(r"\b(?:on the|am|um den|zum|el(?: d[ií]a)?|le)\s+$", re.IGNORECASE)
"""What stands before a day of the month that is said alone: "on the seventh", "el catorce"."""
_WEEKS_ON = re.compile(
    r"\w+day week$|^(?:a|one) week (?:on|from|come) |^(?P<two>a fortnight|two weeks) (?:on|from) ",
    re.IGNORECASE,
)
"""Of "Friday week", "a fortnight on Monday": one week, or two, after the coming one."""
_MONTHS_AHEAD = 12
"""Months in which a thirteenth that is a Friday is looked for."""
_CALENDAR_WEEK = 6
"""The value of "the week of" a day."""
_COMING = {"day": 7.0, "week": 28.0, "month": 91.0}
"""Days that "the coming days, weeks, months" last, at most."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What phrases are relative to: the day, and the month in which the fiscal year begins."""

    day: date
    fiscal: int = 1


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: so many months, or days."""

    months: float = 0.0
    days: float = 0.0

    def after(self, day: date) -> date:
        return periods.add_months(day, self.months) + timedelta(days=round(self.days))

    def before(self, day: date) -> date:
        return periods.add_months(day, -self.months) - timedelta(days=round(self.days))


def value_of(bag: list[Lexeme], kind: str) -> str:
    """The value of the first word of a kind; empty where there is none."""
    return next((one.value for one in bag if one.kind == kind), "")


def _number(bag: list[Lexeme], kind: str) -> int:
    return next((int(one.number) for one in bag if one.kind == kind), 0)


def length_of(bag: list[Lexeme]) -> Length | None:
    """ "six weeks", "half a year", "two to three months" (the longer); None where it is none."""
    if any(one.kind == "duration" for one in bag):
        return Length(months=next(one.number for one in bag if one.kind == "duration"))
    for place, unit in enumerate(bag):
        if unit.kind != "unit" or unit.value not in _DAYS | _MONTHS:
            continue
        counts = [one for one in bag[:place] if one.kind in ("num", "few")]
        if counts:
            count = counts[-1].number
            if counts[-1].kind == "few" and count == 1 and len(counts) > 1:
                count = counts[-2].number  # "eight weeks or so": the article is no count
            days, months = _DAYS.get(unit.value, 0.0), _MONTHS.get(unit.value, 0.0)
            return Length(months=count * months, days=count * days) if count <= 400 else None
    return None


def period_of(bag: list[Lexeme], clock: Clock, text: str) -> Period | None:
    """The period that a phrase names; None where it names none."""
    found = _dated(bag, clock) or _named(bag, clock) or _relative(bag, clock, text)
    if found is None:
        return None
    if _number(bag, "weekof") == _CALENDAR_WEEK and found.grain == "day":
        return periods.part_of(periods.week_of(found.first), "end")
    if (week := _number(bag, "weekof")) and found.grain == "month":
        last = min(found.first + timedelta(days=7 * week - 1), found.last)
        return Period(last - timedelta(days=6), last, "day")
    edge = value_of(bag, "edge")
    if edge and found.grain not in ("day", "feast", "weekday", "now"):
        return periods.part_of(found, edge)
    return found


def _dated(bag: list[Lexeme], clock: Clock) -> Period | None:
    """A date in figures, or a month with or without its day."""
    day = clock.day
    if text := value_of(bag, "date"):
        year, month, number = (int(part) for part in text.split("-"))
        return _day(year or _year(bag, day) or 0, month, number, day)
    if not (month := _number(bag, "month")):
        return None
    year = _year(bag, day)
    if number := _day_number(bag):
        return _day(year, month, number, day)
    if value_of(bag, "rel") == "last" and not year:
        return periods.month_of(day.year - (month >= day.month), month)
    if year:
        return periods.month_of(year, month)
    return periods.month_of(day.year + (month < day.month), month)


def _day(year: int, month: int, number: int, day: date) -> Period | None:
    for candidate in (year,) if year else (day.year, day.year + 1):
        try:
            found = date(candidate, month, number)
        except ValueError:
            continue
        if year or found >= day:
            return Period(found, found, "day")
    return None


def _day_number(bag: list[Lexeme]) -> int:
    """The day of the month: an ordinal or a number next to it that counts no units."""
    for place, one in enumerate(bag):
        following = bag[place + 1 : place + 2]
        counts = any(next_.kind == "unit" and next_.value != "month" for next_ in following)
        if one.kind in ("ord", "num") and one.number == int(one.number) and not counts:
            ranges = [
                n for n in bag[place + 1 :] if n.kind in ("ord", "num") and 1 <= n.number <= 31
            ]
            number = int(ranges[-1].number if ranges else one.number)
            if 1 <= number <= 31:
                return number
    return 0


def _year(bag: list[Lexeme], day: date) -> int:
    """The year that is said: 2027, or "of next year"; 0 where none is."""
    if year := _number(bag, "year"):
        return year
    for place, one in enumerate(bag):
        if one.kind == "unit" and one.value == "year":
            near = [n.value for n in bag[max(0, place - 2) : place + 2] if n.kind == "rel"]
            if near:
                return (
                    day.year
                    + {"this": 0, "next": 1, "after_next": 2, "last": -1}[
                        "after_next" if "after_next" in near else near[0]
                    ]
                )
            if any(n.kind == "edge" and n.start < one.start for n in bag):
                return day.year
    return 0


def _named(bag: list[Lexeme], clock: Clock) -> Period | None:
    """Quarters, halves, seasons and feasts, weeks by number, today and tomorrow."""
    day = clock.day
    year = _year(bag, day)
    fiscal = value_of(bag, "unit") == "fiscal" or any(one.value == "fiscal" for one in bag)
    for kind, months in (("quarter", 3), ("half", 6)):
        which = _number(bag, "quarter" if kind == "quarter" else "halfyear")
        if which:
            return _share(which, months, kind, bag, Clock(day, clock.fiscal if fiscal else 1), year)
    if season := value_of(bag, "season"):
        return _season(season, value_of(bag, "rel"), year, day)
    if feast := value_of(bag, "feast"):
        return _feast(feast, value_of(bag, "rel"), year, day)
    if any(one.kind == "unit" and one.value == "weekno" for one in bag):
        return _week(next((int(w.number) for w in bag if w.kind in ("num", "ord")), 0), year, day)
    for one in bag:
        if one.kind in ("now", "urgent"):
            there = day + timedelta(days=int(one.number))
            return Period(there, there, "now")
    return None


def _feast(name: str, rel: str, year: int, day: date) -> Period | None:
    after = date(year, 1, 1) if year else day
    if not year and rel in ("last", "after_next"):
        after = periods.add_months(day, -12 if rel == "last" else 12)
    found = feast_after(name, after)
    return Period(found, found, "feast") if found else None


def _week(week: int, year: int, day: date) -> Period | None:
    """A calendar week by its number."""
    if not 1 <= week <= 53:
        return None
    for candidate in (year or day.year, (year or day.year) + 1):
        try:
            found = periods.week_of(date.fromisocalendar(candidate, week, 1))
        except ValueError:
            continue
        if year or found.last >= day:
            return found
    return None


def _share(
    which: int, months: int, grain: str, bag: list[Lexeme], clock: Clock, year: int
) -> Period:
    """The which-th quarter or half of a year, the fiscal one where that is said."""
    day, start = clock.day, clock.fiscal
    month = start + (which - 1) * months
    begins = day.year - (day.month < start)
    rel = value_of(bag, "rel")
    if (start != 1 and rel in ("this", "next", "last")) or (
        rel in ("this", "next", "last") and year
    ):
        begins = year or begins + {"this": 0, "next": 1, "last": -1}[rel]
        return periods.span(begins, month, months, grain)
    if year:
        return periods.span(year, month, months, grain)
    found = periods.span(begins, month, months, grain)
    return found if found.last >= day else periods.span(begins + 1, month, months, grain)


def _season(name: str, rel: str, year: int, day: date) -> Period:
    if year:
        return periods.season_of(name, year)
    this = periods.season_of(name, day.year - 1)
    found = next(
        one
        for one in (this, periods.season_of(name, day.year), periods.season_of(name, day.year + 1))
        if one.last >= day
    )
    if rel == "last":
        return periods.season_of(name, found.first.year - 1)
    if rel == "next" and found.first <= day:
        return periods.season_of(name, found.first.year + 1)
    return found


def _relative(bag: list[Lexeme], clock: Clock, text: str) -> Period | None:
    """Weekdays, "next month", "the end of the quarter", a year, a day of the month."""
    day = clock.day
    rel = "after_next" if any(one.value == "after_next" for one in bag) else value_of(bag, "rel")
    steps = {"": 0, "this": 0, "next": 1, "after_next": 2, "last": -1}[rel]
    units = [one for one in bag if one.kind == "unit"]
    unit = units[0].value if units else ""
    if weekday := next((one for one in bag if one.kind == "weekday"), None):
        if (dated := _dated_weekday(weekday, bag, day)) is not None:
            return Period(dated, dated, "day")
        monday = periods.week_of(day).first
        there = monday + timedelta(days=int(weekday.number))
        if unit == "week" and rel:
            there += timedelta(days=7 * steps)
        elif there < day or (rel == "last" and there >= day):
            there += timedelta(days=-7 if rel == "last" else 7)
        said = text[bag[0].start : bag[-1].end]
        if not rel and (counted := _WEEKS_ON.search(said)):
            there += timedelta(days=14 if counted["two"] else 7)
        return Period(there, there, "weekday")
    if unit and (rel or value_of(bag, "edge")) and unit != "weekno":
        number = _day_number(bag) if unit == "month" else 0
        if number:
            whole = periods.month_of(day.year, day.month + steps)
            there = whole.first + timedelta(days=min(number, whole.last.day) - 1)
            return Period(there, there, "day")
        return _ahead(unit, steps, bag, clock)
    if unit in ("week", "month", "quarter", "half", "year", "fiscal") and re.search(
        r"\b(?:within|inside|innerhalb|dentro del?|courant|au cours|during)\b",
        text[bag[0].start : bag[-1].end], re.IGNORECASE,
    ):  # fmt: skip
        return _unit(unit, 0, clock, 0)
    if unit == "fiscal" and (year := _number(bag, "year")):
        return _unit("fiscal", 0, clock, year)
    if year := _number(bag, "year"):
        return periods.span(year, 1, 12, "year")
    return _lone_day(bag, day, text) if not unit else None


def _dated_weekday(weekday: Lexeme, bag: list[Lexeme], day: date) -> date | None:
    """ "Friday the thirteenth": the day of the month rules, which falls on such a weekday."""
    ordinals = [int(one.number) for one in bag if one.kind == "ord" and one.start > weekday.end]
    for month in range(_MONTHS_AHEAD if ordinals else 0):
        whole = periods.month_of(day.year, day.month + month)
        if ordinals[0] <= whole.last.day:
            there = whole.first + timedelta(days=ordinals[0] - 1)
            if there >= day and there.weekday() == int(weekday.number):
                return there
    return None


def _ahead(unit: str, steps: int, bag: list[Lexeme], clock: Clock) -> Period | None:
    """A unit; "the beginning of the month" is next month's when this one's is over."""
    year, edge = _number(bag, "year"), value_of(bag, "edge")
    whole = _unit(unit, steps, clock, year)
    said = any(one.kind == "rel" for one in bag) or year
    if whole and edge and not said and periods.part_of(whole, edge).last < clock.day:
        return _unit(unit, steps + 1, clock, year)
    return whole


def _unit(unit: str, steps: int, clock: Clock, year: int) -> Period | None:
    day = clock.day
    if unit == "day" and not steps:
        return None  # "that same day" is whichever was named before
    if unit == "day":
        there = day + timedelta(days=steps)
        return Period(there, there, "day")
    if unit in ("week", "fortnight"):
        return periods.week_of(day + timedelta(days=7 * steps))
    if unit == "month":
        return periods.month_of(day.year, day.month + steps)
    if unit == "quarter":
        first = (day.month - 1) // 3 * 3 + 1
        return periods.span(day.year, first + 3 * steps, 3, "quarter")
    if unit == "half":
        return periods.span(day.year, (1 if day.month < 7 else 7) + 6 * steps, 6, "half")
    if unit == "year":
        return periods.span(year or day.year + steps, 1, 12, "year")
    begins = day.year - (day.month < clock.fiscal)
    if year:
        # the fiscal year 2027 of April to March begins in 2027 or ends in it: by its end here
        begins = year - (clock.fiscal > 1)
    return periods.span(begins + steps * (not year), clock.fiscal, 12, "year")


def _lone_day(bag: list[Lexeme], day: date, text: str) -> Period | None:
    """ "by the 20th", "bis zum 20.", "antes del 20": the next such day."""
    pre = value_of(bag, "pre")
    for one in bag:
        suffixed = one.kind == "ord" and one.value == "figure" and 1 <= one.number <= 31
        said = _ON_THE.search(text[: one.start]) and one.number > 4
        ends = re.match(r"\s*(?:$|[.,;!?)](?!\d))", text[one.end :])
        alone = ends or pre or text[one.start].isupper()
        spelled = one.kind == "ord" and (pre in ("by", "before") or said) and one.number > 4
        bare = one.kind == "num" and one.value == "figure" and 1 <= one.number <= 31
        counted = one.kind == "num" and said and ends and one.number <= 31 and one.number % 1 == 0
        if (
            (suffixed and pre) or (spelled and alone) or counted
            or (bare and pre in ("by", "before") and ends)
        ):  # fmt: skip
            whole = periods.month_of(day.year, day.month + (one.number < day.day))
            there = whole.first + timedelta(days=min(int(one.number), whole.last.day) - 1)
            return Period(there, there, "day")
    return None


def coming(bag: list[Lexeme], text: str) -> float:
    """ "the coming weeks": the days that they last, 0 where it is no such phrase."""
    if value_of(bag, "rel") != "next":
        return 0.0
    for one in bag:
        if one.kind == "unit" and _PLURAL.fullmatch(text[one.start : one.end]):
            return _COMING.get(one.value, 0.0)
    return 0.0
