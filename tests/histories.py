"""Hypothesis strategies for what leads are and did: few values, so that they meet; instants at the
edges of windows, days and clock changes; received late, early, not yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from hypothesis import strategies as st

from leadwise.card.model import Event, Variable
from tests.oracle import Facts, Happened, Values
from tests.oracle_conditions import DAY, Value, time_us
from tests.strategies import EVENTS, FIELDS, HOUR, SECOND, WINDOWS
from tests.strategies_conditions import NUMBERS, TEXTS

# A day after the clocks of Madrid went forward (2026-03-29T01:00Z).
NOW = time_us("2026-03-30T12:00:00Z")
BORDERS = tuple(
    time_us(f"2026-03-{day}T{time}Z")
    for day in (28, 29, 30)
    for time in ("00:00:00", "04:00:00", "05:00:00", "13:00:00", "18:15:00", "22:00:00", "23:00:00")
)
CLOCKS = (time_us("2026-03-29T01:00:00Z"), time_us("2026-03-29T00:59:59.999999Z"))
EDGES = (NOW, *(NOW - window for window in WINDOWS), *BORDERS, *CLOCKS)
NEAR = (0, 0, 0, 1, -1, SECOND, -SECOND, SECOND // 2, 7 * 60 * SECOND + 123_457)
LEADS = ("a", "b", "NO")

ever = st.sampled_from(EDGES) | st.integers(1, 200).map(lambda hours: NOW - hours * HOUR)
near = st.sampled_from(NEAR)


@dataclass(frozen=True)
class Lead:
    """What is known of a lead and what it did."""

    id: str
    facts: Facts = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)


@dataclass(frozen=True)
class When:
    """A moment: as of when, with what was known by when."""

    as_of_us: int
    known_by_us: int


def values_of(variable: Variable) -> st.SearchStrategy[Value]:
    """A value as entry leaves it, often none."""
    if variable.type == "number":
        return st.none() | st.sampled_from(NUMBERS)
    if variable.type == "boolean":
        return st.none() | st.booleans()
    if variable.type == "time":
        return st.none() | st.builds(lambda at, by, ahead: at + by + ahead, ever, near, aheads)
    texts = variable.choices if variable.type == "choice" else TEXTS
    return st.none() | st.sampled_from([t.casefold() if variable.fold else t for t in texts])


aheads = st.sampled_from((0, 0, DAY, 2 * DAY))


@cache
def rows_of(variables: tuple[Variable, ...]) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({v.name: values_of(v) for v in variables})


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """No row, or some with known_at of their own, perhaps one that was always known."""
    times = draw(st.lists(st.none() | instants, max_size=3, unique=True))
    return [(time, draw(rows_of(FIELDS))) for time in times]


# Up to a little after the latest moment that is asked.
instants = st.builds(lambda at, by, ahead: at + by + ahead, ever, near, aheads)


@st.composite
def happenings(draw: st.DrawFn, kind: Event) -> Happened:
    at = draw(instants)
    delay = draw(st.sampled_from((0, 0, 0, 0, 1, HOUR, DAY, -DAY, NOW - at, NOW - at + 1)))
    return Happened(kind.name, at, at + delay, draw(rows_of(kind.properties)))


@st.composite
def leads(draw: st.DrawFn) -> list[Lead]:
    """One to three leads. An undeclared kind of event is among what they do."""
    kinds = [*EVENTS, EVENTS[0], EVENTS[0], Event("gossip")]
    event = st.sampled_from(kinds).flatmap(happenings)
    count = draw(st.integers(1, len(LEADS)))
    # Seldom none: most criteria count what was done.
    done = [st.lists(event, min_size=least, max_size=12) for least in (4, 8, 0)]
    return [Lead(name, draw(facts()), draw(done[n])) for n, name in enumerate(LEADS[:count])]


@st.composite
def moments(draw: st.DrawFn) -> When:
    as_of = draw(
        st.builds(lambda at, by: at + by, st.sampled_from((NOW, NOW, NOW + DAY, NOW - DAY)), near)
    )
    known = draw(st.sampled_from((as_of, as_of, as_of + DAY, as_of - DAY, as_of - 1)))
    return When(as_of, known)
