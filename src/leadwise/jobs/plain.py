"""Handlers called here and now: nothing is recorded. For tests, and for work that somebody at a
terminal waits for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from leadwise.errors import InternalError
from leadwise.jobs.model import JSON, Handler

Result = TypeVar("Result")
Tell = Callable[[int, int | None, str], None]


@dataclass(slots=True)
class Plainly:
    """A Context that records nothing; `tell` hears of progress."""

    job_id: str
    tell: Tell | None = None

    def now_us(self) -> int:
        """The clock."""
        return time.time_ns() // 1000

    def step(self, name: str, fn: Callable[[], Result]) -> Result:
        """What `fn` gives, as the record would give it back."""
        return cast(Result, normal(fn(), name))

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Pass it on."""
        if self.tell is not None:
            self.tell(done, total, message)

    def cancelled(self) -> bool:
        """Nobody can."""
        return False


def run_here(
    handler: Handler, arguments: Mapping[str, JSON], *, job_id: str = "here",
    tell: Tell | None = None,
) -> JSON:  # fmt: skip
    """The result of a handler, called on this thread; its errors are the caller's."""
    return normal(handler(Plainly(job_id, tell), dict(arguments)), "the result")


def normal(value: object, what: str) -> JSON:
    """`value` as it comes back from JSON, so that a first run has what a second one would have."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InternalError(f"{what} is not JSON: {error}") from error
    # Halves of surrogate pairs cannot be stored.
    return cast(JSON, json.loads(text.encode("utf-8", "replace")))
