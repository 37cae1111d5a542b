"""Random conditions and cards that make sense, for Hypothesis."""

from __future__ import annotations

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
from leadwise.card.model import (
    Adjustment,
    Band,
    Card,
    Criterion,
    Dimension,
    Event,
    Grade,
    GradeAxis,
    Limit,
    Measure,
    OccurrenceCriterion,
    Occurrences,
    Range,
    StateCriterion,
    Tier,
    Variable,
)
from leadwise.card.values import DAY, HOUR, SECOND, WEEK

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
WORDS = st.text("abcdefghij_0123456789", min_size=1, max_size=8).map(lambda w: "v" + w)
NUMBERS = st.floats(0, allow_nan=False, allow_infinity=False).map(lambda value: Number(value + 0.0))
LITERALS: st.SearchStrategy[Expression] = st.one_of(
    NUMBERS, NUMBERS.map(Negative), TEXTS.map(Text), st.booleans().map(Boolean)
)


def expressions() -> st.SearchStrategy[Expression]:
    """Trees of every shape that the parser can make, sense or not."""
    leaves: st.SearchStrategy[Expression] = st.one_of(LITERALS, WORDS.map(Name))
    return st.recursive(leaves, _deeper, max_leaves=12)


def _deeper(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    flag = st.booleans()
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        st.builds(Negative, inner),
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        st.builds(Comparison, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner, inner),
        st.builds(In, inner, st.lists(LITERALS, min_size=1, max_size=3).map(tuple), flag),
        st.builds(Between, inner, inner, inner, flag),
        st.builds(Like, inner, TEXTS, flag),
        st.builds(IsNull, inner, flag),
        st.builds(Not, inner),
        several.map(lambda items: And(_flat(And, items))),
        several.map(lambda items: Or(_flat(Or, items))),
        st.builds(lambda x: Call("lower", (x,)), inner),
        st.builds(lambda x: Call("days_since", (x,)), inner),
        several.map(lambda items: Call("coalesce", tuple(items))),
        st.builds(lambda x, t: Call("contains", (x, Text(t))), inner, TEXTS),
        st.builds(lambda x, t: Call("starts_with", (x, Text(t))), inner, TEXTS),
    )


def _flat(kind: type[And] | type[Or], items: list[Expression]) -> tuple[Expression, ...]:
    return tuple(
        part for item in items for part in (item.items if isinstance(item, kind) else (item,))
    )


# -- cards whose every condition has a meaning -----------------------------------------------------

