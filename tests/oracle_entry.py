"""The oracle's entry: rows as texts, as a file has them, to typed values (docs, "Values").

Only for rows that are right: a number that is none is an AssertionError here, a UserError in the
product.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from leadwise.card.model import Card, Variable
from tests.oracle import Facts, Happened, Values
from tests.oracle_conditions import Value, time_us

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
Row = Mapping[str, str]


def value_of(variable: Variable, raw: str | None) -> Value:
    """One cell: NULL is the empty text, one of the `nulls`, and a choice not in its list."""
    text = unicodedata.normalize("NFC", (raw or "").replace("\0", ""))
    if text == "" or text.strip() in variable.nulls:
        return None
    if variable.type == "number":
        assert NUMBER.fullmatch(text.strip()), text
        return float(text)
    if variable.type == "boolean":
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
            text.strip().lower()
        ]
    if variable.type == "time":
        return time_us(text)
    if variable.fold:
        text = text.casefold()
    if variable.type == "choice":
        choices = [c.casefold() if variable.fold else c for c in variable.choices]
        return text if text in choices else None
    return text


def values_of(variables: tuple[Variable, ...], row: Row) -> Values:
    return {v.name: value_of(v, row.get(v.source)) for v in variables}


def facts_of(card: Card, rows: list[Row], lead: str) -> Facts:
    """The rows of one lead; the column `known_at` says since when each holds."""
    return [
        (time_us(row["known_at"]) if row.get("known_at") else None, values_of(card.fields, row))
        for row in rows
        if row["lead_id"] == lead
    ]


def events_of(card: Card, rows: list[Row], lead: str) -> list[Happened]:
    """The events of one lead: of equal (source, message_id) the first row counts, without a
    message_id every row does; without `received_at` an event was received when it happened."""
    kinds = {e.name: e for e in card.events}
    known: set[tuple[str, str]] = set()
    found = []
    for row in rows:
        if row.get("message_id"):
            key = (row.get("source", ""), row["message_id"])
            if key in known:
                continue
            known.add(key)
        if row["lead_id"] != lead:
            continue
        at = time_us(row["timestamp"])
        received = time_us(row["received_at"]) if row.get("received_at") else at
        kind = kinds.get(row["event"])
        values = values_of(kind.properties, row) if kind is not None else {}
        found.append(Happened(row["event"], at, received, values))
    return found
