"""When scores become readable: a thread that looks for the scores of leads whose event was taken.

It reads the store as any other reader does, on a connection of its own, every few milliseconds. A
score counts once its `as_of_us` is another than before the event: nothing else touches the leads.
So every lead may be waited for once at a time; one that is waited for already is not asked again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence

from sqlalchemy import text

from leadwise.store.bulk import listed_whole
from leadwise.store.cards import live_version
from leadwise.store.opening import Store

EVERY_S = 0.003
"""How exactly the time is known."""
LAST_S = 10.0
"""How long to look on after the last answer."""


class Probe:
    """`expect` leads from the moment of an answer; `finish` waits for the rest."""

    def __init__(self, url: str) -> None:
        self.missing = 0
        self._store = Store(url)
        self._before: dict[int, int] = {}
        self._since: dict[int, float] = {}
        self._found: list[float] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe")

    def start(self) -> None:
        """Note how all scores stand, then look."""
        with self._store.read() as connection:
            version = live_version(connection)
            assert version is not None
            self._version = version.id
            rows = connection.execute(_ALL, {"version": self._version})
            self._before = {row.lead_id: row.as_of_us for row in rows}
        self._thread.start()

    def expect(self, leads: Sequence[int], now: float) -> None:
        """The events of these leads (numbers from 0) were answered just now."""
        for lead in leads:
            self._since.setdefault(lead + 1, now)

    def finish(self) -> list[float]:
        """Seconds from each answer to the score; `missing` are those that never came."""
        self._ending.set()
        self._thread.join()
        self.missing = len(self._since)
        self._store.close()
        return self._found

    def _run(self) -> None:
        until = None
        while until is None or (self._since and time.perf_counter() < until):
            if self._ending.is_set() and until is None:
                until = time.perf_counter() + LAST_S
            if self._since:
                self._look()
            time.sleep(EVERY_S)

    def _look(self) -> None:
        asked = list(self._since)
        with self._store.read() as connection:
            sql = text(
                "SELECT lead_id, as_of_us FROM score WHERE card_version_id = :version "
                f"AND lead_id IN {listed_whole(connection)}"
            )
            given = {"version": self._version, "list": json.dumps(asked)}
            rows = connection.execute(sql, given).all()
        now = time.perf_counter()
        for lead_id, as_of_us in rows:
            if as_of_us != self._before.get(lead_id):
                self._before[lead_id] = as_of_us
                self._found.append(now - self._since.pop(lead_id))


_ALL = text("SELECT lead_id, as_of_us FROM score WHERE card_version_id = :version")
