"""Rows of a warehouse as ours, and scores as a row of theirs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, Column, MetaData, Numeric, String, Table, Text
from sqlalchemy.schema import SchemaItem

from leadwise.asking.instants import DAY_US, microseconds, moment_of, written
from leadwise.card.values import parse_time
from leadwise.connect.model import Update
from leadwise.ingest.texts import digest

Since: TypeAlias = datetime | int | str
COMPARED = "as_of_us"
AHEAD_US = DAY_US
"""How far the clock of a database may be ahead of ours."""


def plain(value: Any) -> Any:
    """A value as JSON has it; times as texts in UTC (one without a zone is UTC)."""
    match value:
        case float() | Decimal() if not math.isfinite(value):
            return None  # endless, or no number: nothing that could be compared
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            whole = value if value.tzinfo else value.replace(tzinfo=UTC)
            return written(microseconds(whole, "a time"))
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes() | memoryview():
            return bytes(value).decode("utf-8", "replace")
        case dict():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return str(value)


def row_of(values: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """A row by our names, with an id that is the same for the same row and another when it
    changes: the column of change belongs to it even where it is left out."""
    found = {name: plain(value) for name, value in values.items()}
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, default=str)
    kept = {mapping.get(name, name): value for name, value in found.items() if value is not None}
    kept.pop("", None)
    kept.setdefault("message_id", digest(text.encode("utf-8", "replace")))
    return kept


def since_of(cursor: str | None, kind: str, dialect: str) -> Since:
    """The value of :since. SQLite has no times: there they are texts, as its rows have them."""
    if cursor is None:
        if kind == "whole":
            return -(2**62)
        if kind == "time" and dialect != "sqlite":
            return datetime(1, 1, 2, tzinfo=UTC)
        return ""
    shape, value = json.loads(cursor)
    return moment_of(value) if shape == "time" else value


def is_beyond(value: Any, now_us: int) -> bool:
    """Whether a time is so far ahead that it is none of a change (31 December 9999): asked for
    what came after it, a database would tell of nothing any more."""
    text = plain(value) if isinstance(value, datetime | date) else value
    try:
        return isinstance(text, str) and parse_time(text) > now_us + AHEAD_US
    except ValueError:
        return False


def cursor_of(value: Since) -> str:
    """A cursor of the greatest value of the column of change."""
    if isinstance(value, datetime):
        whole = value if value.tzinfo else value.replace(tzinfo=UTC)
        return json.dumps(["time", microseconds(whole, "a time")])
    return json.dumps(["whole" if isinstance(value, int) else "text", value])


def scores_table(schema: str | None, name: str) -> Table:
    """The table that scores are written to. `score` is in points; a row of a later `as_of_us` is
    never overwritten by an earlier."""
    columns: tuple[SchemaItem, ...] = (
        Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
        Column("email", String(320)), Column("user_id", String(500)), Column("crm_id", String(500)),
        Column("score", Numeric(12, 2), nullable=False), Column("band", String(200)),
        Column("grade", String(20)), Column("reasons", Text), Column("question", Text),
        Column("card", String(200), nullable=False), Column("as_of", String(40), nullable=False),
        Column(COMPARED, BigInteger, nullable=False),
    )  # fmt: skip
    return Table(name, MetaData(), *columns, schema=schema)


def score_row(update: Update) -> dict[str, Any]:
    """A row of that table."""
    names: dict[str, str] = {}
    for kind, value in update.names:
        names.setdefault(kind, value)
    return {
        "lead_id": update.lead_id, "email": names.get("email"), "user_id": names.get("user"),
        "crm_id": names.get("crm"), "score": Decimal(update.score) / 100, "band": update.band,
        "grade": update.grade, "reasons": "; ".join(update.reasons), "question": update.question,
        "card": update.card, "as_of": written(update.as_of_us), COMPARED: update.as_of_us,
    }  # fmt: skip
