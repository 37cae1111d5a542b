"""The naive interpreter of the tests, on a sample: not for its time, but for what is right."""

from __future__ import annotations

import time

import pyarrow as pa
import pyarrow.parquet as pq

from bench.ledger import COLUMNS, TOTALS
from bench.sides.leadwise_side import CARD
from bench.sides.loop_side import read
from bench.sides.run_side import report, task
from leadwise.card import load
from tests.oracle import Happened, answer

PROPERTIES = ("path", "asset", "form", "outcome", "seconds", "minutes")


def main() -> None:
    asked = task()
    card = load(CARD)
    leads, events = read(asked)
    start = time.perf_counter()
    rows = []
    for lead in leads:
        opted = lead["opted_in"]
        fields = lead | {"opted_in": None if opted is None else bool(opted)}
        happened = [
            Happened(event, at, at, dict(zip(PROPERTIES, values, strict=True)))
            for event, at, *values in events.get(lead["lead_id"], [])
        ]
        found = answer(card, [(None, fields)], happened, asked.as_of)
        totals = {f"{name}__total": total for name, total in found.dimensions.items()}
        rows.append(
            {"lead_id": lead["lead_id"], **found.lines, **totals, "score": found.score}
            | {"band": found.band, "grade": found.grade, "unknown": " ".join(found.unknown)}
        )
    assert set(TOTALS) <= set(rows[0])
    seconds = time.perf_counter() - start
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in COLUMNS}), asked.out)
    report(len(leads), seconds)


if __name__ == "__main__":
    main()
