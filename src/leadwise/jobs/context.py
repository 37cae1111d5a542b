"""What a worker gives its handlers: a Context whose steps are recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar, cast

import sqlalchemy as sa

from leadwise.errors import InternalError
from leadwise.jobs import claims
from leadwise.jobs.claims import Claim
from leadwise.jobs.durable import Durable, OrderChanged, RecordedError, Replaced
from leadwise.jobs.failures import Failure, failure_of, raised_again
from leadwise.jobs.model import JSON
from leadwise.jobs.plain import normal

Result = TypeVar("Result")
Why: TypeAlias = Literal["cancelled", "stopping", "replaced", "reordered", "interrupted"]
TOLD_EVERY_S = 0.5
"""Progress told more often is written no more often than this; cancelling is seen within it."""


class Ended(BaseException):
    """The run ends without its handler having ended. Not an Exception, so that a handler that
    catches those does not go on."""

    def __init__(self, why: Why):
        super().__init__(why)
        self.why = why


class StepError(Exception):
    """How a step's error is recorded: DBOS keeps `data`."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.data = asdict(failure)


@dataclass(slots=True)
class Durably:
    """A Context whose steps are recorded."""

    claim: Claim
    durable: Durable
    engine: sa.Engine
    clock: Callable[[], int]
    stopping: threading.Event
    number: int = 0
    """Of the step taken last, from 1."""
    thread: int = field(default_factory=threading.get_ident)
    in_step: bool = False
    raised: int = 0
    """The number of the last step that raised."""
    told: dict[str, object] = field(default_factory=dict)
    asked_s: float = 0.0
    wanted_gone: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def job_id(self) -> str:
        return self.claim.id

    def now_us(self) -> int:
        return self.clock()

    def step(self, name: str, fn: Callable[[], Result]) -> Result:
        if self.in_step or threading.get_ident() != self.thread:
            raise InternalError(f"step {name} is taken within a step, or on another thread")
        if self.stopping.is_set():
            raise Ended("stopping")
        if self.cancelled():
            raise Ended("cancelled")
        self.number += 1
        cause: list[Exception] = []

        def recorded() -> JSON:
            try:
                return normal(fn(), name)
            except Exception as error:
                cause.append(error)
                raise StepError(failure_of(error)) from error

        self.in_step = True
        try:
            return cast(Result, self.durable.step(name, recorded))
        except StepError:
            self.raised = self.number
            raise cause[0] from None
        except RecordedError as error:
            self.raised = self.number
            raise raised_again(cast(dict[str, Any], error.data)) from None
        except OrderChanged as error:
            raise Ended("reordered") from error
        except Replaced as error:
            raise Ended("replaced") from error
        finally:
            self.in_step = False

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        with self.lock:
            self.told = {"done": done, "total": total, "message": message}
            if time.monotonic() - self.asked_s >= TOLD_EVERY_S:
                self._tell()

    def cancelled(self) -> bool:
        with self.lock:
            if not self.wanted_gone and time.monotonic() - self.asked_s >= TOLD_EVERY_S:
                self._tell()
        return self.wanted_gone

    @property
    def go_on_from(self) -> int:
        """The step from which another attempt goes on: the last where that raised, else the next,
        for then all that were taken did what they should."""
        return self.number if self.raised == self.number > 0 else self.number + 1

    def flush(self) -> None:
        """Write the progress that was told last."""
        with self.lock:
            if self.told:
                self._tell()

    def _tell(self) -> None:
        self.asked_s = time.monotonic()
        try:
            with self.engine.begin() as connection:
                answer = claims.tell(connection, self.claim, self.told, self.clock())
        except (sa.exc.OperationalError, sa.exc.TimeoutError):
            # A database that does not answer ends steps, not what is only told between them.
            return
        self.told = {}
        if answer is None:
            raise Ended("replaced")
        self.wanted_gone = answer
