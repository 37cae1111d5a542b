"""Typed values written as a file would have them: the way back from the oracle's entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.oracle import Happened, Values
from tests.oracle_conditions import Value
from tests.strategies import EVENTS, FIELDS

SOURCES = {v.name: v.source for v in (*FIELDS, *(p for e in EVENTS for p in e.properties))}
TIMES = {v.name for v in (*FIELDS, *(p for e in EVENTS for p in e.properties)) if v.type == "time"}


def fact_row(lead: str, known_at: int | None, values: Values) -> dict[str, str]:
    known = {} if known_at is None else {"known_at": written(known_at)}
    return {"lead_id": lead, **known, **cells(values)}


def event_row(lead: str, event: Happened) -> dict[str, str]:
    return {
        "lead_id": lead,
        "event": event.event,
        "timestamp": written(event.at_us),
        "received_at": written(event.received_us),
        **cells(event.properties),
    }


def cells(values: Values) -> dict[str, str]:
    return {SOURCES[name]: cell(name, value) for name, value in values.items()}


def cell(name: str, value: Value) -> str:
    if value is None:
        return ""
    if name in TIMES:
        assert isinstance(value, int)
        return written(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def written(us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat()
