"""What all sides share: their arguments, and the one line that they print."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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


def task() -> Task:
    """The task of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sample", type=int, default=5000)
    parser.add_argument("--as-of", type=int, default=AS_OF)
    parser.add_argument("--known-by", type=int, default=AS_OF)
    options = parser.parse_args()
    return Task(options.folder, options.out, options.sample, options.as_of, options.known_by)


def timed(work: Callable[[], int]) -> None:
    """Do the work, which returns the number of leads answered, and say how long it took."""
    start = time.perf_counter()
    leads = work()
    report(leads, time.perf_counter() - start)


def report(leads: int, seconds: float, **more: object) -> None:
    print(json.dumps({"leads": leads, "seconds": round(seconds, 4), **more}))
