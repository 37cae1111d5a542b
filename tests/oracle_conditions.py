"""The oracle's conditions: SQL's rules, with None for "cannot be decided" beside True and False."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leadwise.card.expression import (
    And,
    Arithmetic,
    Between,
    Boolean,
    Call,
    Comparison,
    Expression,
    In,
    IsNull,
    Like,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Text,
)
from leadwise.card.model import Variable

Value = float | str | bool | int | None
DAY = 86_400_000_000

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Scope:
    """The names that a condition may read, each value (absent: NULL), and the moment."""

    variables: dict[str, Variable]
    values: dict[str, Value]
    as_of: int


def evaluate(expression: Expression, scope: Scope) -> Any:  # noqa: C901 - a case for each kind
    """Its value; of a condition True, False or None."""
    match expression:
        case Number(value) | Text(value) | Boolean(value):
            return value
        case Name(name):
            return scope.values.get(name)
        case Negative(item):
            value = evaluate(item, scope)
            return None if value is None else -value
        case Arithmetic(sign, left, right):
            return arithmetic(sign, evaluate(left, scope), evaluate(right, scope))
        case Call(name, arguments):
            return call(name, operands(arguments, scope), scope)
        case Comparison(sign, left, right):
            a, b = operands((left, right), scope)
            return compare(sign, a, b)
        case In(item, values, negated):
            found, *list_ = operands((item, *values), scope)
            return flipped(None if found is None else found in list_, negated)
        case Between(item, low, high, negated):
            # As SQL has it: item >= low and item <= high, each with its own NULL.
            x, a, b = operands((item, low, high), scope)
            return flipped(conjunction([compare(">=", x, a), compare("<=", x, b)]), negated)
        case Like(item, pattern, negated):
            text, shape = operands((item, Text(pattern)), scope)
            return flipped(None if text is None else like(text, shape), negated)
        case IsNull(item, negated):
            return (evaluate(item, scope) is None) != negated
        case Not(item):
            return flipped(evaluate(item, scope), True)
        case And(items):
            return conjunction([evaluate(item, scope) for item in items])
        case Or(items):
            truths = [flipped(evaluate(item, scope), True) for item in items]
            return flipped(conjunction(truths), True)
    raise AssertionError(expression)


def operands(parts: Sequence[Expression], scope: Scope) -> list[Any]:
    """Values that meet in one place: a quoted text beside a time is a time, beside a folded text
    folded."""
    kinds = [kind for part in parts if (kind := kind_of(part, scope)) is not None]
    values = []
    for part in parts:
        value = evaluate(part, scope)
        if isinstance(part, Text) and any(kind.type == "time" for kind in kinds):
            value = time_us(part.value)
        elif isinstance(part, Text) and any(kind.fold for kind in kinds):
            value = part.value.casefold()
        values.append(value)
    return values


def kind_of(expression: Expression, scope: Scope) -> Variable | None:
    """The variable behind an operand, through `lower` and `coalesce`; None for all else."""
    match expression:
        case Name(name):
            return scope.variables[name]
        case Call("lower" | "coalesce", arguments):
            return next((k for a in arguments if (k := kind_of(a, scope)) is not None), None)
    return None


def compare(sign: str, a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else COMPARE[sign](a, b)


def conjunction(truths: list[bool | None]) -> bool | None:
    """Kleene's `and`: one False decides, even beside None."""
    if False in truths:
        return False
    return None if None in truths else True


def flipped(truth: bool | None, negated: bool) -> bool | None:
    return truth if truth is None or not negated else not truth


def arithmetic(sign: str, a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return None
    if sign == "/":
        return None if b == 0 else a / b
    return {"+": a + b, "-": a - b, "*": a * b}[sign]


def call(name: str, arguments: list[Any], scope: Scope) -> Any:
    if name == "coalesce":
        return next((a for a in arguments if a is not None), None)
    if None in arguments:
        return None
    if name == "lower":  # A to Z only, whatever the script
        return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in arguments[0])
    if name == "contains":
        return arguments[1] in arguments[0]
    if name == "starts_with":
        return arguments[0].startswith(arguments[1])
    assert name == "days_since", name
    return (scope.as_of - arguments[0]) / DAY


def like(text: str, pattern: str) -> bool:
    """`%` any text, `_` one character, everything else itself (a backslash too)."""
    signs = {"%": ".*", "_": "."}
    shape = "".join(signs.get(c) or re.escape(c) for c in pattern)
    return re.fullmatch(shape, text, flags=re.DOTALL) is not None


def time_us(text: str) -> int:
    """ISO 8601 to microseconds since 1970 UTC: without offset UTC, the rest below one floored."""
    time = datetime.fromisoformat(text.strip())
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
