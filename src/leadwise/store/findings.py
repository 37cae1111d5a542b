"""What a check of the store found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["fine", "warning", "wrong"]
SHOWN = 10
"""Examples of what is wrong that are told; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: in words, with the first few examples of what is wrong."""

    check: str
    state: State
    said: str
    examples: tuple[str, ...] = ()
    hint: str = ""


def fine(check: str, said: str) -> Finding:
    return Finding(check, "fine", said)


def warned(check: str, said: str, *, hint: str = "") -> Finding:
    return Finding(check, "warning", said, hint=hint)


def wrong(check: str, said: str, examples: Sequence[str] = (), *, hint: str = "") -> Finding:
    return Finding(check, "wrong", said, tuple(examples[:SHOWN]), hint)


def counted(number: int, what: str) -> str:
    """`1 lead`, `2 leads`, `2 identities`."""
    if number == 1:
        return f"1 {what}"
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {plural}"
