"""A million waiting runs of playbooks: the memory that they take, and how late due ones are.

    python -m bench.playbooks [--runs 1000000] [--only SQLite]

On each store, first with few runs and then with as many as that; the part of docs/performance.md is
written by the whole programme. A record is filled with that many runs that wait for next year. Then
a process follows up, as the service does, and is measured while nothing is due; while ten runs a
second come due (each goes on to a step that reaches outside, as a job); and when two thousand are
due at one instant.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select, update

from bench.live.postgres import postgres
from bench.page import machine
from bench.process import ROOT
from bench.sections import written
from leadwise.jobs import Jobs
from leadwise.playbooks.runs.acting import Came, Go, House
from leadwise.playbooks.runs.jobs import handlers_of, step_handler
from leadwise.playbooks.runs.loop import PlaybookLoop
from leadwise.playbooks.runs.ways import read_playbook, ways_of
from leadwise.playbooks.steps import inner_of
from leadwise.playbooks.triggers import Taker
from leadwise.playbooks.versions import add, publish
from leadwise.settings import Settings
from leadwise.store import migrations
from leadwise.store.bulk import insert_rows
from leadwise.store.opening import Store
from leadwise.store.schema import lead, playbook_run, playbook_step

PLAYBOOK = """
playbook: waiting
version: 1
starts: {event: demo_requested}
steps:
  - wait: 365 days
    id: pause
  - notify: {text: Hello, to: team}
"""
AT_ONCE = 20_000
YEAR_US = 365 * 86_400_000_000
COLUMNS = (
    "playbook", "version_id", "lead_id", "trigger", "state", "at", "number", "due_us", "began_us",
    "doc",
)  # fmt: skip
STEADY, STEADY_EVERY_US, BURST = 200, 100_000, 2_000
RUNS, FEW = 1_000_000, 1_000 + BURST
LATE_S, MORE_MIB = 1.0, 100
HEADINGS = (
    "store", "runs that wait", "MiB before", "MiB while all wait", "MiB in the end",
    "percent of a core while all wait", "due runs begin late by, s: median", "99 percent within",
    "most", "their step done after, most", "2,000 due at once have moved on after, s", "bar",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What was measured: MiB of memory before and after, seconds of lateness, runs a second."""

    before_mib: float
    idle_mib: float
    after_mib: float
    idle_cpu: float
    late_median: float
    late_p99: float
    late_most: float
    done_most: float
    burst_seconds: float

    @property
    def met(self) -> bool:
        """Whether the bar is."""
        return self.late_most <= LATE_S and self.idle_mib - self.before_mib <= MORE_MIB


def clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def fill(url: str, runs: int) -> None:
    """The playbook, and that many leads with a run each, which waits for next year."""
    with Store(url) as store:
        migrations.upgrade(store)
        now_us = clock()

        def live(connection: Any) -> int:
            made = add(connection, PLAYBOOK, actor="bench", now_us=now_us).version
            return publish(connection, made.id, actor="bench", now_us=now_us).id

        version_id = store.write(live)
        for start in range(0, runs, AT_ONCE):
            part = range(start + 1, min(start + AT_ONCE, runs) + 1)
            leads = [(n, now_us, 1) for n in part]
            until = now_us + YEAR_US
            rows = [
                ("waiting", version_id, n, f"event:{n}", "waiting", 0, 0, until + n, now_us,
                 f'{{"engine":{{}},"step":{{"pause":{{"until_us":{until + n}}}}}}}')
                for n in part
            ]  # fmt: skip

            def write(connection: Any, leads: Any = leads, rows: Any = rows) -> None:
                insert_rows(connection, lead, ("id", "created_us", "known"), leads)
                insert_rows(connection, playbook_run, COLUMNS, rows)

            store.write(write, alone=True)


def make_due(store: Store, first: int, count: int, from_us: int, every_us: int) -> None:
    """Runs of which each comes due a little after the one before."""

    def write(connection: Any) -> None:
        for n in range(count):
            due_us = from_us + n * every_us
            doc = {"engine": {}, "step": {"pause": {"until_us": due_us}}}
            own = playbook_run.c.id == first + n
            connection.execute(update(playbook_run).where(own).values(due_us=due_us, doc=doc))

    store.write(write, alone=True)


