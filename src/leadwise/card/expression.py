"""What a condition is: the tree that the parser makes, the checker types and the plan translates.

A tree holds no positions in its equality: two conditions are equal when they say the same, wherever
they stand. `span` is the (start, end) offset in the condition's own text, for error messages only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[int, int]
NOWHERE: Span = (0, 0)

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "/"]
ComparisonOperator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]
Function: TypeAlias = Literal["lower", "coalesce", "contains", "starts_with", "days_since"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, always a double."""

    value: float
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text between single quotes; beside a time it is read as a time."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field or measure of the card, or a property of an event."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    item: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: ArithmeticOperator
    left: Expression
    right: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: Function
    arguments: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: ComparisonOperator
    left: Expression
    right: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class In:
    """`item in (literal, ...)`; the values are Number, Negative(Number), Text or Boolean."""

    item: Expression
    values: tuple[Expression, ...]
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends belong to it."""

    item: Expression
    low: Expression
    high: Expression
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Like:
    """`%` stands for any text, `_` for one character; case matters, a backslash is a letter."""

    item: Expression
    pattern: str
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    item: Expression
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    item: Expression
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Expression, ...]
    span: Span = field(default=NOWHERE, compare=False)


Expression: TypeAlias = (
    Number
    | Text
    | Boolean
    | Name
    | Negative
    | Arithmetic
    | Call
    | Comparison
    | In
    | Between
    | Like
    | IsNull
    | Not
    | And
    | Or
)


def children(expression: Expression) -> tuple[Expression, ...]:
    """The parts of an expression, left to right."""
    match expression:
        case Number() | Text() | Boolean() | Name():
            return ()
        case Negative(item) | Not(item) | Like(item) | IsNull(item):
            return (item,)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case In(item, values):
            return (item, *values)
        case Between(item, low, high):
            return (item, low, high)
        case Call(_, items) | And(items) | Or(items):
            return items


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all of its parts, each before its own parts, left to right."""
    stack = [expression]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(children(part)))


def names(expression: Expression) -> tuple[str, ...]:
    """The names that an expression reads, in the order of their first appearance."""
    return tuple(dict.fromkeys(p.name for p in walk(expression) if isinstance(p, Name)))
