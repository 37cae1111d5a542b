"""What the routes that take events need: the recorder, and keys, forms and sources from memory.

A key that is revoked, or a form that is changed, is noticed within FRESH_SECONDS, in every process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from leadwise.errors import InternalError, LeadwiseError
from leadwise.ingest import sources
from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.messages import Received
from leadwise.store.keys import PREFIXES, verify_key
from leadwise.store.opening import Store
from leadwise.web.keys import LastUsed
from leadwise.web.metrics import Metrics
from leadwise.web.overload import Overloaded
from leadwise.web.recorder import WriteKey
from leadwise.web.recording import StoreRecorder
from leadwise.web.service import Clock

Found = TypeVar("Found")
FRESH_SECONDS = 5.0
MOST_KNOWN = 10_000
"""Names that are remembered, those that do not exist too; then all are forgotten."""


class Intake:
    """A `web.recorder.Recorder` over the record."""

    def __init__(
        self,
        recorder: StoreRecorder,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recorder, self._store, self._metrics = recorder, store, metrics
        self._clock, self._monotonic = clock, monotonic
        self._known: dict[tuple[str, str], tuple[Any, float]] = {}
        self._used = LastUsed()

    async def record(self, received: Received) -> None:
        """Return when all of it is durable. Overloaded when too much waits already."""
        self._metrics.batch_events.observe(len(received.messages))
        await self._recorder.record(received)

    async def write_key(self, key: str) -> WriteKey | None:
        """What is known of a key, None where there is no such key (any more)."""
        if not key.startswith(PREFIXES["write"]):
            return None
        return await self._find("key", key, self._read_key)

    async def form(self, name: str) -> Form | None:
        """The form that posts to `/f/<name>`."""
        return await self._find("form", name, sources.load_form)

    async def incoming(self, name: str) -> Incoming | None:
        """The source that posts to `/in/<name>`."""
        return await self._find("incoming", name, sources.load_incoming)

    async def _find(
        self, kind: str, name: str, read: Callable[[Connection, str], Found | None]
    ) -> Found | None:
        now = self._monotonic()
        value, until = self._known.get((kind, name), (None, 0.0))
        if now < until:
            known: Found | None = value
            return known
        found: Found | None = await run_in_threadpool(lambda: self._read(name, read))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[kind, name] = (found, now + FRESH_SECONDS)
        return found

    def _read(self, name: str, read: Callable[[Connection, str], Found | None]) -> Found | None:
        try:
            with self._store.read() as connection:
                return read(connection, name)
        except InternalError:
            raise
        except LeadwiseError as error:
            # Not known whether there is such a key: to be sent again rather than dropped.
            raise Overloaded(2) from error

    def _read_key(self, connection: Connection, secret: str) -> WriteKey | None:
        now_us = self._clock()
        found = verify_key(connection, secret, now_us, "write")
        if found is None:
            return None
        self._used.note(self._store, found, now_us)
        return WriteKey(found.name, found.origins)
