"""Conditions of a card as SQL. What may stand in them was checked with the card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import ValueType
from leadwise.card.values import parse_time
from leadwise.plan import nodes
from leadwise.plan.nodes import DAY_US, Node

Typed = tuple[Node, ValueType]

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COMPARISONS: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_ARITHMETIC: Mapping[str, type[exp.Binary]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
}


@dataclass(frozen=True, slots=True)
class Readable:
    """What a name stands for in a step: a column, its type, whether its texts were folded, and
    whether it can never be NULL (a number of events)."""

    node: Node
    type: ValueType
    fold: bool = False
    always_known: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a pattern: a wild sign (`%` or `_`), or text to be taken literally."""

    text: str
    wild: bool = False


ANY = Piece("%", wild=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """The names that a condition may use, and the instant it is asked of."""

    names: Mapping[str, Readable]
    as_of: Node


def predicate(condition: Expression, reading: Reading) -> Node:
    """A condition as an SQL condition: true, false, or NULL where it cannot be decided."""
    match condition:
        case tree.And(items):
            return exp.and_(*(predicate(item, reading) for item in items), copy=False)
        case tree.Or(items):
            return exp.or_(*(predicate(item, reading) for item in items), copy=False)
        case tree.Not(item):
            return exp.Not(this=nodes.wrapped(predicate(item, reading)))
        case tree.Comparison(operator, left, right):
            sides = _alike((left, right), reading)
            return _COMPARISONS[operator](this=sides[0], expression=sides[1])
        case tree.In(item, values, negated):
            first, *rest = _alike((item, *values), reading)
            return _negated(exp.In(this=first, expressions=rest), negated)
        case tree.Between(item, low, high, negated):
            parts = _alike((item, low, high), reading)
            between = exp.Between(this=parts[0], low=parts[1], high=parts[2])
            return _negated(between, negated)
        case tree.Like(item, pattern, negated):
            folded = pattern.casefold() if _folded(item, reading) else pattern
            return _negated(like(value(item, reading)[0], _pieces(folded)), negated)
        case tree.IsNull(item, negated):
            return _negated(nodes.is_null(value(item, reading)[0]), negated)
        case tree.Call("contains" | "starts_with" as function, (item, tree.Text(wanted))):
            folded = wanted.casefold() if _folded(item, reading) else wanted
            start = (ANY,) if function == "contains" else ()
            return like(value(item, reading)[0], (*start, Piece(folded), ANY))
        case _:
            return nodes.equal(value(condition, reading)[0], nodes.whole(1))


def value(part: Expression, reading: Reading) -> Typed:
    """A part of a condition as an SQL value with its type; booleans are 0 and 1."""
    match part:
        case tree.Number(amount):
            return nodes.number(amount), "number"
        case tree.Text(written):
            return nodes.text(written), "text"
        case tree.Boolean(truth):
            return nodes.whole(int(truth)), "boolean"
        case tree.Name(name):
            return reading.names[name].node.copy(), reading.names[name].type
        case tree.Negative(item):
            return exp.Neg(this=nodes.wrapped(value(item, reading)[0])), "number"
        case tree.Arithmetic(operator, left, right):
            first, second = (nodes.wrapped(value(side, reading)[0]) for side in (left, right))
            if operator == "/":
                second = exp.Nullif(this=second, expression=nodes.number(0.0))
            return _ARITHMETIC[operator](this=first, expression=second), "number"
        case tree.Call("lower", (item,)):
            return _lower(value(item, reading)[0]), "text"
        case tree.Call("days_since", (item,)):
            return days(reading.as_of, value(item, reading)[0]), "number"
        case tree.Call("coalesce", items):
            sides = _alike(items, reading)
            kind = next((t for _, t in (value(i, reading) for i in items) if t == "time"), None)
            coalesced = exp.Coalesce(this=sides[0], expressions=sides[1:])
            return coalesced, kind or value(items[0], reading)[1]
        case (
            tree.And()
            | tree.Or()
            | tree.Not()
            | tree.Comparison()
            | tree.In()
            | tree.Between()
            | tree.Like()
            | tree.IsNull()
            | tree.Call()
        ):
            truth_of = predicate(part, reading)
            zero_or_one = nodes.case(
                [
                    (truth_of, nodes.whole(1)),
                    (exp.Not(this=nodes.wrapped(truth_of.copy())), nodes.whole(0)),
                ]
            )
            return zero_or_one, "boolean"
        case _:
            assert_never(part)


def days(as_of: Node, since: Node) -> Node:
    """Elapsed days as a double."""
    return nodes.over(nodes.double(nodes.minus(as_of.copy(), since)), nodes.number(float(DAY_US)))


def like(item: Node, pieces: tuple[Piece, ...]) -> Node:
    """`item LIKE` the pieces, with an escape sign only where a literal piece needs one."""
    literal = "".join(piece.text for piece in pieces if not piece.wild)
    if not any(sign in literal for sign in "%_\\"):
        return exp.Like(this=item, expression=nodes.text("".join(p.text for p in pieces)))
    escape = next(chr(code) for code in range(33, 127) if chr(code) not in literal + "%_\\'\"")
    pattern = "".join(
        p.text if p.wild else p.text.replace("%", escape + "%").replace("_", escape + "_")
        for p in pieces
    )
    matched = exp.Like(this=item, expression=nodes.text(pattern))
    return exp.Escape(this=matched, expression=nodes.text(escape))


def _pieces(pattern: str) -> tuple[Piece, ...]:
    """A pattern cut into wild signs and the texts between them."""
    cut = re.split("([%_])", pattern)
    return tuple(Piece(part, wild=part in ("%", "_")) for part in cut if part)


def _negated(node: Node, negated: bool) -> Node:
    return exp.Not(this=nodes.wrapped(node)) if negated else node


def _lower(item: Node) -> Node:
    """A to Z only, in every engine."""
    return exp.Translate(this=item, from_=nodes.text(_UPPER), to=nodes.text(_UPPER.lower()))


def _folded(part: Expression, reading: Reading) -> bool:
    return any(reading.names[name].fold for name in tree.names(part))


def _alike(parts: tuple[Expression, ...], reading: Reading) -> list[Node]:
    """The parts as values that can be compared: texts beside a time are times, beside a folded
    text they are folded."""
    typed = [value(part, reading) for part in parts]
    if any(kind == "time" for _, kind in typed):
        return [
            nodes.whole(parse_time(part.value)) if isinstance(part, tree.Text) else node
            for part, (node, _) in zip(parts, typed, strict=True)
        ]
    if any(_folded(part, reading) for part in parts):
        return [
            nodes.text(part.value.casefold()) if isinstance(part, tree.Text) else node
            for part, (node, _) in zip(parts, typed, strict=True)
        ]
    return [node for node, _ in typed]
