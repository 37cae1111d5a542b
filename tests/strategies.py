"""Hypothesis strategies for cards that are valid by construction, with every word of the language.

What cannot be excluded by construction is a condition that is never true or a tier that is never
reached: `check` refuses those, but they mean something all the same, so most laws take them too.
"""

from __future__ import annotations

from hypothesis import strategies as st

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
from tests.strategies_conditions import Drawing, Vocabulary, condition

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WINDOWS = (7 * DAY, 36 * HOUR, DAY, 12 * HOUR, 90 * 60 * SECOND, HOUR)
HALF_LIVES = (DAY, 3 * DAY, 36 * HOUR, 12 * HOUR, HOUR, SECOND)
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


def occurrences(d: Drawing, ages: bool) -> Occurrences:
    on = d.of(ON)
    words = Vocabulary(tuple(properties_of(BARE, on).values()), ages=False)
    where = condition(d, words, depth=1) if words.variables and d.seldom() else None
    return Occurrences(on, where, d.of(WINDOWS) if ages and d.seldom() else None)


def measure(d: Drawing, name: str, ages: bool) -> Measure:
    which = occurrences(d, ages)
    properties = list(properties_of(BARE, which.on).values())
    numbers = [p for p in properties if p.type == "number"]
    days: list[Statistic] = ["days_since_last", "days_since_first"] if ages else []
    of_any: list[Statistic] = ["distinct", "last"] if properties else []
    of_number: list[Statistic] = ["sum", "min", "max"] if numbers else []
    statistic = d.of(("count", *days, *of_any, *of_number))
    on_property: str | None = None
    if statistic in of_any:
        on_property = d.of(properties).name
    elif statistic in of_number:
        on_property = d.of(numbers).name
    return Measure(name, which, statistic, on_property, label=d.of(LABELS))


def state_criterion(d: Drawing, name: str, words: Vocabulary) -> StateCriterion:
    tiers = {condition(d, words): d.of(POINTS) for _ in range(d.of((1, 2, 3)))}
    short = len(tiers) == 1 and d.flip()
    return StateCriterion(
        name,
        tuple(Tier(when, points) for when, points in tiers.items()),
        short=short,
        otherwise=None if short else d.of((None, 0, *POINTS)),
        unknown=d.of((None, 0, *POINTS)),
        label=d.of(LABELS),
    )


def occurrence_criterion(
    d: Drawing, name: str, words: Vocabulary, ages: bool
) -> OccurrenceCriterion:
    which = occurrences(d, ages)
    points = d.of(POINTS)
    properties = list(properties_of(BARE, which.on))
    times = d.of((None, 1, 2, 3))
    bound = d.of((None, None, 1, 30, 1000, 3000))
    limit = Limit(
        times,
        per_day=times is not None and d.flip(),
        points=None if bound is None else (bound if points > 0 else -bound),
    )
    return OccurrenceCriterion(
        name,
        which,
        points,
        half_life=d.of(HALF_LIVES) if ages and d.seldom() else None,
        distinct=d.of(properties) if properties and d.seldom() else None,
        limit=None if limit == Limit() else limit,
        when=condition(d, words) if d.seldom() else None,
        label=d.of(LABELS),
    )


def bounds(d: Drawing) -> Range:
    return Range(d.of((None, -3000, -500, 0, 300)), d.of((None, 500, 1500, 4000)))


def rising_bands(d: Drawing, at_least: int) -> tuple[Band, ...]:
    if not at_least and d.flip():
        return ()
    edges = sorted(d.some((500, 0, 1, 1000, 1500, 2500, -1000)))
    rising = [Band(f"b{n}", edge, d.flip()) for n, edge in enumerate(edges, 1)]
    return (Band("b0"), *rising)


def axis(d: Drawing, of: str, signs: str) -> GradeAxis:
    edges = sorted(d.some((500, 0, 1000, -500)), reverse=True)
    return GradeAxis(of, tuple(zip(signs, [*edges, None], strict=False)))


@st.composite
def cards(draw: st.DrawFn, ages: bool = True, at_least_bands: int = 0) -> Card:
    """A card of up to three dimensions. Without `ages` nothing in it depends on the moment."""
    d = Drawing(draw)
    counted = [measure(d, f"m{n}", ages) for n in range(d.of((0, 1, 2, 3)))]
    moving = tuple(m.name for m in counted if m.statistic.startswith("days_since"))
    still = [_named(m) for m in counted if m.name not in moving]
    words = Vocabulary((*FIELDS, *still), moving, ages)
    numbering = iter(range(1000))

    def adjustments() -> tuple[Adjustment, ...]:
        return tuple(
            Adjustment(f"a-{next(numbering)}", condition(d, words), d.of(PERCENTS))
            for _ in range(d.of((0, 0, 1, 2)))
        )

    def criterion() -> Criterion:
        name = f"c{d.of('-_')}{next(numbering)}"
        if d.flip():
            return occurrence_criterion(d, name, words, ages)
        return state_criterion(d, name, words)

    dimensions = tuple(
        Dimension(
            f"dim-{n}",
            tuple(criterion() for _ in range(d.of((1, 2, 3)))),
            adjustments(),
            bounds(d),
        )
        for n in range(d.of((1, 2, 3)))
    )
    letter, figure = axis(d, dimensions[0].id, "ABCD"), axis(d, dimensions[-1].id, "1234")
    return Card(
        "random-card",
        d.of((1, 2, 30)),
        dimensions,
        about=d.of(LABELS),
        timezone=d.of(ZONES),
        fields=FIELDS,
        events=EVENTS,
        measures=tuple(counted),
        adjustments=adjustments(),
        range=bounds(d),
        bands=rising_bands(d, at_least_bands),
        grade=Grade(letter, figure) if d.flip() else None,
    )


def _named(counted: Measure) -> Variable:
    """What a condition sees of a measure: its own name with its value's type."""
    kind = kind_of_measure(BARE, counted)
    return Variable(counted.name, kind.type, counted.name, choices=kind.choices, fold=kind.fold)
