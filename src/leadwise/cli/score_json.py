"""`score --json`: one document, written row by row however many leads there are."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TextIO

from leadwise.asking.population import Population
from leadwise.asking.tallies import scored_rows, tally
from leadwise.cli.cards import card_document
from leadwise.cli.words import time
from leadwise.plan import At


def write_document(
    to: TextIO, of: Population, at: At, *, top: int | None, rows: bool, ledger: bool
) -> None:
    """The head, and where `rows` is true every lead as an object, best first.

    Keys: card, as_of, known_by, count, bands (how many leads are in each), notes, leads.
    """
    found = tally(of)
    head = {
        "card": card_document(of.card),
        "as_of": time(at.as_of_us),
        "known_by": time(at.known_by_us),
        "count": found.leads,
        "bands": {band.id: found.bands.get(band.id, 0) for band in of.card.bands},
        "notes": list(of.read.notes.lines()),
    }
    text = json.dumps(head, ensure_ascii=False, indent=2)
    if not rows:
        to.write(text + "\n")
        return
    to.write(text.removesuffix("\n}") + ',\n  "leads": [')
    first = True
    for batch in scored_rows(of, ledger=ledger, top=top):
        for row in batch.to_pylist():
            line = json.dumps(_plain(row, head["as_of"]), ensure_ascii=False)
            to.write(("\n    " if first else ",\n    ") + line)
            first = False
    to.write("]\n}\n" if first else "\n  ]\n}\n")


def _plain(row: dict[str, Any], as_of: Any) -> dict[str, Any]:
    """A row for JSON: points as numbers, unknown as a list."""
    found = {name: _number(value) for name, value in row.items()}
    return found | {"as_of": as_of, "unknown": row["unknown"].split()}


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
