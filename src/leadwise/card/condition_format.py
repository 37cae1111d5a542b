"""Writing a condition: lower-case keywords, one space, only the parentheses that are needed.

`parse_condition(format_condition(x)) == x` for every tree that `parse_condition` makes.
"""

from __future__ import annotations

import math

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


def format_condition(expression: Expression) -> str:  # noqa: C901 - one case for each kind
    """The canonical text of a condition."""
    match expression:
        case Number(value):
            return format_number(value)
        case Text(value):
            return _quoted(value)
        case Boolean(value):
            return "true" if value else "false"
        case Name(name):
            return name
        case Negative(item):
            inner = format_condition(item)
            return f"-{inner}" if _binds(item) == 8 else f"-({inner})"
        case Arithmetic(operator, left, right):
            level = _binds(expression)
            return f"{_at(left, level)} {operator} {_at(right, level + 1)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(format_condition, arguments))})"
        case Comparison(operator, left, right):
            return f"{_at(left, 5)} {operator} {_at(right, 5)}"
        case In(item, values, negated):
            listed = ", ".join(map(format_condition, values))
            return f"{_at(item, 5)} {'not ' if negated else ''}in ({listed})"
        case Between(item, low, high, negated):
            word = "not between" if negated else "between"
            return f"{_at(item, 5)} {word} {_at(low, 5)} and {_at(high, 5)}"
        case Like(item, pattern, negated):
            return f"{_at(item, 5)} {'not ' if negated else ''}like {_quoted(pattern)}"
        case IsNull(item, negated):
            return f"{_at(item, 5)} is {'not ' if negated else ''}null"
        case Not(item):
            return f"not {_at(item, 3)}"
        case And(items):
            return " and ".join(_at(item, 3) for item in items)
        case Or(items):
            return " or ".join(_at(item, 2) for item in items)


def _quoted(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _at(expression: Expression, least: int) -> str:
    """The text of a part, in parentheses where it binds less tightly than `least`."""
    text = format_condition(expression)
    return text if _binds(expression) >= least else f"({text})"


def _binds(expression: Expression) -> int:
    """How tightly the outermost operator binds: 1 or, 2 and, 3 not, 4 comparison ... 8 a value."""
    match expression:
        case Or():
            return 1
        case And():
            return 2
        case Not():
            return 3
        case Comparison() | In() | Between() | Like() | IsNull():
            return 4
        case Arithmetic(operator):
            return 5 if operator in ("+", "-") else 6
        case Negative():
            return 7
        case _:
            return 8


def format_number(value: float) -> str:
    """The shortest text that reads back as the same number (not negative, finite)."""
    return str(int(value)) if value < 1e15 and math.floor(value) == value else repr(value)
