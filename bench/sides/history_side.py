"""Leadwise's history: a ledger for every lead at every one of twelve months, in one query."""

from __future__ import annotations

from bench.data import DAY
from bench.sides.leadwise_side import CARD, relate
from bench.sides.run_side import task, timed
from leadwise.card import load
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.plan import Each, compile_ledger

MONTHS = 12
MONTH = 30 * DAY


def main() -> None:
    asked = task()

    def work() -> int:
        card = load(CARD)
        with DuckDBEngine() as engine:
            relate(engine, asked, card)
            # What is true now about then: the moments differ, what had reached us does not.
            engine.create(
                "moments",
                "SELECT ROW_NUMBER() OVER () AS _moment, lead_id, "
                f"{asked.as_of} - back * {MONTH} AS as_of_us, {asked.known_by} AS known_by_us "
                f"FROM leads CROSS JOIN (SELECT UNNEST(RANGE({MONTHS})) AS back)",
            )
            return engine.copy_to_parquet(compile_ledger(card, Each()), asked.out)

    timed(work)


if __name__ == "__main__":
    main()
