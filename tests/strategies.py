"""Hypothesis strategies for cards that are valid by construction, with every word of the language.

What cannot be excluded by construction is a condition that is never true or a tier never reached
(`check` refuses those); `valid_cards` drops such cards.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from leadwise.card import format_card, parse
from leadwise.card.expression import Expression
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
    Statistic,
    Tier,
    Variable,
)
from tests.oracle import kind_of_measure, properties_of
from tests.strategies_conditions import conditions

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WINDOWS = (HOUR, 90 * 60 * SECOND, 12 * HOUR, DAY, 36 * HOUR, 7 * DAY)
HALF_LIVES = (SECOND, HOUR, 12 * HOUR, DAY, 3 * DAY)
POINTS = (-2000, -1250, -333, -1, 1, 5, 50, 500, 1000, 2000)
PERCENTS = (-10000, -5000, -3333, -50, 1000, 1250, 20000)
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
# What YAML could take for something else.
LABELS = (
    None,
    "Plain",
    "yes",
    "12",
    "a: b # c",
    'it\'s "quoted"',
    "- x",
    "ends with colon:",
    "ñ 😀",
)

FIELDS = (
    Variable("size", "number", "size"),
    Variable("age", "number", "emp.age", nulls=("999",)),
    Variable("city", "text", "city"),
    Variable("code", "text", "code", fold=True),
    Variable("role", "choice", "role", choices=("vp", "manager", "NO")),
    Variable("opted", "boolean", "opted", label="Opted in"),
    Variable("created", "time", "created"),
    Variable("renewal", "time", "renewal"),
)
PATH = Variable("path", "text", "path")
VISIT = (PATH, Variable("seconds", "number", "seconds"), Variable("deep", "boolean", "deep"))
EVENTS = (
    Event("visit", VISIT),
    Event("mail", (PATH, Variable("topic", "text", "topic", fold=True))),
    Event(
        "booked",
        (
            Variable("meeting", "time", "meeting"),
            Variable("kind", "choice", "kind", choices=("demo", "call")),
        ),
    ),
    Event("ping"),
)  # fmt: skip
BARE = Card("t", 1, (), fields=FIELDS, events=EVENTS)
ON = (("visit",), ("visit",), ("mail",), ("booked",), ("ping",), ("visit", "mail"), ("any",))

optional_points = st.none() | st.sampled_from((0, *POINTS))
labels = st.sampled_from(LABELS)


@cache
def wheres(on: tuple[str, ...]) -> st.SearchStrategy[Occurrences]:
    """Occurrences on these events, without a window."""
    properties = tuple(properties_of(BARE, on).values())
    if not properties:
        return st.just(Occurrences(on))
    condition = st.none() | conditions(properties, ages=False)
    return st.builds(Occurrences, st.just(on), condition)


@st.composite
def occurrences(draw: st.DrawFn, ages: bool) -> Occurrences:
    on = draw(st.sampled_from(ON))
    found = draw(wheres(on))
    within = draw(st.none() | st.sampled_from(WINDOWS)) if ages else None
    return Occurrences(on, found.where, within)


@st.composite
def measures(draw: st.DrawFn, name: str, ages: bool) -> Measure:
    which = draw(occurrences(ages))
    properties = list(properties_of(BARE, which.on).values())
    numbers = [p for p in properties if p.type == "number"]
    days: list[Statistic] = ["days_since_first", "days_since_last"] if ages else []
    of_any: list[Statistic] = ["distinct", "last"] if properties else []
    of_number: list[Statistic] = ["sum", "min", "max"] if numbers else []
    statistic: Statistic = draw(st.sampled_from(["count", *days, *of_any, *of_number]))
    on_property: str | None = None
    if statistic in of_any:
        on_property = draw(st.sampled_from(properties)).name
    elif statistic in of_number:
        on_property = draw(st.sampled_from(numbers)).name
    return Measure(name, which, statistic, on_property, label=draw(labels))


@st.composite
def state_criteria(
    draw: st.DrawFn, name: str, condition: st.SearchStrategy[Expression]
) -> StateCriterion:
    tiers = draw(
        st.lists(
            st.builds(Tier, condition, st.sampled_from(POINTS)),
            min_size=1,
            max_size=3,
            unique_by=lambda tier: repr(tier.when),
        )
    )
    short = len(tiers) == 1 and draw(st.booleans())
    return StateCriterion(
        name,
        tuple(tiers),
        short=short,
        otherwise=None if short else draw(optional_points),
        unknown=draw(optional_points),
        label=draw(labels),
    )


@st.composite
def occurrence_criteria(
    draw: st.DrawFn, name: str, condition: st.SearchStrategy[Expression], ages: bool
) -> OccurrenceCriterion:
    which = draw(occurrences(ages))
    points = draw(st.sampled_from(POINTS))
    properties = list(properties_of(BARE, which.on))
    times = draw(st.none() | st.integers(1, 3))
    bound = draw(st.none() | st.sampled_from((1, 30, 1000, 3000)))
    limit = Limit(
        times,
        per_day=times is not None and draw(st.booleans()),
        points=None if bound is None else (bound if points > 0 else -bound),
    )
    return OccurrenceCriterion(
        name,
        which,
        points,
        half_life=draw(st.none() | st.sampled_from(HALF_LIVES)) if ages else None,
        distinct=draw(st.none() | st.sampled_from(properties)) if properties else None,
        limit=None if limit == Limit() else limit,
        when=draw(st.none() | condition),
        label=draw(labels),
    )


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    return Range(
        draw(st.none() | st.sampled_from((-3000, -500, 0, 300))),
        draw(st.none() | st.sampled_from((500, 1500, 4000))),
    )


@st.composite
def bands(draw: st.DrawFn, at_least: int) -> tuple[Band, ...]:
    if not at_least and draw(st.booleans()):
        return ()
    edges = draw(st.sets(st.sampled_from((-1000, 0, 1, 500, 1000, 1500, 2500)), min_size=at_least))
    rising = [Band(f"b{n}", edge, draw(st.booleans())) for n, edge in enumerate(sorted(edges), 1)]
    return (Band("b0"), *rising)


@st.composite
def axes(draw: st.DrawFn, of: str, letters: str) -> GradeAxis:
    edges = draw(st.sets(st.sampled_from((-500, 0, 500, 1000)), min_size=1, max_size=3))
    falling = sorted(edges, reverse=True)
    return GradeAxis(of, tuple(zip(letters, [*falling, None], strict=False)))


@st.composite
def cards(draw: st.DrawFn, ages: bool = True, at_least_bands: int = 0) -> Card:
    """A card of up to three dimensions. Without `ages` nothing in it depends on the moment."""
    counted = [draw(measures(f"m{n}", ages)) for n in range(draw(st.integers(0, 3)))]
    moving = [m.name for m in counted if m.statistic.startswith("days_since")]
    still = [_named(m) for m in counted if m.name not in moving]
    condition = conditions((*FIELDS, *still), moving, ages)
    numbering = iter(range(1000))

    def adjustments() -> tuple[Adjustment, ...]:
        percents = draw(st.lists(st.sampled_from(PERCENTS), max_size=2))
        return tuple(Adjustment(f"a-{next(numbering)}", draw(condition), p) for p in percents)

    def criterion() -> Criterion:
        name = f"c{draw(st.sampled_from('-_'))}{next(numbering)}"
        if draw(st.booleans()):
            return draw(state_criteria(name, condition))
        return draw(occurrence_criteria(name, condition, ages))

    dimensions = tuple(
        Dimension(
            f"dim-{n}",
            tuple(criterion() for _ in range(draw(st.integers(1, 3)))),
            adjustments(),
            draw(ranges()),
        )
        for n in range(draw(st.integers(1, 3)))
    )
    letter, figure = draw(axes(dimensions[0].id, "ABCD")), draw(axes(dimensions[-1].id, "1234"))
    return Card(
        "random-card",
        draw(st.integers(1, 9)),
        dimensions,
        about=draw(labels),
        timezone=draw(st.sampled_from(ZONES)),
        fields=FIELDS,
        events=EVENTS,
        measures=tuple(counted),
        adjustments=adjustments(),
        range=draw(ranges()),
        bands=draw(bands(at_least_bands)),
        grade=Grade(letter, figure) if draw(st.booleans()) else None,
    )


def _named(measure: Measure) -> Variable:
    """What a condition sees of a measure: its own name with its value's type."""
    kind = kind_of_measure(BARE, measure)
    return Variable(measure.name, kind.type, measure.name, choices=kind.choices, fold=kind.fold)


def refusals(card: Card) -> list[str]:
    """The codes of the errors of `check`, empty for a card that can be used."""
    return [problem.code for problem in parse(format_card(card)).errors]


def valid_cards(ages: bool = True, at_least_bands: int = 0) -> st.SearchStrategy[Card]:
    """The cards that `check` lets pass."""
    return cards(ages, at_least_bands).filter(lambda card: not refusals(card))
