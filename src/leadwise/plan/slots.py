"""What a card needs to know of a lead's events, in as few physical forms as there are.

A *slot* is one number (or value) per lead, worked out from its events. Criteria and measures that
need the same thing share a slot. Three passes fill them, each for all of its slots at once:

    Total    one grouped pass with conditional aggregates: the cheapest
    Daily    grouped by day first: a limit of times on each day
    Kept     the occurrences that distinct and limits leave, one by one: for ageing ones, and `last`

Of equal forms the cheapest is taken: a limit of times on constant points is a capped count, and a
limit of one a day is a count of different days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import Expression
from leadwise.card.model import Card, Measure, OccurrenceCriterion, Occurrences, ValueType, Variable


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events: their kinds, a condition on their properties, a window in microseconds."""

    kinds: tuple[str, ...]
    where: Expression | None
    within: int | None


TotalKind: TypeAlias = Literal[
    "count", "distinct", "days", "sum", "min", "max", "first", "latest", "weight", "expiry"
]


@dataclass(frozen=True, slots=True)
class Total:
    """`weight` is the sum of what half-life leaves of each; `days` counts different days;
    `expiry` is when the first of the selection leaves its window."""

    kind: TotalKind
    selection: Selection
    property: str | None = None
    half_life: int | None = None


@dataclass(frozen=True, slots=True)
class Daily:
    """The number of occurrences, at most `times` of each day."""

    selection: Selection
    times: int


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


Slot: TypeAlias = Total | Daily | Kept


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
    if per_day and times == 1:
        return Total("days", selection), None
    if per_day and times is not None:
        return Daily(selection, times), None
    if criterion.distinct:
        return Total("distinct", selection, criterion.distinct), times
    return Total("count", selection), times


def weighed(criterion: OccurrenceCriterion, card: Card) -> Slot:
    """The sum of what half-life leaves of the occurrences that count."""
    selection = select(criterion.occurrences, card)
    limit = criterion.limit
    times = limit.times if limit else None
    if criterion.distinct is None and times is None:
        return Total("weight", selection, half_life=criterion.half_life)
    per_day = limit is not None and limit.per_day
    return Kept(selection, criterion.distinct, times, per_day, criterion.half_life)


def measured(measure: Measure, card: Card) -> Slot:
    selection = select(measure.occurrences, card)
    match measure.statistic:
        case "count" | "sum" | "min" | "max" | "distinct" as kind:
            return Total(kind, selection, measure.property)
        case "days_since_first":
            return Total("first", selection)
        case "days_since_last":
            return Total("latest", selection)
        case "last":
            assert measure.property is not None  # checked with the card
            last_type = properties(card)[measure.property].type
            return Kept(selection, last=measure.property, last_type=last_type)


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
