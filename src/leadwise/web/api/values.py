"""Values of fields and measures as programs are told them."""

from __future__ import annotations

from typing import Any

from leadwise.asking.instants import written
from leadwise.card.model import Card, ValueType


def json_value(card: Card, name: str, value: Any) -> Any:
    """Booleans as true and false, times as texts; everything else as it is."""
    if value is None:
        return None
    kind = _type(card, name)
    if kind == "boolean":
        return bool(value)
    return written(int(value)) if kind == "time" else value


def _type(card: Card, name: str) -> ValueType:
    for field in card.fields:
        if field.name == name:
            return field.type
    measure = next(one for one in card.measures if one.name == name)
    if measure.property is None or measure.statistic.startswith(("count", "distinct", "days")):
        return "number"
    properties = (variable for event in card.events for variable in event.properties)
    return next(one.type for one in properties if one.name == measure.property)
