"""Hypothesis strategies for conditions that are right by their types, over declared names.

Drawn step by step from a few lists (rather than from strategies made of strategies), which is
several times faster and shrinks as well: the first of each list is the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from leadwise.card.expression import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Between,
    Boolean,
    Call,
    Comparison,
    ComparisonOperator,
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

T = TypeVar("T")

NUMBERS = (0.0, 1.0, 2.0, 3.0, 10.0, 0.5, 0.1, 0.3, -1.0)
DAYS = (1.0, 0.0, 0.5, 2.0, 7.0, -1.0)
TEXTS = (
    *("a", "A", "ab", "b", "á", "/pricing", "/pricing/x", "100%", "a_b", "a\\b", "O'Hara"),
    *("[x]*?", "😀", "～", "Straße", "STRASSE", "x y", "a\nb", "007", "İ"),
)
PATTERNS = (
    *("a%", "%b", "_", "%_%", "a_b", "/pricing%", "100\\%", "%\\%", "%'%", "[x]%", "%*%", "😀"),
    *("__", "%", "%\\b", "STR%"),
)
PARTS = ("a", "%", "_", "\\", "'", "😀", "/p", "*", "?", "[", "STR", "b")
TIMES = ("2026-03-29", "2026-03-29T01:00:00Z", "2026-03-30T12:00:00+02:00", "2026-03-28T23:30:00.5")
EQUAL: tuple[ComparisonOperator, ...] = ("=", "<>")
ORDER: tuple[ComparisonOperator, ...] = ("<", "<=", ">", ">=")
ARITHMETIC: tuple[ArithmeticOperator, ...] = ("+", "-", "*", "/")


class Drawing:
    """Draws from lists, so that what follows reads as the grammar it is."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def of(self, items: Sequence[T]) -> T:
        return items[self.draw(st.integers(0, len(items) - 1))]

    def one(self, *makers: Callable[[], Expression]) -> Expression:
        return self.of(makers)()

    def flip(self) -> bool:
        return self.draw(st.booleans())

    def seldom(self) -> bool:
        """One time in three."""
        return self.of((False, False, True))

    def some(self, items: Sequence[T]) -> list[T]:
        """One to three different ones."""
        found: list[T] = []
        for _ in range(self.of((1, 2, 3))):
            item = self.of(items)
            found += [] if item in found else [item]
        return found


@dataclass(frozen=True)
class Vocabulary:
    """The variables that a condition may name; `moving` are measures of days."""

    variables: tuple[Variable, ...]
    moving: tuple[str, ...] = ()
    ages: bool = True

    def named(self, kind: str) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables if v.type == kind)

    def kinds(self) -> list[str]:
        found = [k for k in ("number", "text", "boolean", "choice", "time") if self.named(k)]
        moves = self.ages and (self.moving or self.named("time"))
        return [*found, "age"] if moves else found


def number(value: float) -> Expression:
    """A literal as the parser reads it: a minus is a sign of its own."""
    return Number(value) if value >= 0 else Negative(Number(-value))


def about_number(d: Drawing, words: Vocabulary) -> Expression:
    names = [Name(n) for n in words.named("number")]
    name = d.of(names)
    operand = d.one(lambda: number(d.of(NUMBERS)), lambda: d.of(names))
    term = d.one(
        lambda: name,
        lambda: Arithmetic(d.of(ARITHMETIC), name, operand),
        lambda: Call("coalesce", (name, operand)),
        lambda: Negative(name),
    )
    low, high = sorted((d.of(NUMBERS), d.of(NUMBERS)))
    return d.one(
        lambda: Comparison(d.of(EQUAL + ORDER), term, operand),
        lambda: In(name, tuple(number(n) for n in d.some(NUMBERS)), d.flip()),
        lambda: Between(term, number(low), number(high), d.flip()),
        lambda: Between(name, d.of(names), number(10.0), d.flip()),
        lambda: IsNull(term, d.flip()),
    )


