"""What type a name must have that nobody declared, from how conditions use it."""

from __future__ import annotations

from collections.abc import Container, Iterable

from leadwise.card.expression import (
    And,
    Arithmetic,
    Between,
    Boolean,
    Call,
    Comparison,
    Expression,
    In,
    Like,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Text,
    walk,
)
from leadwise.card.model import ValueType


def inferred(trees: Iterable[Expression], known: Container[str]) -> dict[str, ValueType]:
    """The type of each name that is not `known`: text where nothing tells."""
    types: dict[str, ValueType] = {}
    for tree in trees:
        _say(types, tree, "boolean")
        for part in walk(tree):
            _look(types, part)
        for part in walk(tree):
            if isinstance(part, Name):
                types.setdefault(part.name, "text")
    return {name: type_ for name, type_ in types.items() if name not in known}


def _look(types: dict[str, ValueType], part: Expression) -> None:
    match part:
        case And(items) | Or(items):
            for item in items:
                _say(types, item, "boolean")
        case Not(item):
            _say(types, item, "boolean")
        case Arithmetic(_, left, right):
            _say(types, left, "number")
            _say(types, right, "number")
        case Negative(item):
            _say(types, item, "number")
        case Comparison(_, left, right):
            _alike(types, (left, right))
        case In(item, values):
            _alike(types, (item, *values))
        case Between(item, low, high):
            _alike(types, (item, low, high))
        case Like(item) | Call("lower" | "contains" | "starts_with", (item, *_)):
            _say(types, item, "text")
        case Call("days_since", (item,)):
            _say(types, item, "time")
        case Call("coalesce", items):
            _alike(types, items)
        case _:
            return


def _alike(types: dict[str, ValueType], parts: Iterable[Expression]) -> None:
    listed = list(parts)
    kinds = [kind for kind in map(_kind, listed) if kind is not None]
    if kinds:
        for part in listed:
            _say(types, part, kinds[0])


def _kind(part: Expression) -> ValueType | None:
    match part:
        case Number() | Negative() | Arithmetic() | Call("days_since"):
            return "number"
        case Boolean():
            return "boolean"
        case Text() | Call("lower"):
            return "text"
        case _:
            return None


def _say(types: dict[str, ValueType], part: Expression, kind: ValueType) -> None:
    if isinstance(part, Name):
        types.setdefault(part.name, kind)
