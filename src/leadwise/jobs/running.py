"""One run of a job: its handler is called, and how that ends is written to its row."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from leadwise.jobs import claims
from leadwise.jobs.book import text_of
from leadwise.jobs.claims import Claim
from leadwise.jobs.context import Durably, Ended
from leadwise.jobs.durable import Durable
from leadwise.jobs.failures import again_after_us, failure_of, first_line
from leadwise.jobs.model import Handler, JobError, Retry

LOG = logging.getLogger("leadwise.jobs")
MOST_RECOVERIES = 20
"""A job whose process ended so often while it was worked on is what ends it."""


@dataclass(slots=True)
class Runs:
    """The runs of a process. Threads of DBOS call `run`; `active` is what they are at."""

    engine: sa.Engine
    handlers: Mapping[str, Handler]
    worker: str
    retry: Retry
    clock: Callable[[], int]
    freed: Callable[[], None]
    """Called when a run has ended."""
    durable: Durable | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    """No step is begun any more."""
    closed: threading.Event = field(default_factory=threading.Event)
    """Nothing is written any more: another process may be at it."""
    claimed: dict[str, Claim] = field(default_factory=dict)
    """What was claimed here and is about to run; other runs take up what a process left."""
    active: dict[str, Claim] = field(default_factory=dict)

    def run(self, job_id: str) -> None:
        """Work on a job. Returns where its workflow is over; raises Ended where it is to be taken
        up later."""
        if self.stopping.is_set():
            raise Ended("stopping")
        try:
            claim = self.claimed.pop(job_id, None) or self._taken_up(job_id)
            if claim is not None:
                self._watched(claim)
        except Exception as error:
            # The database did not take down how it ended: the house-keeper takes it up again.
            if not self.closed.is_set():
                away = isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError)
                told = None if away else error
                LOG.warning("job %s was interrupted: %s", job_id, first_line(error), exc_info=told)
            raise Ended("interrupted") from error

    def _watched(self, claim: Claim) -> None:
        self.active[claim.id] = claim
        try:
            self._handle(claim)
        finally:
            # A run that was replaced within this process leaves its successor's entry.
            if self.active.get(claim.id) is claim:
                del self.active[claim.id]
            self.freed()

    def _taken_up(self, job_id: str) -> Claim | None:
        with self.engine.begin() as connection:
            claim = claims.begin_again(connection, job_id, self.worker, self.clock())
            if claim is not None and claim.recovered > MOST_RECOVERIES:
                told = f"the process that worked on it ended {MOST_RECOVERIES} times"
                error = JobError("internal", told, "see its log: it may be out of memory")
                claims.end(connection, claim, "failed", self.clock(), error=error)
                return None
        return claim

    def _handle(self, claim: Claim) -> None:
        assert self.durable is not None
        context = Durably(claim, self.durable, self.engine, self.clock, self.stopping)
        try:
            handler = self.handlers.get(claim.kind)
            if handler is None:
                self._fail(context, LookupError(f"no handler for {claim.kind}"))
                return
            result = text_of(handler(context, claim.arguments), "the result")
            context.flush()
            self._write(claims.end, claim, "done", result=result)
        except Ended as ended:
            self._ended(context, ended)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its job's failure
            self._fail(context, error)

    def _ended(self, context: Durably, ended: Ended) -> None:
        claim = context.claim
        if ended.why == "cancelled":
            context.flush()
            self._write(claims.end, claim, "cancelled", again_from=context.go_on_from)
        elif ended.why == "reordered":
            LOG.warning(
                "job %s (%s) was begun by a version that took other steps: it goes on from step %d",
                claim.id, claim.kind, context.number,
            )  # fmt: skip
            self._write(claims.put_off, claim, self.clock(), again_from=context.number)
        else:
            raise ended

    def _fail(self, context: Durably, error: Exception) -> None:
        if self.closed.is_set():
            # It failed for want of what was closed under it.
            raise Ended("stopping")
        claim, failure = context.claim, failure_of(error)
        if failure.kind == "internal":
            LOG.error("job %s (%s) failed", claim.id, claim.kind, exc_info=error)
        else:
            LOG.warning("job %s (%s) failed: %s", claim.id, claim.kind, failure.message)
        context.flush()
        again_from = context.go_on_from
        pause_us = again_after_us(failure, claim.attempt + 1, self.retry)
        if pause_us is None:
            self._write(claims.end, claim, "failed", error=failure.error, again_from=again_from)
        else:
            self._write(
                claims.put_off, claim, self.clock() + pause_us, error=failure.error,
                again_from=again_from,
            )  # fmt: skip

    def _write(self, write: Callable[..., bool], *values: object, **named: object) -> None:
        if self.closed.is_set():
            raise Ended("stopping")
        with self.engine.begin() as connection:
            mine = write(connection, *values, now_us=self.clock(), **named)
        if not mine:
            raise Ended("replaced")
