"""Failures of handlers: what their owner is told, whether trying again may help, and the same
failure again from the record when a handler is gone through once more."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa

from leadwise.errors import InternalError, RemoteError, UserError
from leadwise.jobs.book import text_of
from leadwise.jobs.model import JobError, Retry

Kind = Literal["user", "passing", "remote", "internal"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as it is recorded: all that is needed to raise its like."""

    kind: Kind
    code: str
    message: str
    hint: str = ""

    @property
    def error(self) -> JobError:
        """As the job's owner sees it."""
        return JobError(self.code, self.message, self.hint)


def failure_of(error: Exception) -> Failure:
    """What `error` says, without traces of the program."""
    if isinstance(error, EarlierError):
        return error.failure
    if isinstance(error, UserError):
        place = str(error.where)
        message = f"{place}: {error.message}" if place else error.message
        return Failure("user", error.code, message, error.hint)
    if isinstance(error, RemoteError):
        return Failure("remote" if error.permanent else "passing", "remote", str(error))
    if isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError):
        told = f"the database cannot be used now: {first_line(error)}"
        return Failure("passing", "storage", told)
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return Failure("user", "storage", f"{named}{error.strerror or error}")
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Failure(
        "internal", "internal", f"a defect of Leadwise ended the job ({said})",
        hint="the log has the details; please report it",
    )  # fmt: skip


class EarlierError(InternalError):
    """What a step raised in an earlier run, when that was none of the errors raised on purpose."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


def raised_again(data: dict[str, Any]) -> Exception:
    """An error like the one of which `asdict` of its failure was recorded."""
    failure = Failure(**data)
    if failure.kind == "user":
        return UserError(failure.code, failure.message, hint=failure.hint)
    if failure.code == "remote":
        return RemoteError(failure.message, permanent=failure.kind == "remote")
    return EarlierError(failure)


def again_after_us(failure: Failure, attempt: int, retry: Retry) -> int | None:
    """How long to wait before the next attempt, after failure number `attempt` (from 1) in a row;
    None where there is none."""
    if failure.kind != "passing" or attempt >= retry.most:
        return None
    seconds = min(retry.longest_s, retry.first_s * retry.factor ** (attempt - 1))
    return int(seconds * 1_000_000)


def first_line(error: Exception) -> str:
    """What a database's error says, without the statement."""
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]


def written(error: JobError) -> str:
    """As the table keeps it."""
    return text_of(asdict(error), "an error")
