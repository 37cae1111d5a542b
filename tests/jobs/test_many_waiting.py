"""Many waiting jobs cost rows: no thread, no memory, no delay of those that are due.

`python -m tests.jobs.test_many_waiting 1000000 [URL]` shows it with a million (half a minute).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from leadwise.jobs import Entry, Jobs
from tests.jobs.working import handlers

HOUR_US = 3_600_000_000


def entries(count: int, now_us: int) -> Iterator[Entry]:
    for number in range(count):
        yield Entry(f"run-{number}:step-3", {"run": number}, now_us + HOUR_US + number)


def measured(place: str, notes: Path, count: int) -> dict[str, float]:
    """Seconds to put so many in and to start one that is due; threads and MB more than before."""
    with Jobs(place, handlers(notes), worker="w1", version="1") as jobs:
        jobs.start()
        jobs.wait(jobs.enqueue("quick"), 5)
        memory, threads = psutil.Process().memory_info().rss, threading.active_count()
        began, worked = time.perf_counter(), time.process_time()
        assert jobs.enqueue_all("quick", entries(count, jobs.now_us())) == count
        put_s, put_cpu_s = time.perf_counter() - began, time.process_time() - worked
        delays = []
        for number in range(5):
            due_us = jobs.now_us() + 200_000
            with Jobs(place) as elsewhere:
                elsewhere.enqueue("quick", id=f"due-{number}", due_us=due_us)
            assert jobs.wait(f"due-{number}", 5).state == "done"
            note = next(x for x in notes.read_text().splitlines() if f"due-{number} " in x)
            delays.append((int(note.split()[2]) - due_us) / 1e6)
        listed = time.perf_counter()
        assert len(jobs.list("quick", "waiting")) == 100
        return {
            "put_s": put_s,
            "put_cpu_s": put_cpu_s,
            "delay_s": statistics.median(delays),
            "longest_s": max(delays),
            "list_s": time.perf_counter() - listed,
            "threads": threading.active_count() - threads,
            "memory_mb": (psutil.Process().memory_info().rss - memory) / 2**20,
        }


def test_thirty_thousand_wait(tmp_path: Path) -> None:
    found = measured(str(tmp_path / "data"), tmp_path / "notes", 30_000)
    assert found["put_cpu_s"] < 5
    assert found["delay_s"] < 1
    assert found["list_s"] < 0.5
    assert found["threads"] <= 8
    assert found["memory_mb"] < 64


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        where = sys.argv[2] if len(sys.argv) > 2 else f"{folder}/data"
        for name, value in measured(where, Path(folder) / "notes", int(sys.argv[1])).items():
            sys.stdout.write(f"{name:>10} {value:.3f}\n")