def measure(url: str, place: str) -> Found:
    """Follow up in this process, and watch it."""
    process = psutil.Process()
    settings = Settings()
    own = replace(
        ways_of(settings), may_go=lambda *_: Go(),
        outer=lambda kind: None if inner_of(kind) else lambda *_: Came("done"),
    )  # fmt: skip
    with Store(url) as store:
        loop: list[PlaybookLoop] = []
        house = House(store, settings, lambda _: None, clock, {})
        handler = step_handler(house, own, lambda: loop[0].recorded() if loop else None)
        with Jobs(place, handlers_of(handler), worker="bench", version="1") as jobs:
            jobs.start()
            time.sleep(1)
            before = process.memory_info().rss
            taker = Taker(store, settings, read_playbook)
            loop.append(PlaybookLoop(store, jobs, own, clock, taker.take))
            loop[0].start()
            time.sleep(2)
            process.cpu_percent()
            time.sleep(8)
            cpu, idle = process.cpu_percent(), process.memory_info().rss
            late, done = _steadily(store)
            burst = _at_once(store)
            after = process.memory_info().rss
            loop[0].stop(10)
    late.sort()
    return Found(
        before / 2**20, idle / 2**20, after / 2**20, cpu, statistics.median(late),
        late[int(len(late) * 0.99)], late[-1], max(done), burst,
    )  # fmt: skip


def _steadily(store: Store) -> tuple[list[float], list[float]]:
    """Seconds from the instant at which a run was due to its next step, and to the step's end."""
    from_us = clock() + 1_500_000
    make_due(store, 1, STEADY, from_us, STEADY_EVERY_US)
    time.sleep((from_us + STEADY * STEADY_EVERY_US - clock()) / 1e6 + 5)
    late, done = [], []
    with store.read() as connection:
        rows = select(playbook_step).where(playbook_step.c.kind == "notify")
        for row in connection.execute(rows):
            due_us = from_us + (row.run_id - 1) * STEADY_EVERY_US
            late.append((row.began_us - due_us) / 1e6)
            done.append((row.ended_us - due_us) / 1e6)
    assert len(late) == STEADY
    return late, done


def _at_once(store: Store) -> float:
    """Seconds until two thousand runs that are due at one instant have all moved on."""
    first = 1_000
    make_due(store, first, BURST, clock(), 0)
    began = time.monotonic()
    own = playbook_run.c.id.between(first, first + BURST - 1)
    while True:
        with store.read() as connection:
            left = select(func.count()).select_from(playbook_run)
            if not connection.scalar(left.where(own, playbook_run.c.number == 0)):
                return time.monotonic() - began
        time.sleep(0.1)


def measured(url: str, place: str, runs: int) -> Found:
    """Fill in a process of its own, measure in another."""
    spawn = multiprocessing.get_context("spawn")
    filling = spawn.Process(target=fill, args=(url, runs))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise SystemExit(1)
    with spawn.Pool(1) as pool:
        return pool.apply(measure, (url, place))


def on_sqlite(runs: int) -> Found:
    """In a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(str(Path(folder) / "record.db"), folder, runs)


def on_postgres(runs: int) -> Found | None:
    """On a server of its own, with fsync; None where there is none to start."""
    with postgres() as server:
        if server is None:
            return None
        url = server.database(f"waiting_{runs}")
        return measured(url, url, runs)


def section(found: dict[tuple[str, int], Found], busy: float) -> str:
    """The part of docs/performance.md."""
    machine_ = dict(machine())
    rows = "\n".join(
        f"| {store} | {runs:,} | {one.before_mib:.0f} | {one.idle_mib:.0f} | {one.after_mib:.0f} "
        f"| {one.idle_cpu:.1f} | {one.late_median:.2f} | {one.late_p99:.2f} | {one.late_most:.2f} "
        f"| {one.done_most:.2f} | {one.burst_seconds:.1f} | {'met' if one.met else 'missed'} |"
        for (store, runs), one in found.items()
    )
    return f"""## Playbooks: runs that wait

{machine_["processor"]}, {machine_["memory"]}, {machine_["system"]}. One process follows up on a
record of that many runs that wait for next year. {STEADY} of them then come due, ten a second, and
{BURST:,} more at one instant; each goes on to a step that reaches outside, as a durable job, with
nothing at its other end. Before it began, {busy:.1f} other processes wanted the cores; at its end
{os.getloadavg()[0]:.1f}, its own among them.

| {" | ".join(HEADINGS)} |
|{" --- |" * len(HEADINGS)}
{rows}

The bar: all that are due begin within {LATE_S:.0f} s, and the process holds no more than {MORE_MIB}
MiB more while a million wait than before it looked at them."""


def main() -> int:
    """From the command line; 1 where the bar is missed."""
    told = argparse.ArgumentParser(prog="python -m bench.playbooks", description=__doc__)
    told.add_argument("--runs", type=int, default=RUNS)
    told.add_argument("--only", choices=("SQLite", "PostgreSQL"), help="writes nothing")
    asked = told.parse_args()
    busy = os.getloadavg()[0]
    found: dict[tuple[str, int], Found] = {}
    for store, on in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        for runs in (FEW, max(asked.runs, FEW)):
            one = on(runs) if asked.only in (None, store) else None
            if one is not None:
                found[store, runs] = one
                print(store, f"{runs:,}", one, flush=True)
    text = section(found, busy)
    print(text)
    if asked.runs == RUNS and asked.only is None:
        written(ROOT / "docs" / "performance.md", playbooks=text)
    return 0 if all(one.met for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
