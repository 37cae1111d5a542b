"""Values that suffice to try every way a few conditions can come out.

A number compared with constants only behaves alike between two of them: each constant, one value
between each two, one below and one above all are enough. Texts need each constant and one other.
What is not a comparison of plain values with constants (like, arithmetic, text functions, one field
with another) is taken as *free*: true, false or undecided at will. So nothing that can happen is
missed; things that cannot may be thought possible.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from leadwise.card.condition_format import format_condition
from leadwise.card.expression import (
    And,
    Between,
    Boolean,
    Call,
    Comparison,
    Expression,
    In,
    IsNull,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Text,
)
from leadwise.card.scopes import Meaning, Scope
from leadwise.card.values import parse_time

Value: TypeAlias = float | int | str | bool | None
"""A number, a time in microseconds, a text, a boolean; None is not known."""


@dataclass
class Space:
    """The values to try for each variable. Keys are texts: `age`, `days_since(created)`."""

    scope: Scope
    constants: dict[str, set[float | int | str]] = field(default_factory=dict)
    free: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    """The variable of each free part and each days_since, by `id`: writing them anew is slow."""

    def gather(self, condition: Expression) -> None:
        """Takes note of what a condition compares with what."""
        match condition:
            case And(items) | Or(items):
                for item in items:
                    self.gather(item)
            case Not(item):
                self.gather(item)
            case Boolean():
                return
            case Name() if self.is_plain(condition):
                self.note(condition, ())
            case Comparison(_, left, right) if self.plain_pair(left, right):
                self.note(left, (right,))
                self.note(right, (left,))
            case In(item, values) if self.is_plain(item):
                self.note(item, values)
            case Between(item, low, high) if self.is_plain(item) and _constants((low, high)):
                self.note(item, (low, high))
            case IsNull(item) if self.is_plain(item):
                self.note(item, ())
            case IsNull():
                self.set_free(condition, (True, False))
            case _:
                self.set_free(condition, (True, False, None))

    def set_free(self, condition: Expression, values: tuple[Value, ...]) -> None:
        """A condition that is not looked into, but itself one of the variables."""
        key = self.keys[id(condition)] = format_condition(condition)
        self.free[key] = values

    def plain_pair(self, left: Expression, right: Expression) -> bool:
        return (self.is_plain(left) and _constants((right,))) or (
            self.is_plain(right) and _constants((left,))
        )

    def is_plain(self, part: Expression) -> bool:
        """A name, days_since, or a coalesce of these and constants."""
        match part:
            case Name(name):
                return self.scope.get(name) is not None
            case Call("days_since"):
                return True
            case Call("coalesce", parts):
                return all(_constants((item,)) or self.is_plain(item) for item in parts)
            case _:
                return False

    def note(self, part: Expression, beside: Iterable[Expression]) -> None:
        """The variables of a plain value are compared with these constants."""
        match part:
            case Name() | Call("days_since"):
                key = self.keys[id(part)] = format_condition(part)
                found = self.constants.setdefault(key, set())
                found.update(
                    value
                    for item in beside
                    if (value := constant(item, self.meaning(part))) is not None
                    and not isinstance(value, bool)
                )
            case Call(_, parts):
                fixed = [item for item in parts if _constants((item,))]
                for item in parts:
                    self.note(item, [*beside, *fixed])

    def meaning(self, part: Expression) -> Meaning | None:
        return self.scope.get(part.name) if isinstance(part, Name) else None

    def axes(self) -> dict[str, tuple[Value, ...]]:
        """Each variable with the values to try."""
        made = {
            key: values_of(self.scope.get(key), frozenset(found))
            for key, found in self.constants.items()
        }
        return {**made, **self.free}


def _constants(parts: tuple[Expression, ...]) -> bool:
    return all(
        isinstance(p, (Number, Text, Boolean))
        or (isinstance(p, Negative) and isinstance(p.item, Number))
        for p in parts
    )


def constant(part: Expression, meaning: Meaning | None) -> Value:
    """The value of a literal beside a variable; None where it is no literal."""
    match part:
        case Number(value):
            return value
        case Negative(Number(value)):
            return -value
        case Boolean(value):
            return value
        case Text(value):
            if meaning is not None and meaning.type == "time":
                return parse_time(value)
            return value.casefold() if meaning is not None and meaning.fold else value
        case _:
            return None


def values_of(
    meaning: Meaning | None, constants: frozenset[float | int | str]
) -> tuple[Value, ...]:
    """What to try for one variable; None as its meaning: days since a field."""
    if meaning is None:
        return (*_numbers(constants), None)
    match meaning.type:
        case "boolean":
            return (True, False, None)
        case "choice":
            fold = meaning.fold
            return (*(c.casefold() if fold else c for c in meaning.choices), None)
        case "text":
            texts = sorted(str(c) for c in constants)
            other = max(texts, key=len, default="") + "~"
            return (*texts, other, None)
        case "time":
            times = {int(c) + step for c in constants for step in (-1, 0, 1)} or {0}
            return (*sorted(times), None)
        case "number":
            found = _numbers(constants)
            if meaning.count:
                whole = {math.floor(n) + step for n in found for step in (0, 1)} | {0, 1}
                return tuple(sorted(n for n in whole if n >= 0))
            if meaning.moving:
                found = [n for n in found if n >= 0] + [0.0]
            return (*found, None)


def _numbers(constants: frozenset[float | int | str]) -> list[float]:
    """Each constant, one number between each two, one below and one above all."""
    fixed = sorted(float(c) for c in constants if not isinstance(c, str))
    if not fixed:
        return [1.0]
    between = [low / 2 + high / 2 for low, high in itertools.pairwise(fixed)]
    below = fixed[0] - max(1.0, abs(fixed[0]))
    above = fixed[-1] + max(1.0, abs(fixed[-1]))
    return [*fixed, *between, below, above]
