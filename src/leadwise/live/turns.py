"""A thread that takes turns until it is stopped: one after the other while there is something to
do, and else it waits to be told, or a little while."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass

from leadwise.errors import LeadwiseError

log = logging.getLogger(__name__)

IDLE_S = 0.25
"""How long to wait before looking again where nobody has said that something happened."""
AFTER_FAILURE_S = 1.0


@dataclass(slots=True)
class Pulse:
    """How a thread fares, for health and metrics."""

    lag_us: int = 0
    failures: int = 0
    last_us: int = 0
    last_error: str = ""


class Turns(ABC):
    """The thread; a subclass says what a `turn` is. `recorded` says that there may be work."""

    pulse: Pulse

    def __init__(self, doing: str) -> None:
        """`doing` names the thread, and is said in the log where it fails: `scoring`."""
        self._doing = doing
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"leadwise-{doing}", daemon=True)

    @abstractmethod
    def turn(self) -> bool:
        """One round; whether there was anything to do."""

    def start(self) -> None:
        self._thread.start()

    def recorded(self) -> None:
        """Something happened: look at once."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, timeout_s: float | None = None) -> None:
        """End after the transaction under way."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                busy = self.turn()
            except LeadwiseError as error:
                self._failed(str(error))
            except Exception as error:
                # A defect must not end the work for everybody: it is told and tried again.
                log.exception("%s failed", self._doing)
                self._failed(f"{type(error).__name__}: {error}")
            else:
                if not busy:
                    self._wake.wait(IDLE_S)

    def _failed(self, message: str) -> None:
        self.pulse.failures += 1
        self.pulse.last_error = message
        log.warning("%s failed, to be tried again: %s", self._doing, message)
        self._stopping.wait(AFTER_FAILURE_S)
