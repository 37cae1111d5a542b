"""Leadwise: the card as it stands, through the real plan and the real DuckDB engine.

`--moments N` asks history instead: N moments a month apart for every lead, in one query.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.sides.run_side import Task, task, timed
from leadwise.card import Card, load
from leadwise.engines.duckdb import DuckDBEngine, literal
from leadwise.plan import ALWAYS, FOREVER, At, compile_ledger

CARD = Path(__file__).parent.parent / "card.yaml"


def relate(engine: DuckDBEngine, asked: Task, card: Card) -> None:
    """The tables that a plan asks, as views of the two files: nothing is copied or prepared."""
    fields = ", ".join(f'"{field.name}"' for field in card.fields)
    leads = literal(str(asked.leads))
    engine.create("leads", f"SELECT lead_id FROM {leads}", view=True)
    engine.create(
        "facts",
        f"SELECT lead_id, {ALWAYS} AS from_us, {FOREVER} AS until_us, {fields} FROM {leads}",
        view=True,
    )
    engine.create("events", f"SELECT * FROM {literal(str(asked.events))}", view=True)


def main() -> None:
    asked = task()

    def work() -> int:
        card = load(CARD)
        with DuckDBEngine() as engine:
            relate(engine, asked, card)
            tree = compile_ledger(card, At(asked.as_of, asked.known_by))
            return engine.copy_to_parquet(tree, asked.out)

    timed(work)


if __name__ == "__main__":
    sys.exit(main())
