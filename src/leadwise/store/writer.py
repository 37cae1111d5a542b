"""The one thread that writes: what waits is written together and committed once (group commit).

A caller hands over a function of a connection and gets a future, which is done only after the
commit. Functions of one group do not see each other's failures: each runs in a savepoint of its
own. On SQLite there is one writer for everything, because SQLite has one at a time anyway; on
PostgreSQL each lane has its own.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from leadwise.errors import LeadwiseError, RemoteError
from leadwise.store.failures import passing, said

Result = TypeVar("Result")
Work = Callable[[Connection], Any]

MOST_TOGETHER = 64
"""Functions in one commit: enough that the commit's own cost is shared, few enough to wait for."""
ATTEMPTS = 4
"""Of a group that met a deadlock or a lock held by another process."""


@dataclass(slots=True)
class _Item:
    work: Work
    alone: bool
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """A thread with one connection of `engine`. `submit` from any thread; `close` waits for all."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[Connection], Result], *, alone: bool = False
    ) -> Future[Result]:
        """The future of `work(connection)`; `alone`: in a transaction of its own."""
        if self._closed:
            raise RemoteError("The store is being closed.", permanent=False)
        item = _Item(work, alone)
        self._queue.put(item)
        return item.future

    @property
    def waiting(self) -> int:
        """How many functions wait, about."""
        return self._queue.qsize()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, timeout_s: float | None = None) -> None:
        """Write what waits, then end. What is submitted meanwhile is refused."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        last: _Item | None = None
        while True:
            item = last or self._queue.get()
            last = None
            if item is None:
                return
            group = [item]
            while not item.alone and len(group) < MOST_TOGETHER:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._commit(group)
                    return
                if following.alone:
                    last = following
                    break
                group.append(following)
            self._commit(group)

    def _commit(self, group: list[_Item]) -> None:
        group = [item for item in group if item.future.set_running_or_notify_cancel()]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                results = self._attempt(group)
            except DBAPIError as error:
                if passing(error) and attempt < ATTEMPTS:
                    time.sleep(0.02 * 4**attempt)
                    continue
                failure = said(error)
                for item in group:
                    item.future.set_exception(failure)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, the thread lives on
                for item in group:
                    item.future.set_exception(error)
            else:
                for item, (result, failed) in zip(group, results, strict=True):
                    if failed is None:
                        item.future.set_result(result)
                    else:
                        item.future.set_exception(failed)
            return

    def _attempt(self, group: list[_Item]) -> list[tuple[Any, Exception | None]]:
        results: list[tuple[Any, Exception | None]] = []
        with self._engine.begin() as connection:
            if len(group) == 1:
                return [(group[0].work(connection), None)]
            for item in group:
                connection.exec_driver_sql("SAVEPOINT item")
                try:
                    results.append((item.work(connection), None))
                except (DBAPIError, LeadwiseError, LookupError, TypeError, ValueError) as error:
                    if isinstance(error, DBAPIError) and (passing(error) or _lost(error)):
                        raise
                    connection.exec_driver_sql("ROLLBACK TO SAVEPOINT item")
                    results.append((None, said(error) if isinstance(error, DBAPIError) else error))
                connection.exec_driver_sql("RELEASE SAVEPOINT item")
        return results


def _lost(error: DBAPIError) -> bool:
    """Whether the whole transaction is gone with this error, and not the one function's work."""
    return error.connection_invalidated or "full" in str(error.orig).lower()
