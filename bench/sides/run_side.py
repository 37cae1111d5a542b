"""What all sides share: their arguments, and the one line that they print."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.data import AS_OF


@dataclass(frozen=True)
class Task:
    """What a side is asked for.

    `sample` is the number of leads for the sides that are too slow for everybody, spread evenly
    over the population; `as_of` and `known_by` are microseconds.
    """

    folder: Path
    out: Path
    sample: int
    as_of: int
    known_by: int

    @property
    def leads(self) -> Path:
        return self.folder / "leads.parquet"

    @property
    def events(self) -> Path:
        return self.folder / "events.parquet"


def task(own: argparse.ArgumentParser | None = None) -> Task:
    """The task of the command line; `own` is a parser of the side's own options."""
    parser = argparse.ArgumentParser(parents=[own] if own else [])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sample", type=int, default=5000)
    parser.add_argument("--as-of", type=int, default=AS_OF)
    parser.add_argument("--known-by", type=int, default=AS_OF)
    options = parser.parse_args()
    return Task(options.folder, options.out, options.sample, options.as_of, options.known_by)


def sample_of(asked: Task, lead_id: str = "lead_id") -> str:
    """SQL of DuckDB that picks the sampled leads: those whose number is a multiple of a step."""
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT COUNT(*) FROM '{asked.leads}'").fetchone()
    assert row is not None
    step = max(1, row[0] // asked.sample)
    return f"CAST(SUBSTR({lead_id}, 4) AS BIGINT) % {step} = 0"


def timed(work: Callable[[], int]) -> None:
    """Do the work, which returns the number of leads answered, and say how long it took."""
    start = time.perf_counter()
    leads = work()
    report(leads, time.perf_counter() - start)


def report(leads: int, seconds: float, **more: object) -> None:
    print(json.dumps({"leads": leads, "seconds": round(seconds, 4), **more}))
