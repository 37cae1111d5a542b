"""What a card is: frozen dataclasses, one for each idea of the language (docs/card-language.md).

Units: points, limits, bands and percents are whole *hundredths* (20 points is 2000, 12.5 percent
is 1250); durations are microseconds. Names follow `NAME`, ids follow `ID`. A card that `parse`
returned has passed `check`; the plan relies on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import Expression

NAME = r"[a-z][a-z0-9_]*"
ID = r"[a-z][a-z0-9_-]*"

ValueType: TypeAlias = Literal["number", "text", "choice", "boolean", "time"]
Statistic: TypeAlias = Literal[
    "count", "distinct", "sum", "min", "max", "last", "days_since_first", "days_since_last"
]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value with a type: a field of a lead or a property of an event.

    `source` is the column it is read from (`from:`), the name itself where the card says nothing;
    `nulls` are further texts that mean "not known"; `fold` asks for case folding at entry.
    """

    name: str
    type: ValueType
    source: str
    label: str | None = None
    about: str | None = None
    unit: str | None = None
    choices: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of thing that a lead does."""

    name: str
    properties: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Which events: kinds (`("any",)` is every declared kind), a condition on them, a window."""

    on: tuple[str, ...]
    where: Expression | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A number (or the last value) made from occurrences."""

    name: str
    occurrences: Occurrences
    statistic: Statistic
    property: str | None = None
    label: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    when: Expression
    points: int


@dataclass(frozen=True, slots=True)
class StateCriterion:
    """Points for what is true of a lead: the first tier that is true wins.

    `short` says that the card wrote `when:` and `points:` (one tier) rather than `tiers:`.
    `otherwise` is None where the card does not say it, and then worth 0.
    """

    id: str
    tiers: tuple[Tier, ...]
    short: bool = False
    otherwise: int | None = None
    unknown: int | None = None
    label: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` occurrences (of each day, if `per_day`), at most `points` in all."""

    times: int | None = None
    per_day: bool = False
    points: int | None = None


@dataclass(frozen=True, slots=True)
class OccurrenceCriterion:
    """Points for each occurrence; `when` is a further condition on the lead."""

    id: str
    occurrences: Occurrences
    points: int
    half_life: int | None = None
    distinct: str | None = None
    limit: Limit | None = None
    when: Expression | None = None
    label: str | None = None
    about: str | None = None


Criterion: TypeAlias = StateCriterion | OccurrenceCriterion


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Adds `percent` (hundredths of a percent) of what stands before it, where `when` is true."""

    id: str
    when: Expression
    percent: int
    label: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    id: str
    criteria: tuple[Criterion, ...]
    adjustments: tuple[Adjustment, ...] = ()
    range: Range = Range()
    label: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """From `threshold` on; `above`: the threshold itself is outside. The first has none."""

    id: str
    threshold: int | None = None
    above: bool = False
    label: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class GradeAxis:
    """Steps fall: (sign, from) pairs, the last with None for everything below."""

    of: str
    steps: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Grade:
    letter: GradeAxis
    number: GradeAxis


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    version: int
    dimensions: tuple[Dimension, ...]
    about: str | None = None
    timezone: str = "UTC"
    fields: tuple[Variable, ...] = ()
    events: tuple[Event, ...] = ()
    measures: tuple[Measure, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    range: Range = Range()
    bands: tuple[Band, ...] = ()
    grade: Grade | None = None

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the card."""
        return tuple(c for d in self.dimensions for c in d.criteria)