def about_text(d: Drawing, words: Vocabulary) -> Expression:
    name = Name(d.of(words.named("text")))
    lowered = Call("lower", (name,))
    term = d.one(lambda: name, lambda: lowered)
    literal = Text(d.of(TEXTS))
    return d.one(
        lambda: Comparison(d.of(EQUAL), name, literal),
        lambda: Comparison(d.of(EQUAL), lowered, Text(d.of(("a", "ab", "/pricing")))),
        lambda: In(name, tuple(Text(t) for t in d.some(TEXTS)), d.flip()),
        lambda: Like(term, d.of(PATTERNS), d.flip()),
        lambda: Call("contains", (term, Text(d.of(PARTS)))),
        lambda: Call("starts_with", (term, Text(d.of(PARTS)))),
        lambda: Comparison(d.of(EQUAL), Call("coalesce", (name, literal)), literal),
        lambda: Comparison(d.of(EQUAL), name, Name(d.of(words.named("text")))),
        lambda: IsNull(name, d.flip()),
    )


def about_choice(d: Drawing, words: Vocabulary) -> Expression:
    variable = d.of([v for v in words.variables if v.type == "choice"])
    name = Name(variable.name)
    return d.one(
        lambda: Comparison(d.of(EQUAL), name, Text(d.of(variable.choices))),
        lambda: In(name, tuple(Text(c) for c in d.some(variable.choices)), d.flip()),
        lambda: IsNull(name, d.flip()),
    )


def about_boolean(d: Drawing, words: Vocabulary) -> Expression:
    name = Name(d.of(words.named("boolean")))
    return d.one(
        lambda: name,
        lambda: Not(name),
        lambda: Comparison(d.of(EQUAL), name, Boolean(d.flip())),
        lambda: Call("coalesce", (name, Boolean(d.flip()))),
        lambda: IsNull(name, d.flip()),
    )


def about_time(d: Drawing, words: Vocabulary) -> Expression:
    names = words.named("time")
    name, literal = Name(d.of(names)), Text(d.of(TIMES))
    early, late = sorted((d.of(TIMES), d.of(TIMES)))
    return d.one(
        lambda: Comparison(d.of(EQUAL + ORDER), name, literal),
        lambda: Comparison(d.of(EQUAL + ORDER), name, Name(d.of(names))),
        lambda: In(name, tuple(Text(t) for t in d.some(TIMES)), d.flip()),
        lambda: Between(name, Text(early), Text(late), d.flip()),
        lambda: Comparison(d.of(ORDER), Call("coalesce", (name, literal)), Text(d.of(TIMES))),
        lambda: IsNull(name, d.flip()),
    )


def about_age(d: Drawing, words: Vocabulary) -> Expression:
    """Values that move with time beside constants: measures of days, days_since of times."""
    ages: list[Expression] = [Name(name) for name in words.moving]
    ages += [Call("days_since", (Name(name),)) for name in words.named("time")]
    one = d.of(ages)
    other = d.one(lambda: number(d.of(DAYS)), lambda: d.of(ages))
    term = d.one(lambda: one, lambda: Call("coalesce", (one, other)))
    low, high = sorted((d.of(DAYS), d.of(DAYS)))
    return d.one(
        lambda: Comparison(d.of(ORDER), term, number(d.of(DAYS))),
        lambda: Between(term, number(low), number(high), d.flip()),
        lambda: IsNull(one, d.flip()),
    )


ABOUT: dict[str, Callable[[Drawing, Vocabulary], Expression]] = {
    "number": about_number,
    "text": about_text,
    "boolean": about_boolean,
    "choice": about_choice,
    "time": about_time,
    "age": about_age,
}


def condition(d: Drawing, words: Vocabulary, depth: int = 2) -> Expression:
    """A condition; about half of them are made of others."""
    shape = d.of(("atom", "atom", "atom", "not", "and", "or")) if depth else "atom"
    if shape == "atom":
        return ABOUT[d.of(words.kinds())](d, words)
    if shape == "not":
        return Not(condition(d, words, depth - 1))
    parts = [condition(d, words, depth - 1) for _ in range(d.of((2, 3)))]
    return joined(And, parts) if shape == "and" else joined(Or, parts)


def joined(kind: type[And] | type[Or], items: list[Expression]) -> Expression:
    """`a and (b and c)` is one And of three, as the parser has it."""
    flat: list[Expression] = []
    for item in items:
        flat.extend(item.items if isinstance(item, kind) else (item,))
    return kind(tuple(flat))


@st.composite
def conditions(draw: st.DrawFn, words: Vocabulary) -> Expression:
    return condition(Drawing(draw), words)
