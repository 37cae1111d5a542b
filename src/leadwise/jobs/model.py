"""What a job is, and what a handler is given. Times are microseconds since 1970 UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, TypeVar

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
State: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]
Result = TypeVar("Result")

FINISHED: tuple[State, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, in words for its owner; `code` is that of a UserError, else `remote`,
    `storage` or `internal`."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work as the record has it. A waiting job with an `error` is to be tried again.

    `done` of `total` (in the handler's own unit) and `message` are the progress last told.
    """

    id: str
    kind: str
    arguments: dict[str, JSON]
    state: State
    due_us: int
    done: int | None
    total: int | None
    message: str
    result: JSON
    error: JobError | None
    attempt: int
    """How often in a row it failed in a way that may pass."""
    worker: str | None
    """Who works on it, or did last."""
    created_us: int
    updated_us: int

    @property
    def cursor(self) -> str:
        """Where a listing goes on after this job."""
        return f"{self.created_us}:{self.id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A job to be; `id` is its idempotency key, `due_us` None is now."""

    id: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    due_us: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job of `kind` at each time of `cron` (five fields; six with the seconds first).

    What was missed while nobody worked is made up for once, however often it was missed.
    """

    name: str
    cron: str
    kind: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Retry:
    """When a passing failure (RemoteError that is not permanent, a store that does not answer) is
    tried again: after `first_s`, then `factor` times that, never more than `longest_s`; the failure
    number `most` is the last."""

    most: int = 6
    first_s: float = 5.0
    factor: float = 4.0
    longest_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker goes about it. Seconds, unless it says otherwise."""

    slots: int = 8
    """Jobs at once in this process, each on a thread."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """The most of a kind at once, where that is less than `slots`: long jobs leave room for short
    ones."""
    poll_s: float = 0.25
    """How long a job that another process put in may go unseen."""
    dead_after_s: float = 15.0
    """A worker that was silent for so long is dead; others take over."""
    keep_days: float = 30.0
    """Finished jobs are forgotten after this; the same id would then run again."""
    retry: Retry = Retry()


class Context(Protocol):
    """What a handler is given besides its arguments."""

    @property
    def job_id(self) -> str: ...

    def now_us(self) -> int:
        """The clock."""

    def step(self, name: str, fn: Callable[[], Result]) -> Result:
        """The result of `fn`, worked out once: after a restart, the recorded one.

        The result must be JSON; tuples come back as lists. A step that was interrupted is done
        again, so it must bear that. Steps are taken on the handler's own thread, in the same order
        with the same names each time; what lies between them is cheap and decides by arguments and
        results of steps only. Ends the handler when the job is cancelled or the worker stops.
        """

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far it is; may be called as often as one likes."""

    def cancelled(self) -> bool:
        """Whether somebody wants it to end: long steps look now and then, and return."""


Handler: TypeAlias = Callable[[Context, dict[str, JSON]], JSON]
