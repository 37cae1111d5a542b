"""What waits to be scored, seen from outside the scorer: how much, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, select

from leadwise.store.opening import Store
from leadwise.store.schema import touched
from leadwise.web.service import Clock, Part

COUNTED = 100_000
"""More than this is not counted: whoever is so far behind needs no exact number."""


@dataclass(slots=True)
class Backlog:
    """The touched rows of a store. A row tells no time of its arrival, so its age is what passed
    since it was first seen here: the measure of a monotonic clock, whatever the wall's clock does.
    """

    store: Store
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _oldest: tuple[int, float] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def size(self) -> int:
        """How many touched rows wait, at most COUNTED + 1."""
        some = select(touched.c.id).limit(COUNTED + 1).subquery()
        with self.store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def lag_seconds(self) -> float:
        """For how long the row that waits longest is known to have been waiting; 0 without one."""
        query = select(touched.c.id).where(touched.c.not_before_us <= self.clock())
        with self.store.read() as connection:
            first = connection.execute(query.order_by(touched.c.id).limit(1)).scalar()
        now = self.monotonic()
        with self._lock:
            if first is None:
                self._oldest = None
                return 0.0
            if self._oldest is None or self._oldest[0] != first:
                self._oldest = (first, now)
            return now - self._oldest[1]

    def check(self, most_seconds: int) -> Part:
        """A check for `/readyz` that nothing waits longer than this."""

        def trouble() -> str | None:
            lag = self.lag_seconds()
            if lag <= most_seconds:
                return None
            return f"Scoring is {lag:.0f} s behind (the bound is {most_seconds} s)."

        return Part("scoring lag", trouble=trouble)
