"""Days of feasts and holidays that people name instead of a date.

Easter by the Gregorian computus (Meeus/Jones/Butcher), the Islamic year by the tabular calendar
(within a day of the sighted one), Chinese New Year and Diwali from published tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

_CHINESE: Mapping[int, str] = {
    2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26", 2029: "02-13",
    2030: "02-03", 2031: "01-23", 2032: "02-11", 2033: "01-31", 2034: "02-19", 2035: "02-08",
}  # fmt: skip
_DIWALI: Mapping[int, str] = {
    2024: "10-31", 2025: "10-20", 2026: "11-08", 2027: "10-29", 2028: "10-17", 2029: "11-05",
    2030: "10-26", 2031: "11-14", 2032: "11-02", 2033: "10-22", 2034: "11-10", 2035: "10-30",
}  # fmt: skip
_FIXED: Mapping[str, str] = {
    "christmas": "12-25", "holidays": "12-25", "new_year": "12-31", "halloween": "10-31",
    "july_4": "07-04", "july_14": "07-14", "august_15": "08-15", "november_11": "11-11",
    "valentine": "02-14", "st_patrick": "03-17", "epiphany": "01-06", "san_juan": "06-24",
    "saint_jean": "06-24", "hispanic_day": "10-12", "december_bridge": "12-06",
    "all_saints": "11-01", "labour_may": "05-01", "vappu": "05-01", "bank_holiday_may": "05-04",
    "bank_holiday_august": "08-31", "german_unity": "10-03", "oktoberfest": "09-20",
    "st_nicholas": "12-06", "first_advent": "11-30", "independence_fi": "12-06",
    "swiss_day": "08-01", "fiestas_patrias": "09-18", "fallas": "03-19", "candlemas": "02-02",
    "golden_week": "04-29", "december_12": "12-12", "midsummer": "06-21", "school_end": "06-30",
    "school_start": "09-01", "summer_break": "07-01", "winter_break": "02-15",
    "autumn_break": "10-15",
}  # fmt: skip
"""School holidays differ by region: the first day is the usual one, good enough for months."""


def feast_day(name: str, year: int) -> date | None:
    """The day of a feast in a year; None where it is not known for that year."""
    if moving := _MOVING.get(name):
        return moving(year)
    table = {"chinese_new_year": _CHINESE, "diwali": _DIWALI}.get(name)
    day = table.get(year) if table is not None else _FIXED.get(name)
    return date.fromisoformat(f"{year}-{day}") if day else None


def feast_after(name: str, day: date) -> date | None:
    """The next day of a feast, from a day on."""
    for year in (day.year, day.year + 1, day.year + 2):
        found = feast_day(name, year)
        if found is not None and found >= day:
            return found
    return None


def easter(year: int) -> date:
    """Easter Sunday."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def _weekday_of(month: int, weekday: int, which: int) -> Callable[[int], date]:
    """The which-th weekday of a month; -1 is the last."""

    def day(year: int) -> date:
        if which > 0:
            first = date(year, month, 1)
            return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)

    return day


def _islamic(month: int) -> Callable[[int], date | None]:
    """The first day of an Islamic month in a Gregorian year (the first of two, if there are)."""

    def day(year: int) -> date | None:
        for islamic in range(year - 580, year - 576):
            days = (
                -492_149 + (islamic - 1) * 354 + (3 + 11 * islamic) // 30
                + 29 * (month - 1) + month // 2
            )  # fmt: skip
            found = date(1970, 1, 1) + timedelta(days=days)
            if found.year == year:
                return found
        return None

    return day


_MOVING: Mapping[str, Callable[[int], date | None]] = {
    "easter": _from_easter(0),
    "clocks_forward": _weekday_of(3, 6, -1),
    "clocks_back": _weekday_of(10, 6, -1),
    "carnival": _from_easter(-48),
    "shrove": _from_easter(-47),
    "ascension": _from_easter(39),
    "pentecost": _from_easter(49),
    "corpus_christi": _from_easter(60),
    "thanksgiving": _weekday_of(11, 3, 4),
    "black_friday": lambda year: _weekday_of(11, 3, 4)(year) + timedelta(days=1),
    "labor_day": _weekday_of(9, 0, 1),
    "memorial_day": _weekday_of(5, 0, -1),
    "ramadan": _islamic(9),
    "eid": _islamic(10),
}
