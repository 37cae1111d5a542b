"""A process that sleeps for longer than it is waited for: another goes on with its steps, and what
it does when it wakes changes nothing inside."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database
from tests.playbooks.engine.killing import fill, is_open, outside, start, worker, wrong_in

RUNS = 4


def test_who_sleeps_in_the_middle_of_a_step_does_nothing_twice(postgres_url: str) -> None:
    with postgres_database(postgres_url) as url, Store(url) as store, outside(5) as reached:
        make_tables(store)
        version, leads = fill(store, RUNS)
        reached.answers.clear()
        sleeper = worker(url, url, "sleeper", reached.url)
        other = None
        try:
            store.write(lambda connection: start(connection, version, leads))
            _until(lambda: len(reached.raw) == RUNS)  # it is in the middle of the first steps
            sleeper.send_signal(signal.SIGSTOP)
            other = worker(url, url, "other", reached.url)
            _until(lambda: sum(reached.raw.values()) == 2 * RUNS)  # taken over, with the same keys
            reached.answers.set()
            _until(lambda: not is_open(store))
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(0.5)
            assert sleeper.poll() is None
        finally:
            for process in (sleeper, other):
                if process is not None:
                    process.kill()
                    process.wait()
        assert wrong_in(store, reached, RUNS, RUNS // 2) == []


def _until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
