"""What every request asks for: write keys, forms and sources, remembered for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from leadwise.ingest import sources
from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.store.keys import verify_key
from leadwise.store.opening import Store
from leadwise.web.recorder import WriteKey

REMEMBERED_S = 5.0
"""For how long a key that is revoked may still be taken."""
MOST_REMEMBERED = 2_000
"""Whoever tries keys at random fills no more than this."""


class Lookups:
    """Look-ups in the store that answer from memory mostly."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store, self._clock = store, clock
        self._remembered: dict[tuple[str, str], tuple[float, Any]] = {}

    async def write_key(self, key: str) -> WriteKey | None:
        """The key for tracking with this secret."""

        def look(connection: Connection) -> WriteKey | None:
            found = verify_key(connection, key, self._clock(), kind="write")
            return WriteKey(found.name, found.origins) if found else None

        found: WriteKey | None = await self._find("key", key, look)
        return found

    async def form(self, name: str) -> Form | None:
        """The form that posts to `/f/<name>`."""
        found: Form | None = await self._find(
            "form", name, lambda connection: sources.load_form(connection, name)
        )
        return found

    async def incoming(self, name: str) -> Incoming | None:
        """The source that posts to `/in/<name>`."""
        found: Incoming | None = await self._find(
            "incoming", name, lambda connection: sources.load_incoming(connection, name)
        )
        return found

    async def _find(self, kind: str, name: str, look: Callable[[Connection], Any]) -> Any:
        now = time.monotonic()
        had = self._remembered.get((kind, name))
        if had is not None and had[0] > now:
            return had[1]
        found = await run_in_threadpool(self._look, look)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, name] = (now + REMEMBERED_S, found)
        return found

    def _look(self, look: Callable[[Connection], Any]) -> Any:
        with self._store.read() as connection:
            return look(connection)
