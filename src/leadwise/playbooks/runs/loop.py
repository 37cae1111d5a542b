"""The thread that follows up: it takes what happened, moves the runs that are due, and else waits.

One of each process; on PostgreSQL several share the work. A run that waits costs its row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from leadwise.jobs import Jobs
from leadwise.live.turns import Pulse, Turns
from leadwise.playbooks.runs.jobs import move_runs_on
from leadwise.playbooks.runs.ways import Ways
from leadwise.store.opening import Store
from leadwise.store.runs import due_again, is_run_due

BACK_US = 1_000_000
"""A clock that goes back by more was set."""
AGAIN_S = 5.0


@dataclass(slots=True)
class FollowingUp(Pulse):
    """How the loop fares."""

    moved: int = 0
    steps_put_in: int = 0


class PlaybookLoop(Turns):
    """Follows up in a thread of its own until `stop`. `recorded` says that there may be work.

    `take` looks at what happened since it was last called, in transactions of its own, and says
    whether there was anything: it starts runs and wakes those that await it (`triggers.take`).
    """

    def __init__(
        self, store: Store, jobs: Jobs, ways: Ways, clock: Callable[[], int],
        take: Callable[[int], bool] = lambda _: False,
    ) -> None:  # fmt: skip
        super().__init__("playbooks")
        self.pulse: FollowingUp = FollowingUp()
        self._store, self._jobs, self._ways, self._clock = store, jobs, ways, clock
        self._take = take
        self._latest_us = self._before_us = 0
        self._again_s = 0.0

    def turn(self) -> bool:
        """One round: what happened, then a part of the runs that are due; whether there was
        anything to do."""
        now_us = self._clock()
        self._mind_clock(now_us)
        busy = self._take(now_us)
        self.pulse.last_us = now_us
        with self._store.read() as connection:
            due = is_run_due(connection, self._clock())
        if not due:
            self.pulse.lag_us = 0
            return busy
        moved = move_runs_on(self._store, self._jobs, self._ways, self._clock)
        self.pulse.moved += moved.runs
        self.pulse.steps_put_in += len(moved.jobs)
        self.pulse.lag_us = moved.lag_us
        # No run moved: another process holds those that are due.
        return busy or moved.runs > 0

    def _mind_clock(self, now_us: int) -> None:
        """Where the clock goes back, what was due, or was to be looked after soon, is due now; and
        once more a little later, for what was being written meanwhile."""
        until_us = self._before_us
        if now_us < self._latest_us - BACK_US:
            until_us = self._latest_us + self._ways.patience.found_us
            self._before_us, self._again_s = until_us, time.monotonic() + AGAIN_S
        elif until_us and time.monotonic() >= self._again_s:
            self._before_us = 0
        else:
            until_us = 0
        self._latest_us = now_us
        if until_us:
            self._store.write(lambda one: due_again(one, now_us, until_us), "playbooks")
