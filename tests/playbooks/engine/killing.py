"""Runs of playbooks whose processes are killed at random instants, and what then is counted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from leadwise.playbooks.versions import add, publish
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.playbooks import PlaybookVersion
from leadwise.store.runs import start_run
from leadwise.store.schema import lead_owner, outcome, playbook_run, playbook_step, task
from tests.databases import make_tables
from tests.records import DAY_US, add_lead

ROOT = Path(__file__).parents[3]
PLAYBOOK = """
playbook: killed
version: 1
starts: {event: demo_requested}
steps:
  - notify: {text: one, to: team}
    id: one
  - assign: {by: round robin}
  - convert: {to: mql}
  - notify: {text: two, to: team}
    id: two
  - wait: 1 seconds
  - task: {title: Call, kind: call, to: owner}
  - if:
      condition: country = 'ES'
      then:
        - notify: {text: three, to: team}
          id: three
  - notify: {text: four, to: team}
    id: four
"""


@dataclass
class Outside:
    """What steps reach: asked so often for each (step, key), and refusing now and then."""

    url: str = ""
    raw: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    answers: threading.Event = field(default_factory=threading.Event)
    """Set unless a test wants all who ask to wait."""


@dataclass(frozen=True)
class Counted:
    """What was found in the end. `raw` requests outside, of `unique` keys."""

    runs: int
    done: int
    kills: int
    raw: int
    unique: int
    refused: int
    wrong: tuple[str, ...]
    seconds: float


@contextmanager
def outside(seed: int) -> Iterator[Outside]:
    """A server on this machine that fails one time in ten."""
    found, chance, lock = Outside(), random.Random(seed), threading.Lock()
    found.answers.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with suppress(ConnectionError):  # who asked was killed
                super().handle_one_request()

        def do_POST(self) -> None:
            _, step, key = self.path.split("/")
            with lock:
                fails = chance.random() < 0.1
                found.refused += fails
                # Refused after it was taken, as it may be where an answer is lost.
                found.raw[step, key] += 1
            found.answers.wait(30)
            self.send_response(503 if fails else 200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def kill_over_and_over(
    store_url: str,
    place: str,
    *,
    runs: int,
    processes: int,
    seed: int,
    most_seconds: float,
    most_kills: int = 1_000_000,
    alive_seconds: float = 1.6,
) -> Counted:
    """Start that many runs, kill the processes that work on them at random until all are over, and
    count every effect. A process lives `alive_seconds` at most."""
    chance, began, kills = random.Random(seed), time.monotonic(), 0
    with Store(store_url) as store, outside(seed) as reached:
        make_tables(store)
        version, leads = fill(store, runs)
        names = [f"worker-{n}" for n in range(processes)]
        alive = {name: worker(store_url, place, name, reached.url) for name in names}
        try:
            store.write(lambda connection: start(connection, version, leads))
            while is_open(store) and time.monotonic() - began < most_seconds:
                time.sleep(chance.uniform(0.1, alive_seconds))
                if kills == most_kills:
                    continue
                name = chance.choice(names)
                alive[name].send_signal(signal.SIGKILL)
                alive[name].wait()
                kills += 1
                alive[name] = worker(store_url, place, name, reached.url)
        finally:
            for process in alive.values():
                process.kill()
                process.wait()
        wrong = wrong_in(store, reached, runs, (runs + 1) // 2)
        with store.read() as connection:
            done = connection.scalar(
                select(func.count()).select_from(playbook_run).where(playbook_run.c.state == "done")
            )
    return Counted(
        runs, int(done or 0), kills, sum(reached.raw.values()), len(reached.raw), reached.refused,
        tuple(wrong), time.monotonic() - began,
    )  # fmt: skip


def fill(store: Store, runs: int) -> tuple[PlaybookVersion, list[int]]:
    """The playbook, live, and leads of which every other one is in Spain."""
    now_us = time.time_ns() // 1000

    def write(connection: Any) -> tuple[PlaybookVersion, list[int]]:
        for name in ("ann", "bob", "cid"):
            add_member(connection, name, f"{name}@team.example", "representative", by="x", now_us=1)
        made = add(connection, PLAYBOOK, actor="test", now_us=now_us).version
        version = publish(connection, made.id, actor="test", now_us=now_us)
        countries = ["ES" if n % 2 == 0 else "FI" for n in range(runs)]
        return version, [
            add_lead(connection, f"{n}@b.example", {"country": country}, at_us=now_us - DAY_US)
            for n, country in enumerate(countries)
        ]

    return store.write(write)


def start(connection: Any, version: PlaybookVersion, leads: list[int]) -> None:
    for lead_id in leads:
        start_run(connection, version, lead_id, f"event:{lead_id}", {}, time.time_ns() // 1000)


def worker(store_url: str, place: str, name: str, outside_url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker.py")), store_url, place, name,
         outside_url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def is_open(store: Store) -> bool:
    with store.read() as connection:
        over = playbook_run.c.state.in_(("done", "stopped", "failed"))
        left = select(func.count()).select_from(playbook_run).where(~over)
        return bool(connection.scalar(left))


def wrong_in(store: Store, reached: Outside, runs: int, spain: int) -> list[str]:
    """All that is not as it would be had nothing been killed."""
    found: list[str] = []
    with store.read() as connection:
        ids = list(connection.scalars(select(playbook_run.c.id)))
        states = Counter(connection.scalars(select(playbook_run.c.state)))
        steps = Counter((row.run_id, row.step) for row in connection.execute(select(playbook_step)))
        unfinished = connection.scalar(
            select(func.count()).select_from(playbook_step).where(playbook_step.c.state != "done")
        )
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (outcome, task, lead_owner)
        }
        owned = Counter(connection.scalars(select(lead_owner.c.member_id)))
    if states != {"done": runs}:
        found.append(f"runs: {dict(states)}")
    found += [f"{name}: {count} instead of {runs}" for name, count in counts.items()
              if count != runs]  # fmt: skip
    if max(owned.values()) - min(owned.values()) > 1:
        found.append(f"not fair: {dict(owned)}")
    if unfinished or any(count > 1 for count in steps.values()):
        found.append(f"steps: {unfinished} not done, or one of a run twice")
    asked = Counter(step for step, _ in reached.raw)
    if asked != {"one": runs, "two": runs, "three": spain, "four": runs}:
        found.append(f"asked outside: {dict(asked)}")
    places = {"one": 0, "two": 3, "three": 7}
    keys = {(step, f"run-{id_}-{place}") for step, place in places.items() for id_ in ids}
    keys |= {("four", f"run-{id_}-{place}") for place in (7, 8) for id_ in ids}
    if not set(reached.raw) <= keys:
        found.append(f"keys: {sorted(set(reached.raw) - keys)[:5]}")
    return found
