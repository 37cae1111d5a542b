"""Models in use say what they say of leads as soon as something new is known of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from leadwise.errors import UserError
from leadwise.learn.saying import Using, tell_some, using
from leadwise.store.models import models_in_use
from leadwise.store.opening import Store
from leadwise.web.service import Clock, Part

AT_ONCE = 50
MOST_WAITING = 20_000
"""Beyond it, leads wait for the job that asks models about everybody."""
IDLE_S = 1.0
log = logging.getLogger("leadwise.web")


class LiveModels:
    """A thread beside the scorer: `moved` hands it leads, from any thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._waiting: dict[int, None] = {}
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._models: tuple[Using, ...] = ()
        self._thread = threading.Thread(target=self._run, name="leadwise-models", daemon=True)

    def part(self) -> Part:
        """To be started and stopped with the service."""

        def stop(seconds: float) -> None:
            self._stopping.set()
            if self._thread.is_alive():
                self._thread.join(seconds)

        return Part("models", self._thread.start, stop)

    def moved(self, lead_ids: Iterable[int]) -> None:
        """Something new is known of these."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.update(dict.fromkeys(lead_ids))

    def work(self) -> int:
        """Ask the models about those who wait; how many facts were told."""
        with self._lock:
            leads, self._waiting = list(self._waiting), {}
        if not leads:
            return 0
        with self._store.read() as connection:
            ids = models_in_use(connection)
        if {one.model.id for one in self._models} != set(ids):
            try:
                self._models = using(self._store)
            except UserError as error:  # its library is not installed here
                log.warning("models cannot be asked: %s", error)
                return 0
        if not self._models:
            return 0
        return sum(
            self._some(leads[start : start + AT_ONCE]) for start in range(0, len(leads), AT_ONCE)
        )

    def _some(self, leads: list[int]) -> int:
        try:
            return tell_some(self._store, self._models, leads, self._clock())
        except UserError as error:
            log.info("models wait for everybody's turn: %s", error)
            return 0

    def _run(self) -> None:
        while not self._stopping.wait(IDLE_S):
            try:
                self.work()
            except Exception:  # a defect of a model must not end all models
                log.exception("models could not be asked")
