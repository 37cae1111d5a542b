"""What a card needs to know of a lead's events, in as few physical forms as there are.

A *slot* is one number (or value) per lead, worked out from its events. Criteria and measures that
need the same thing share a slot. Four kinds of passes fill them, each for many slots at once:

    Total    one grouped pass with conditional aggregates: the cheapest by far
    Daily    grouped by day first: a limit of times on each day
    Valued   grouped by a property's value first: how many different values, or their weight
    Kept     the occurrences that limits leave, one by one: for ageing ones with a limit of times,
             and the last number or text

Of equal forms the cheapest is taken (docs/decisions has the measurements): a limit of times on
constant points is a capped count, and the last choice or boolean rides on the greatest time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import Expression
from leadwise.card.model import Card, Measure, OccurrenceCriterion, Occurrences, ValueType, Variable

# A time in microseconds with a number below this still fits 64 bits (until the year 2200).
MOST_PACKED = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events: their kinds, a condition on their properties, a window in microseconds."""

    kinds: tuple[str, ...]
    where: Expression | None
    within: int | None


TotalKind: TypeAlias = Literal[
    "count", "sum", "min", "max", "first", "latest", "last", "weight", "expiry"
]


@dataclass(frozen=True, slots=True)
class Total:
    """`weight` is the sum of what half-life leaves of each; `expiry` is when the first of the
    selection leaves its window; `latest` with a property is the latest that has a value of it;
    `last` is the latest value, one of `values` (in rising order, booleans as 0 and 1)."""

    kind: TotalKind
    selection: Selection
    property: str | None = None
    half_life: int | None = None
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Daily:
    """The number of occurrences, at most `times` of each day."""

    selection: Selection
    times: int


@dataclass(frozen=True, slots=True)
class Valued:
    """How many different values of a property, or what half-life leaves of the latest of each."""

    selection: Selection
    property: str
    half_life: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The occurrences left by `distinct` and `times`: their number, with `half_life` their weight,
    with `last` the latest value of that property instead.
    """

    selection: Selection
    distinct: str | None = None
    times: int | None = None
    per_day: bool = False
    half_life: int | None = None
    last: str | None = None
    last_type: ValueType | None = None


Slot: TypeAlias = Total | Daily | Valued | Kept


def select(occurrences: Occurrences, card: Card) -> Selection:
    declared = tuple(event.name for event in card.events)
    wanted = declared if "any" in occurrences.on else occurrences.on
    kinds = tuple(name for name in declared if name in wanted)
    return Selection(kinds, occurrences.where, occurrences.within)


def counted(criterion: OccurrenceCriterion, card: Card) -> tuple[Slot, int | None]:
    """How many occurrences count, and the cap that is still to be put on that number."""
    selection = select(criterion.occurrences, card)
    limit = criterion.limit
    times = limit.times if limit else None
    per_day = limit is not None and limit.per_day
    if per_day and criterion.distinct:
        return Kept(selection, criterion.distinct, times, per_day=True), None
    if per_day and times is not None:
        return Daily(selection, times), None
    if criterion.distinct:
        return Valued(selection, criterion.distinct), times
    return Total("count", selection), times


def weighed(criterion: OccurrenceCriterion, card: Card) -> Slot:
    """The sum of what half-life leaves of the occurrences that count."""
    selection = select(criterion.occurrences, card)
    limit = criterion.limit
    times = limit.times if limit else None
    if times is None and criterion.distinct is None:
        return Total("weight", selection, half_life=criterion.half_life)
    if times is None and criterion.distinct is not None:
        return Valued(selection, criterion.distinct, criterion.half_life)
    per_day = limit is not None and limit.per_day
    return Kept(selection, criterion.distinct, times, per_day, criterion.half_life)


def measured(measure: Measure, card: Card) -> Slot:
    selection = select(measure.occurrences, card)
    match measure.statistic:
        case "count" | "sum" | "min" | "max" as kind:
            return Total(kind, selection, measure.property)
        case "distinct":
            assert measure.property is not None  # checked with the card
            return Valued(selection, measure.property)
        case "days_since_first":
            return Total("first", selection)
        case "days_since_last":
            return Total("latest", selection)
        case "last":
            assert measure.property is not None  # checked with the card
            variable = properties(card)[measure.property]
            values = last_values(variable)
            if values:
                return Total("last", selection, measure.property, values=values)
            return Kept(selection, last=measure.property, last_type=variable.type)


def last_values(variable: Variable) -> tuple[str | int, ...]:
    """All values that a choice or boolean can have, rising; empty for types without such a list."""
    if variable.type == "boolean":
        return (0, 1)
    if variable.type == "choice" and len(variable.choices) <= MOST_PACKED:
        folded = (c.casefold() if variable.fold else c for c in variable.choices)
        return tuple(sorted(set(folded)))
    return ()


def properties(card: Card) -> dict[str, Variable]:
    """Every property that an event of the card declares; one name means one thing in a card."""
    return {variable.name: variable for event in card.events for variable in event.properties}


def amount_slot(criterion: OccurrenceCriterion, card: Card) -> Slot:
    """The slot from which the criterion's points are worked out."""
    return weighed(criterion, card) if criterion.half_life else counted(criterion, card)[0]


def score_slots(card: Card) -> tuple[Slot, ...]:
    """Every slot that the ledger needs, each once, in the order of the card."""
    of_measures = [measured(measure, card) for measure in card.measures]
    of_criteria = [
        amount_slot(criterion, card)
        for criterion in card.criteria
        if isinstance(criterion, OccurrenceCriterion)
    ]
    return tuple(dict.fromkeys([*of_measures, *of_criteria]))
