"""The errors that Leadwise raises.

LeadwiseError
├── UserError        wrong use or wrong input: what, where, and what to do about it
│   ├── CardError    a card with problems, all of them
│   └── InputError   a file or frame with problems, the first few of them
├── RemoteError      another system did not do as asked; `permanent` says whether a retry helps
└── InternalError    a defect of Leadwise itself
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file (or `-`), and from 1 its line and column where known."""

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        # A column without a line (of a Parquet file or frame) would be read as one.
        numbers = (self.line, self.column) if self.line is not None else ()
        return ":".join(str(part) for part in (self.file, *numbers) if part is not None)


class LeadwiseError(Exception):
    """The root of all errors raised on purpose."""


class UserError(LeadwiseError):
    """Wrong use or wrong input. `code` is stable and documented in docs/errors.md."""

    def __init__(self, code: str, message: str, *, where: Place | None = None, hint: str = ""):
        super().__init__(message)
        self.code, self.message, self.where, self.hint = code, message, where or Place(), hint


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or doubtful) in a card."""

    code: str
    message: str
    hint: str = ""
    where: Place = Place()
    severity: Literal["error", "warning"] = "error"


class CardError(UserError):
    """A card that cannot be used; `problems` lists everything found, warnings included."""

    def __init__(self, problems: tuple[Problem, ...]):
        first = next(p for p in problems if p.severity == "error")
        super().__init__(first.code, first.message, where=first.where, hint=first.hint)
        self.problems = problems


class InputError(UserError):
    """A file or frame that cannot be used: its first few `problems`, and how many `more`."""

    def __init__(self, problems: tuple[Problem, ...], more: int = 0):
        first = problems[0]
        super().__init__(first.code, first.message, where=first.where, hint=first.hint)
        self.problems, self.more = problems, more


class RemoteError(LeadwiseError):
    """Another system did not do as asked. `status` is that of HTTP, `after_s` the seconds after
    which it says to try again: each where there is one."""

    def __init__(
        self, message: str, *, permanent: bool, status: int | None = None,
        after_s: float | None = None,
    ):  # fmt: skip
        super().__init__(message)
        self.permanent, self.status, self.after_s = permanent, status, after_s


class InternalError(LeadwiseError):
    """A defect of Leadwise: please report it."""
