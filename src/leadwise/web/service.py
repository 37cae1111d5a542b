"""A running service: settings and the parts that work, started and stopped in order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.web.metrics import Metrics

STOP_SECONDS = 30.0
"""How long a graceful stop may take, all parts together."""


class Clock(Protocol):
    """Microseconds since 1970 UTC."""

    def __call__(self) -> int: ...


def system_clock() -> int:
    """The machine's clock."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Part:
    """Something that runs beside the requests: the recorder, the scorer, jobs.

    `stop(seconds)` finishes what was begun, within that time. `trouble` is asked by `/readyz` and
    says in words why the part cannot do its work, None where it can.
    """

    name: str
    start: Callable[[], None] = lambda: None
    stop: Callable[[float], None] = lambda _: None
    trouble: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that an application needs. `parts` are started in order, stopped in reverse."""

    settings: Settings
    store: Store
    metrics: Metrics = field(default_factory=Metrics)
    parts: tuple[Part, ...] = ()
    checks: tuple[Part, ...] = ()
    """What `/readyz` asks besides the parts."""
    clock: Clock = system_clock
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the stop begins: streams end, `/readyz` says no."""

    def start(self) -> None:
        """Start all parts, or none: where one fails, those before it are stopped again."""
        for count, part in enumerate(self.parts):
            try:
                part.start()
            except BaseException:
                self.stopping.set()
                _stop(self.parts[:count], STOP_SECONDS)
                raise

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop all parts, the last started first, then close the store. Never raises for a part."""
        self.stopping.set()
        deadline = time.monotonic() + seconds
        _stop(self.parts, seconds)
        self.store.close(max(1.0, deadline - time.monotonic()))

    @contextmanager
    def running(self) -> Iterator[Service]:
        """The service between its start and its stop."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def troubles(self) -> list[str]:
        """Why the service is not ready, in words; empty when it is. May take seconds."""
        if self.stopping.is_set():
            return ["The service is stopping."]
        found = []
        for part in self.parts + self.checks:
            try:
                said = part.trouble()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
                said = f"{part.name}: {type(error).__name__}"
                logging.getLogger("leadwise.web").warning("%s cannot say how it is: %s",
                                                          part.name, error)  # fmt: skip
            found += [said] if said else []
        return found


def _stop(parts: Sequence[Part], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    log = logging.getLogger("leadwise.web")
    for part in reversed(parts):
        began = time.monotonic()
        try:
            part.stop(max(0.5, deadline - began))
        except Exception:
            log.exception("%s did not stop as it should", part.name)
        log.debug("%s has stopped after %.2f s", part.name, time.monotonic() - began)
