"""What does each kind of step: a module of this package, imported when it is first needed.

Each has `act`: of an inner step `act(connection, here) -> Came`, which acts in the transaction in
which the run moves on; of an outer step `act(house, here) -> Came`, which reaches outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import cast

from leadwise.playbooks.model import StepKind
from leadwise.playbooks.runs.acting import Inner, Outer

INNER: Mapping[StepKind, str] = {
    "if": "if_", "wait": "wait", "task": "task", "assign": "assign", "approve": "approve",
    "start": "start", "stop": "stop", "convert": "convert", "end": "end",
}  # fmt: skip
"""The modules of steps that stay inside the record."""
OUTER: Mapping[StepKind, str] = {
    "mail": "mail", "notify": "notify", "change": "change", "create": "create", "push": "push",
    "book": "book", "fetch": "fetch", "qualify": "qualify", "webhook": "webhook",
    "enrich": "enrich", "classify": "classify", "extract": "extract", "search": "search",
    "file": "file",
}  # fmt: skip
"""Those of steps that reach outside it."""


def inner_of(kind: StepKind) -> Inner | None:
    """What does an inner step; None where the step is none."""
    return cast("Inner", _act(INNER[kind])) if kind in INNER else None


def outer_of(kind: StepKind) -> Outer | None:
    """What does an outer step; None where the step is none."""
    return cast("Outer", _act(OUTER[kind])) if kind in OUTER else None


@lru_cache(maxsize=64)
def _act(module: str) -> object:
    return import_module(f"{__name__}.{module}").act