LABELS = st.none() | TEXTS
POINTS = st.integers(-100_000_000, 100_000_000).filter(bool)
DURATIONS = st.none() | st.builds(
    lambda count, unit: count * unit,
    st.integers(1, 300),
    st.sampled_from([SECOND, 60 * SECOND, HOUR, DAY, WEEK]),
)
SIMPLE = st.sampled_from(
    [
        "size > 10", "size is null", "country = 'es' and not opted", "role in ('a', 'b c')",
        "visits > 3", "quiet > 60", "latest = 'x'", "days_since(created) between 1 and 30.5",
        "coalesce(quiet, days_since(created)) > 1e3", "created >= '2026-01-01'",
        "lower(country) like '%x''y'", "size * 2 - 1 > -visits or opted",
    ]
)  # fmt: skip


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Cards that pass every check, with any labels and numbers."""
    count = draw(st.integers(1, 4))
    ids = [f"c{i}" for i in range(count + 2)]
    criteria = tuple(draw(_criterion(ids[i])) for i in range(count))
    threshold = draw(st.integers(-1000, 1000))
    first = Dimension(
        id="fit",
        criteria=criteria,
        adjustments=draw(st.lists(_adjustment(ids[-1]), max_size=1).map(tuple)),
        range=draw(_ranges()),
        label=draw(LABELS),
        about=draw(LABELS),
    )
    steps = (("A", threshold + 50), (draw(st.sampled_from(["B", "1", "null", "b c", "~"])), None))
    return Card(
        id="random",
        version=draw(st.integers(1, 10**6)),
        about=draw(LABELS),
        timezone=draw(st.sampled_from(["UTC", "Europe/Madrid"])),
        fields=_fields(draw(LABELS), draw(TEXTS.filter(bool))),
        events=_events(),
        measures=_measures(draw(LABELS)),
        dimensions=(first, Dimension("more", (draw(_criterion("last")),))),
        adjustments=draw(st.lists(_adjustment(ids[-2]), max_size=1).map(tuple)),
        range=draw(_ranges()),
        bands=(Band("cold", label=draw(LABELS)), Band("hot", threshold, draw(st.booleans()))),
        grade=draw(st.none() | st.just(Grade(GradeAxis("fit", steps), GradeAxis("more", steps)))),
    )


def _fields(label: str | None, source: str) -> tuple[Variable, ...]:
    return (
        Variable("size", "number", source, label=label, unit=label, nulls=("999", "n/a", "null")),
        Variable("country", "text", "Country: Name", fold=True),
        Variable("role", "choice", "role", choices=("a", "b c", "1", "yes", 'it\'s, "x"')),
        Variable("opted", "boolean", "opted"),
        Variable("created", "time", "created"),
    )


def _events() -> tuple[Event, ...]:
    path = Variable("path", "text", "path", about="where")
    return (Event("viewed", (path, Variable("seconds", "number", "s"))), Event("joined"))


def _measures(label: str | None) -> tuple[Measure, ...]:
    return (
        Measure("visits", Occurrences(("viewed",), within=30 * DAY), "count", label=label),
        Measure("quiet", Occurrences(("any",)), "days_since_last", about=label),
        Measure("latest", Occurrences(("viewed", "joined")), "last", "path"),
    )


def _condition(text: str) -> Expression:
    from leadwise.card import parse_condition

    return parse_condition(text)


@st.composite
def _criterion(draw: st.DrawFn, name: str) -> Criterion:
    label, about = draw(LABELS), draw(LABELS)
    when = SIMPLE.map(_condition)
    kind = draw(st.integers(0, 2))
    if kind == 0:
        tier = Tier(draw(when), draw(POINTS))
        unknown = draw(st.none() | POINTS)
        return StateCriterion(name, (tier,), short=True, unknown=unknown, label=label, about=about)
    if kind == 1:
        texts = draw(st.sampled_from([("size > 9", "size > 2"), ("role = 'a'", "opted")]))
        tiers = tuple(Tier(_condition(text), draw(POINTS)) for text in texts)
        return StateCriterion(name, tiers, otherwise=draw(st.none() | POINTS), label=label)
    points = draw(POINTS)
    limit_points = draw(st.none() | st.integers(1, 10**8).map(lambda n: n if points > 0 else -n))
    times = draw(st.none() | st.integers(1, 50))
    limit = Limit(times, times is not None and draw(st.booleans()), limit_points)
    return OccurrenceCriterion(
        id=name,
        occurrences=Occurrences(("viewed",), draw(st.none() | st.just(_condition("seconds > 1"))),
                                draw(DURATIONS)),
        points=points,
        half_life=draw(DURATIONS),
        distinct=draw(st.none() | st.just("path")),
        limit=None if limit == Limit() else limit,
        when=draw(st.none() | when),
        label=label,
        about=about,
    )  # fmt: skip


def _adjustment(name: str) -> st.SearchStrategy[Adjustment]:
    percent = st.integers(-10_000, 10**6).filter(bool)
    return st.builds(Adjustment, st.just(name), SIMPLE.map(_condition), percent, LABELS, LABELS)


@st.composite
def _ranges(draw: st.DrawFn) -> Range:
    low = draw(st.none() | st.integers(-(10**8), 10**8))
    high = draw(st.none() | st.integers(low if low is not None else -(10**8), 10**8))
    return Range(low, high)
