"""A worker: starts what is due, gives signs of life, takes over from the dead, forgets the old.

Two threads: one looks for due jobs, one keeps house. Jobs run on threads of DBOS.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from leadwise.jobs import claims, schedules, workers
from leadwise.jobs.claims import Claim
from leadwise.jobs.durable import AFTER_ALL_STEPS, Durable
from leadwise.jobs.failures import first_line
from leadwise.jobs.model import Handler, JobError, Pace, Schedule
from leadwise.jobs.place import held_still, hold, let_go
from leadwise.jobs.running import Runs
from leadwise.jobs.tables import own

LOG = logging.getLogger("leadwise.jobs")
TICK_S = 2.0
"""Signs of life are given, and the house is kept, at least so often; and five times in the time
after which silence is death."""
SOON_US = 1_000_000
"""What could not be started is tried again after this."""
PAUSE_S = 1.0
"""What could not be done for want of the database is tried again after this."""
DAY_US = 86_400_000_000
FORGOTTEN_AT_ONCE = 1_000


class Worker:
    """Works on jobs from construction to `stop`."""

    def __init__(
        self,
        place: str | Path,
        engine: sa.Engine,
        handlers: Mapping[str, Handler],
        *,
        name: str,
        version: str,
        schedules: Sequence[Schedule],
        pace: Pace,
        clock: Callable[[], int],
    ):
        self.place, self.name, self.version = place, name, version
        self.pace, self.clock = pace, clock
        self.handlers, self.schedules = handlers, tuple(schedules)
        self.engine = own(engine)
        self.wake = threading.Event()
        self.watch = workers.Watch(pace.dead_after_s)
        self.idle: dict[str, float] = {}
        self.look_us = self.latest_us = 0
        self.held = hold(place, name)
        try:
            # Before anything of ours is taken up: nobody may think us dead meanwhile.
            with self.engine.begin() as connection:
                workers.sign_in(connection, name, version, clock())
            self.runs = Runs(self.engine, handlers, name, pace.retry, clock, self.wake.set)
            self.durable = Durable(
                engine, worker=name, version=version, threads=4 * pace.slots + 16, run=self.runs.run
            )
        except BaseException:
            self._let_go()
            raise
        self.runs.durable = self.durable
        try:
            self._settle_left_over()
        except BaseException:
            self.runs.stopping.set()
            self.durable.close()
            self._let_go()
            raise
        self.threads = [
            threading.Thread(target=self._start_due, name="jobs-due", daemon=True),
            threading.Thread(target=self._keep_house, name="jobs-house", daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Let running steps finish for so long, and leave what remains to be taken up. Whether all
        ended; threads that did not still hold the process."""
        until = time.monotonic() + timeout_s
        self.runs.stopping.set()
        self.wake.set()
        for thread in self.threads:
            thread.join(max(1.0, until - time.monotonic()))
        while self.runs.active and time.monotonic() < until:
            time.sleep(0.02)
        ended = not self.runs.active
        self.runs.closed.set()
        self.durable.close()
        self._let_go()
        return ended

    def _let_go(self) -> None:
        with contextlib.suppress(sa.exc.SQLAlchemyError), self.engine.begin() as connection:
            workers.sign_out(connection, self.name)
        self.held.close()

    def _start_due(self) -> None:
        while not self.runs.stopping.is_set():
            self.wake.clear()
            started = 0
            with _survived("starting what is due"):
                self._mind_clock()
                if self.schedules and self.clock() >= self.look_us:
                    with self.engine.begin() as connection:
                        self.look_us = schedules.put_next(connection, self.schedules, self.clock())
                for claim in self._claimed():
                    self._start(claim)
                    started += 1
            if not started:
                self.wake.wait(self.pace.poll_s)

    def _mind_clock(self) -> None:
        """What was due does not wait for a clock that was set back."""
        now_us = self.clock()
        if now_us < self.latest_us - SOON_US:
            with self.engine.begin() as connection:
                claims.due_again(connection, now_us, self.latest_us + SOON_US)
            self.look_us = 0
        self.latest_us = now_us

    def _claimed(self) -> list[Claim]:
        now_us, slots = self.clock(), self.pace.slots
        with self.engine.connect() as connection:
            busy = claims.running(connection, self.name)
            free = slots - sum(busy.values())
            room = {
                kind: min(self.pace.limits.get(kind, slots), slots) - busy.get(kind, 0)
                for kind in self.handlers
            }
            kinds = [kind for kind, left in room.items() if left > 0]
            due = claims.due(connection, kinds, now_us, slots) if free > 0 else {}
        if not due:
            return []
        with self.engine.begin() as connection:
            return [
                claim
                for kind, most in claims.shares(due, room, free).items()
                for claim in claims.take(connection, kind, most, self.name, now_us)
            ]

    def _start(self, claim: Claim) -> None:
        try:
            before = self.durable.status(claim.id) if claim.run > 1 else None
            if before is None:
                self.runs.claimed[claim.id] = claim
                self.durable.start(claim.id)
            elif before.stage in ("begun", "queued"):
                # The last attempt's workflow has yet to end, if only by being taken up.
                self._put_off(claim)
            else:
                self.durable.rewind(claim.id, claim.again_from)
        except Exception:
            self.runs.claimed.pop(claim.id, None)
            LOG.exception("job %s (%s) could not be started", claim.id, claim.kind)
            self._put_off(claim)

    def _put_off(self, claim: Claim) -> None:
        now_us = self.clock()
        with self.engine.begin() as connection:
            claims.put_off(connection, claim, now_us + SOON_US, now_us)

    def _keep_house(self) -> None:
        forget_s, tick_s = 0.0, min(TICK_S, self.pace.dead_after_s / 5)
        while not self.runs.stopping.wait(tick_s):
            with _survived("keeping house"):
                with self.engine.begin() as connection:
                    workers.beat(connection, self.name, self.clock())
                self.held = held_still(self.held, self.place, self.name)
                now_s = time.monotonic()
                self._take_over(now_s)
                if now_s >= forget_s and not self._forget():
                    forget_s = now_s + 3600

    def _take_over(self, now_s: float) -> None:
        with self.engine.connect() as connection:
            alive = self.watch.alive(workers.beats(connection), now_s)
            gone = let_go(connection, self.watch.quiet() - {self.name})
            alive = (alive - gone) | {self.name}
            mine = claims.of_worker(connection, self.name)
            # Not all that many dead workers left at once: there are only so many threads.
            most = max(0, 2 * self.pace.slots - len(mine))
            # Within the transaction, so that nobody who is gone comes back in between.
            for job_id, dead in claims.of_others(connection, alive, self.handlers, most):
                with self.engine.begin() as own_turn:
                    ours = claims.take_over(own_turn, job_id, dead, self.name)
                if ours:
                    LOG.warning("taking over job %s of %s", job_id, dead)
                    self._settle(job_id)
        # A job of ours that nobody is at, all along: its start was lost with a connection, say.
        self.idle = {
            job_id: self.idle.get(job_id, now_s)
            for job_id in mine
            if job_id not in self.runs.active
        }
        for job_id, since_s in list(self.idle.items()):
            if now_s - since_s > self.pace.dead_after_s:
                self.idle.pop(job_id)
                self._settle(job_id)

    def _settle_left_over(self) -> None:
        """What an earlier process of this name left: DBOS takes up all that it began itself."""
        with self.engine.connect() as connection:
            mine = claims.of_worker(connection, self.name)
        for job_id in mine:
            self._settle(job_id, launched=True)

    def _settle(self, job_id: str, launched: bool = False) -> None:
        """See to it that a running job of ours is worked on, here or by anybody alive."""
        status = self.durable.status(job_id)
        if status is not None and status.stage in ("begun", "queued"):
            if status.version != self.version:
                with self.engine.begin() as connection:
                    claims.keep_steps(connection, job_id, AFTER_ALL_STEPS)
                self.durable.adopt(job_id)
            elif status.stage == "begun" and not (launched and status.worker == self.name):
                self.durable.resume(job_id)
            return
        with self.engine.begin() as connection:
            if status is not None and status.stage == "broken":
                error = JobError("internal", "its record cannot be read any more")
                claims.give_up(connection, job_id, self.name, error, self.clock())
            else:
                claims.wait_again(connection, job_id, self.name, self.clock())

    def _forget(self) -> bool:
        """Forget some finished jobs that are too old; whether there may be more."""
        before_us = self.clock() - int(self.pace.keep_days * DAY_US)
        with self.engine.connect() as connection:
            ids = claims.finished_before(connection, before_us, FORGOTTEN_AT_ONCE)
        if ids:
            self.durable.forget(ids)
            with self.engine.begin() as connection:
                claims.forget(connection, ids)
        return len(ids) == FORGOTTEN_AT_ONCE


@contextlib.contextmanager
def _survived(doing: str) -> Iterator[None]:
    """A thread of ours lives on when the database does not answer, and says so."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        told = first_line(error)
        LOG.warning("%s: the database cannot be used now (%s); trying again", doing, told)
        time.sleep(PAUSE_S)
    except Exception:
        LOG.exception("%s failed; trying again", doing)
        time.sleep(PAUSE_S)
