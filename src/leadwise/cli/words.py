"""Numbers, points, times and values as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leadwise.asking.instants import DAY_US, SECOND_US, written
from leadwise.asking.reading import items
from leadwise.card.model import Band, Card, Variable
from leadwise.card.values import format_hundredths

MINUTE_US, HOUR_US = 60 * SECOND_US, 3600 * SECOND_US


def counted(number: int, one: str, several: str = "") -> str:
    """`1 lead`, `41,188 leads`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def points(hundredths: int) -> str:
    """`60`, `-12.5`: a score or a total."""
    return format_hundredths(hundredths)


def points_number(hundredths: int) -> int | float:
    """Points as a JSON number."""
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def time(us: int | None) -> str | None:
    """The instant with its zone, `2026-06-30T00:00:00Z`."""
    return None if us is None else written(us)


def second(us: int | None) -> str:
    """The instant in whole seconds, for tables; nothing where there is none."""
    return "" if us is None else written(us // 1_000_000 * 1_000_000)


def number(value: float) -> str:
    """Thousands apart; at most two decimals, or what is needed where the number is small."""
    if abs(value) >= 1e15:
        return f"{value:.6g}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:.2g}"


def value_of(card: Card, name: str, value: Any) -> str:
    """A field's or measure's value as its card would write it, with its unit."""
    if value is None:
        return "not known"
    variable = variable_of(card, name)
    if variable.type == "boolean":
        return "yes" if value else "no"
    if variable.type == "time":
        return written(int(value))
    if variable.type == "number":
        said = number(float(value))
        unit = "day" if variable.unit == "days" and said == "1" else variable.unit
        return f"{said} {unit}" if unit else said
    return f"'{value}'" if variable.type == "text" else str(value)


def json_value(card: Card, name: str, value: Any) -> Any:
    """A field's or measure's value for a program: booleans true and false, times as texts."""
    kind = variable_of(card, name).type
    if value is None or kind in ("text", "choice"):
        return value
    if kind == "boolean":
        return bool(value)
    return written(int(value)) if kind == "time" else value


def variable_of(card: Card, name: str) -> Variable:
    """What a field or measure is; a measure of time passed counts days."""
    for field in card.fields:
        if field.name == name:
            return field
    measure = next(one for one in card.measures if one.name == name)
    made = Variable(name, "number", name, label=measure.label)
    if measure.statistic in ("days_since_first", "days_since_last"):
        return replace(made, unit="days")
    if measure.statistic in ("count", "distinct"):
        return made
    properties = (p for event in card.events for p in event.properties)
    of = next(one for one in properties if one.name == measure.property)
    return replace(made, type=of.type, unit=of.unit)


def elapsed(us: int) -> str:
    """`5 days 9 hours`: the two largest units of a span that is not negative."""
    if us < MINUTE_US:
        return counted(us // SECOND_US, "second")
    units = [("day", DAY_US), ("hour", HOUR_US), ("minute", MINUTE_US)]
    first = next(i for i, (_, length) in enumerate(units) if us >= length)
    said = []
    for word, length in units[first : first + 2]:
        if us // length:
            said.append(counted(us // length, word))
        us %= length
    return " ".join(said)


def band_label(card: Card, band: str | None) -> str:
    """A band as people call it."""
    found = next((b for b in card.bands if b.id == band), None)
    return found.label or found.id if found else band or "–"


def band_edge(band: Band) -> str:
    """Where a band begins: `from 60`, `above 80`; the first has no edge."""
    if band.threshold is None:
        return ""
    return f"{'above' if band.above else 'from'} {points(band.threshold)}"


def today() -> str:
    """The present minute, for the foot of a page."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M Z")


def label_of(card: Card, item_id: str) -> str:
    """A criterion or adjustment as people call it."""
    for item in items(card):
        if item.id == item_id:
            return item.label or item.id
    return item_id


def name_of(card: Card, name: str) -> str:
    """A field or measure as people call it."""
    return variable_of(card, name).label or name.replace("_", " ")


def dimension_label(card: Card, dimension_id: str) -> str:
    """A dimension as people call it."""
    for dimension in card.dimensions:
        if dimension.id == dimension_id:
            return dimension.label or dimension.id
    return dimension_id
