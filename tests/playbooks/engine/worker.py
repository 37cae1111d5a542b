"""A process that follows up, to be killed: `worker.py STORE PLACE-OF-JOBS NAME OUTSIDE`.

The record, the jobs and the loop are the real ones; what its outer steps reach is an HTTP server of
the test's, which counts what it was asked for by key.
"""

from __future__ import annotations

import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from typing import Any

from leadwise.errors import RemoteError
from leadwise.jobs import Jobs, Pace, Retry
from leadwise.playbooks.runs.acting import Came, Go, Here, House
from leadwise.playbooks.runs.jobs import handlers_of, step_handler
from leadwise.playbooks.runs.loop import PlaybookLoop
from leadwise.playbooks.runs.ways import Patience, Ways, ways_of
from leadwise.playbooks.steps import inner_of
from leadwise.settings import Settings
from leadwise.store.opening import Store

DEAD_AFTER_S = 2.0
PATIENCE = Patience(first_us=50_000, longest_us=400_000, lost_us=1_500_000)


def outside(url: str) -> Any:
    """What outer steps do: ask the test's server, with the key."""

    def act(_: House, here: Here) -> Came:
        asked = urllib.request.Request(f"{url}/{here.step.id}/{here.key}", method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return Came("done", {"answer": answer.read().decode()})
        except urllib.error.HTTPError as error:
            raise RemoteError(f"status {error.code}", permanent=False) from None
        except OSError as error:
            raise RemoteError(str(error), permanent=False) from None

    return act


def ways(url: str) -> Ways:
    """The real ways, but for the outside."""
    act = outside(url)
    return replace(
        ways_of(Settings()), may_go=lambda *_: Go(), patience=PATIENCE,
        outer=lambda kind: None if inner_of(kind) else act,
    )  # fmt: skip


def run(store_url: str, place: str, name: str, outside_url: str) -> None:
    """Work until killed, or until standard input is closed."""

    def clock() -> int:
        return time.time_ns() // 1000

    with Store(store_url) as store:
        house = House(store, Settings(), lambda name: None, clock, {})
        loop: list[PlaybookLoop] = []
        own = ways(outside_url)
        handler = step_handler(house, own, lambda: loop[0].recorded() if loop else None)
        jobs = Jobs(
            place, handlers_of(handler), worker=name, version="1",
            pace=Pace(dead_after_s=DEAD_AFTER_S, poll_s=0.05, retry=Retry(first_s=0.2)),
        )  # fmt: skip
        jobs.start()
        loop.append(PlaybookLoop(store, jobs, own, clock))
        loop[0].start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        threading.Thread(target=lambda: (sys.stdin.read(), loop[0].stop()), daemon=True).start()
        while loop[0].alive:
            time.sleep(0.05)
        jobs.close()


if __name__ == "__main__":
    run(*sys.argv[1:5])
