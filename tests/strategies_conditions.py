"""Hypothesis strategies for conditions that are right by their types, over declared names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

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

NUMBERS = (-1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
DAYS = (-1.0, 0.0, 0.5, 1.0, 2.0, 7.0)
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
SIGNS = ("=", "<>", "<", "<=", ">", ">=")


def number(value: float) -> Expression:
    """A literal as the parser reads it: a minus is a sign of its own."""
    return Number(value) if value >= 0 else Negative(Number(-value))


numbers = st.sampled_from(NUMBERS).map(number)
texts = st.sampled_from(TEXTS).map(Text)
times = st.sampled_from(TIMES).map(Text)
signs = st.sampled_from(SIGNS)
equal = st.sampled_from(("=", "<>"))
negated = st.booleans()


def several(of: st.SearchStrategy[Expression]) -> st.SearchStrategy[tuple[Expression, ...]]:
    return st.lists(of, min_size=1, max_size=3, unique_by=repr).map(tuple)


def about_numbers(names: Sequence[str]) -> st.SearchStrategy[Expression]:
    name = st.sampled_from(names).map(Name)
    operand = name | numbers
    term = st.one_of(
        name,
        st.builds(Arithmetic, st.sampled_from("+-*/"), name, operand),
        st.builds(lambda a, b: Call("coalesce", (a, b)), name, operand),
        st.builds(Negative, name),
    )
    ends = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).map(sorted)
    return st.one_of(
        st.builds(Comparison, signs, term, operand),
        st.builds(In, name, several(numbers), negated),
        st.builds(lambda x, e, n: Between(x, number(e[0]), number(e[1]), n), term, ends, negated),
        st.builds(lambda x, low, n: Between(x, low, number(10.0), n), name, name, negated),
        st.builds(IsNull, term, negated),
    )


def about_texts(names: Sequence[str]) -> st.SearchStrategy[Expression]:
    name = st.sampled_from(names).map(Name)
    lowered = st.builds(lambda x: Call("lower", (x,)), name)
    term = name | lowered
    literal = texts.map(lambda text: text)
    part = st.sampled_from(PARTS).map(Text)
    return st.one_of(
        st.builds(Comparison, equal, name, literal),
        st.builds(Comparison, equal, lowered, st.sampled_from(("a", "ab", "/pricing")).map(Text)),
        st.builds(In, name, several(literal), negated),
        st.builds(Like, term, st.sampled_from(PATTERNS), negated),
        st.builds(lambda x, p: Call("contains", (x, p)), term, part),
        st.builds(lambda x, p: Call("starts_with", (x, p)), term, part),
        st.builds(lambda s, x, d: Comparison(s, Call("coalesce", (x, d)), d), equal, name, literal),
        st.builds(IsNull, name, negated),
    )


def about_choices(variables: Sequence[Variable]) -> st.SearchStrategy[Expression]:
    def of(variable: Variable) -> st.SearchStrategy[Expression]:
        name, literal = Name(variable.name), st.sampled_from(variable.choices).map(Text)
        return st.one_of(
            st.builds(Comparison, equal, st.just(name), literal),
            st.builds(In, st.just(name), several(literal), negated),
            st.builds(IsNull, st.just(name), negated),
        )

    return st.one_of([of(variable) for variable in variables])


def about_booleans(names: Sequence[str]) -> st.SearchStrategy[Expression]:
    name = st.sampled_from(names).map(Name)
    return st.one_of(
        name,
        name.map(Not),
        st.builds(Comparison, equal, name, st.builds(Boolean, st.booleans())),
        st.builds(lambda x, d: Call("coalesce", (x, Boolean(d))), name, st.booleans()),
        st.builds(IsNull, name, negated),
    )


def about_times(names: Sequence[str]) -> st.SearchStrategy[Expression]:
    name = st.sampled_from(names).map(Name)
    ends = st.tuples(times, times)
    return st.one_of(
        st.builds(Comparison, signs, name, name | times),
        st.builds(In, name, several(times), negated),
        st.builds(lambda x, e, n: Between(x, e[0], e[1], n), name, ends, negated),
        st.builds(
            lambda s, x, d, t: Comparison(s, Call("coalesce", (x, d)), t), signs, name, times, times
        ),
        st.builds(IsNull, name, negated),
    )


def about_ages(moving: Sequence[str], timed: Sequence[str]) -> st.SearchStrategy[Expression]:
    """Values that move with time beside constants: measures of days, days_since of times."""
    one = st.one_of(
        *([st.sampled_from(moving).map(Name)] if moving else []),
        *([st.sampled_from(timed).map(lambda n: Call("days_since", (Name(n),)))] if timed else []),
    )
    day = st.sampled_from(DAYS).map(number)
    term = one | st.builds(lambda a, b: Call("coalesce", (a, b)), one, one | day)
    ends = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted)
    return st.one_of(
        st.builds(Comparison, st.sampled_from(("<", "<=", ">", ">=")), term, day),
        st.builds(lambda x, e, n: Between(x, number(e[0]), number(e[1]), n), term, ends, negated),
        st.builds(IsNull, one, negated),
    )


def conditions(
    variables: Sequence[Variable], moving: Sequence[str] = (), ages: bool = True
) -> st.SearchStrategy[Expression]:
    """Conditions on these variables and moving measures; without `ages` nothing moves."""
    by_type: dict[str, list[Variable]] = {}
    for variable in variables:
        by_type.setdefault(variable.type, []).append(variable)
    named = {kind: [v.name for v in of] for kind, of in by_type.items()}
    makers: dict[str, Callable[[Sequence[str]], st.SearchStrategy[Expression]]] = {
        "number": about_numbers,
        "text": about_texts,
        "boolean": about_booleans,
        "time": about_times,
    }
    atoms = [make(named[kind]) for kind, make in makers.items() if kind in named]
    if "choice" in by_type:
        atoms.append(about_choices(by_type["choice"]))
    if ages and (moving or "time" in named):
        atoms.append(about_ages(moving, named.get("time", ())))
    atom = st.one_of(atoms)
    return st.recursive(
        atom,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda items: joined(And, items)),
            st.lists(inner, min_size=2, max_size=3).map(lambda items: joined(Or, items)),
        ),
        max_leaves=4,
    )


def joined(kind: type[And] | type[Or], items: list[Expression]) -> Expression:
    """`a and (b and c)` is one And of three, as the parser has it."""
    flat: list[Expression] = []
    for item in items:
        flat.extend(item.items if isinstance(item, kind) else (item,))
    return kind(tuple(flat))
