"""The thread that follows up: it takes what happened, moves the runs that are due, and else waits.

One of each process; on PostgreSQL several share the work. A run that waits costs its row.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from leadwise.errors import LeadwiseError
from leadwise.jobs import Jobs
from leadwise.playbooks.jobs import move_runs_on
from leadwise.playbooks.ways import Ways
from leadwise.store.opening import Store
from leadwise.store.runs import is_run_due

log = logging.getLogger(__name__)

IDLE_S = 0.25
"""How long to wait before looking again where nobody has said that something happened."""
AFTER_FAILURE_S = 1.0


@dataclass(slots=True)
class Beat:
    """How the loop fares, for health and metrics."""

    moved: int = 0
    steps_put_in: int = 0
    lag_us: int = 0
    failures: int = 0
    last_us: int = 0
    last_error: str = ""


class PlaybookLoop:
    """Follows up in a thread of its own until `stop`. `recorded` says that there may be work.

    `take` looks at what happened since it was last called, in transactions of its own, and says
    whether there was anything: it starts runs and wakes those that await it (`triggers.take`).
    """

    def __init__(
        self, store: Store, jobs: Jobs, ways: Ways, clock: Callable[[], int],
        take: Callable[[int], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        self.beat = Beat()
        self._store, self._jobs, self._ways, self._clock = store, jobs, ways, clock
        self._take = take
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadwise-playbooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def recorded(self) -> None:
        """Something happened, or a run can go on: look at once."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, timeout_s: float | None = None) -> None:
        """End after the transaction under way."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def turn(self) -> bool:
        """One round: what happened, then a part of the runs that are due; whether there was
        anything to do."""
        now_us = self._clock()
        busy = self._take(now_us)
        self.beat.last_us = now_us
        with self._store.read() as connection:
            due = is_run_due(connection, self._clock())
        if not due:
            self.beat.lag_us = 0
            return busy
        moved = move_runs_on(self._store, self._jobs, self._ways, self._clock)
        self.beat.moved += moved.runs
        self.beat.steps_put_in += len(moved.jobs)
        self.beat.lag_us = moved.lag_us
        # No run moved: another process holds those that are due.
        return busy or moved.runs > 0

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                busy = self.turn()
            except LeadwiseError as error:
                self._failed(str(error))
            except Exception as error:
                # A defect must not end all follow-up: it is told and tried again.
                log.exception("following up failed")
                self._failed(f"{type(error).__name__}: {error}")
            else:
                if not busy:
                    self._wake.wait(IDLE_S)

    def _failed(self, message: str) -> None:
        self.beat.failures += 1
        self.beat.last_error = message
        log.warning("following up failed, to be tried again: %s", message)
        self._stopping.wait(AFTER_FAILURE_S)
