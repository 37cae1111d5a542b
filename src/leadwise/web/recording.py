"""The recorder of a running service: what requests bring is recorded together, a commit for many.

Requests that arrive while a transaction runs are recorded by the next one, in one pass. Where a
pass fails for what is in it, each request is tried by itself and the one at fault is kept among the
refused, so that no event can hold up others, and none is lost.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
)

from leadwise.errors import LeadwiseError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Received, Refusal
from leadwise.ingest.record import Recalled, Recorded, keep_refusals, record
from leadwise.store.opening import Store
from leadwise.web.metrics import Metrics
from leadwise.web.overload import Overloaded

log = logging.getLogger(__name__)

MOST_MESSAGES = 1_000
"""In one transaction: more would make those who wait wait longer than they gain."""
AT_FAULT = (
    ValueError, TypeError, LookupError, DataError, IntegrityError, MultipleResultsFound,
    NoResultFound, LeadwiseError,
)  # fmt: skip
"""What a request itself, or what is known of its people, may fail with; not the database."""


@dataclass(slots=True)
class _Waiting:
    received: Received
    future: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop


class StoreRecorder:
    """Records what routes receive. `recorded` is called after each commit."""

    def __init__(
        self, store: Store, rules: GateRules, clock: Callable[[], int], metrics: Metrics,
        *, most_waiting: int, recorded: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._rules, self._clock = store, rules, clock
        self._metrics, self._most_waiting, self._recorded = metrics, most_waiting, recorded
        self._recalled = Recalled()
        self._waiting: deque[_Waiting] = deque()
        self._taken: list[_Waiting] = []
        self._running = False
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many requests wait to be recorded."""
        return len(self._waiting)

    async def record(self, received: Received) -> None:
        """Return when all of it is durable. Overloaded when too much waits already."""
        if not received.messages and not received.refusals:
            return
        if len(self._waiting) >= self._most_waiting:
            raise Overloaded(1)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(received, loop.create_future(), loop)
        self._waiting.append(waiting)
        self._begin()
        await waiting.future

    def _begin(self) -> None:
        with self._lock:
            if self._running or not self._waiting:
                return
            self._running = True
        try:
            self._store.submit(self._pass).add_done_callback(self._done)
        except LeadwiseError as error:  # the store is being closed
            self._taken = list(self._waiting)
            self._waiting.clear()
            self._running = False
            self._answer(error)

    def _pass(self, connection: Connection) -> Recorded:
        """One transaction, in the writer's thread. Tried again, it works on the same requests."""
        began = time.perf_counter()
        if self._taken:
            # The transaction before was rolled back: ids that it recalled may be of its own making.
            self._recalled.ids.clear()
        count = sum(len(each.received.messages) for each in self._taken)
        while self._waiting and count < MOST_MESSAGES:
            self._taken.append(self._waiting.popleft())
            count += len(self._taken[-1].received.messages)
        together = [each.received for each in self._taken]
        try:
            connection.exec_driver_sql("SAVEPOINT together")
            recorded = self._record(connection, together)
            connection.exec_driver_sql("RELEASE SAVEPOINT together")
        except AT_FAULT:
            log.exception("a pass of %d requests failed: trying each by itself", len(together))
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT together")
            self._recalled.ids.clear()
            recorded = Recorded()
            for received in together:
                recorded = _sum(recorded, self._record_alone(connection, received))
        self._metrics.commit_events.observe(count)
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        return recorded

    def _record(self, connection: Connection, together: list[Received]) -> Recorded:
        now_us = self._clock()
        refused = 0
        for received in together:
            if received.refusals:
                keep_refusals(connection, received, now_us)
                refused += len(received.refusals)
        messages = tuple(m for received in together for m in received.messages)
        done = record(connection, Received(messages), self._rules, now_us, recalled=self._recalled)
        return Recorded(done.events, done.duplicates, refused)

    def _record_alone(self, connection: Connection, received: Received) -> Recorded:
        connection.exec_driver_sql("SAVEPOINT alone")
        try:
            recorded = self._record(connection, [received])
        except AT_FAULT as error:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT alone")
            self._recalled.ids.clear()
            reason = f"It could not be recorded ({type(error).__name__}): a defect of Leadwise."
            refused = tuple(
                Refusal(place, "not-recorded", reason, msgspec.json.encode(message).decode())
                for place, message in enumerate(received.messages)
            )
            source = next((m.source for m in received.messages), received.source)
            keep_refusals(connection, received, self._clock())
            keep_refusals(connection, Received((), refused, source, "message"), self._clock())
            recorded = Recorded(0, 0, len(refused) + len(received.refusals))
        connection.exec_driver_sql("RELEASE SAVEPOINT alone")
        return recorded

    def _done(self, future: Future[Recorded]) -> None:
        error = future.exception()
        if error is None:
            recorded = future.result()
            events = self._metrics.events
            events.labels("recorded").inc(recorded.events)
            events.labels("duplicate").inc(recorded.duplicates)
            events.labels("refused").inc(recorded.refused)
        else:
            # Ids that the transaction made are gone with it.
            self._recalled.ids.clear()
            known = isinstance(error, DBAPIError | LeadwiseError)
            log.error("nothing was recorded: %s", error, exc_info=None if known else error)
        self._answer(error)
        with self._lock:
            self._running = False
        if error is None:
            self._recorded()
        self._begin()

    def _answer(self, error: BaseException | None) -> None:
        """Tell those whose requests were in the pass, in the threads where they wait."""
        taken, self._taken = self._taken, []
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for each in taken:
            by_loop.setdefault(each.loop, []).append(each.future)
        for loop, futures in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, futures, error)


def _resolve(futures: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            # Whatever it was, nothing was written: the sender keeps it and tries again.
            future.set_exception(Overloaded(2))


def _sum(one: Recorded, other: Recorded) -> Recorded:
    return Recorded(
        one.events + other.events,
        one.duplicates + other.duplicates,
        one.refused + other.refused,
    )
