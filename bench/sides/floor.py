"""The floor: SQL written by hand for this one card, on DuckDB (`floor.sql`)."""

from __future__ import annotations

from pathlib import Path
from string import Template

import duckdb

from bench.data import DAY
from bench.sides.run_side import Task, task, timed


def query(asked: Task) -> str:
    """The SQL for the two files and the moment."""
    text = Template(Path(__file__).with_name("floor.sql").read_text(encoding="utf-8"))
    return text.substitute(
        as_of=asked.as_of,
        known_by=asked.known_by,
        day=DAY,
        leads=asked.leads,
        events=asked.events,
    )


def main() -> None:
    asked = task()

    def work() -> int:
        with duckdb.connect() as connection:
            connection.execute("SET preserve_insertion_order = false")
            copied = connection.execute(
                f"COPY ({query(asked)}) TO '{asked.out}' (FORMAT parquet)"
            ).fetchone()
        assert copied is not None
        return int(copied[0])

    timed(work)


if __name__ == "__main__":
    main()
