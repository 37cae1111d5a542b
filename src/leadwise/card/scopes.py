"""What a name means: `lead_scope(card)` in a `when`, `event_scope(card, on)` in a `where`.

The plan asks these for the type of a name or an expression; the checker asks for everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import (
    Arithmetic,
    Boolean,
    Call,
    Expression,
    Name,
    Negative,
    Number,
    Text,
)
from leadwise.card.model import Card, Event, Measure, ValueType, Variable

Role: TypeAlias = Literal["field", "measure", "property"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one name stands for.

    `moving`: it changes as time passes (a measure with days_since). `count`: a whole number, 0 or
    more, never NULL. `fold`: its text was case-folded at entry, so fold what is compared with it.
    """

    name: str
    type: ValueType
    role: Role
    choices: tuple[str, ...] = ()
    fold: bool = False
    moving: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may use; `of` says whether it looks at a lead or at an event."""

    of: Literal["lead", "event"]
    names: Mapping[str, Meaning]

    def get(self, name: str) -> Meaning | None:
        return self.names.get(name)


def lead_scope(card: Card) -> Scope:
    """Fields and measures: what `when`, tiers and adjustments read."""
    names = {field.name: _variable(field, "field") for field in card.fields}
    for measure in card.measures:
        names.setdefault(measure.name, _measure(card, measure))
    return Scope("lead", names)


def event_scope(card: Card, on: tuple[str, ...]) -> Scope:
    """The properties of the events named in `on` (`any`: of all): what `where` reads."""
    names: dict[str, Meaning] = {}
    for event in events_of(card, on):
        for prop in event.properties:
            names.setdefault(prop.name, _variable(prop, "property"))
    return Scope("event", names)


def events_of(card: Card, on: tuple[str, ...]) -> tuple[Event, ...]:
    """The declared events that `on` names, in the order of the card."""
    return tuple(event for event in card.events if "any" in on or event.name in on)


def type_of(expression: Expression, scope: Scope) -> ValueType:
    """The type of a checked expression's value; `boolean` for every condition.

    A Text literal is a text, also where it stands beside a time and is read as one. A coalesce has
    the type of its first part that is not a literal; over choices with another literal it is text.
    Raises KeyError for a name that the scope does not have.
    """
    match expression:
        case Number() | Negative() | Arithmetic():
            return "number"
        case Text():
            return "text"
        case Boolean():
            return "boolean"
        case Name(name):
            return scope.names[name].type
        case Call("days_since"):
            return "number"
        case Call("lower"):
            return "text"
        case Call("coalesce", parts):
            return _coalesced(parts, scope)
        case _:
            return "boolean"


def _coalesced(parts: tuple[Expression, ...], scope: Scope) -> ValueType:
    types = [type_of(part, scope) for part in parts if not is_literal(part)]
    if not types:
        return type_of(parts[0], scope)
    if len(set(types)) > 1 or (types[0] == "choice" and any(map(is_literal, parts))):
        return "text" if types[0] in ("text", "choice") else types[0]
    return types[0]


def is_literal(expression: Expression) -> bool:
    """A number (perhaps negative), a text, true or false."""
    match expression:
        case Number() | Text() | Boolean() | Negative(Number()):
            return True
        case _:
            return False


def is_moving(expression: Expression, scope: Scope) -> bool:
    """Whether a value changes by itself as time passes (conditions on it are not values)."""
    match expression:
        case Name(name):
            meaning = scope.get(name)
            return meaning is not None and meaning.moving
        case Call("days_since"):
            return True
        case Call("coalesce", parts):
            return any(is_moving(part, scope) for part in parts)
        case Arithmetic(_, left, right):
            return is_moving(left, scope) or is_moving(right, scope)
        case Negative(item):
            return is_moving(item, scope)
        case _:
            return False


def is_folded(expression: Expression, scope: Scope) -> bool:
    """Whether a text was case-folded at entry: what is compared with it must be folded too."""
    match expression:
        case Name(name):
            meaning = scope.get(name)
            return meaning is not None and meaning.fold
        case Call("coalesce" | "lower", parts):
            return any(is_folded(part, scope) for part in parts)
        case _:
            return False


def _variable(variable: Variable, role: Role) -> Meaning:
    return Meaning(variable.name, variable.type, role, variable.choices, variable.fold)


def _measure(card: Card, measure: Measure) -> Meaning:
    name, statistic = measure.name, measure.statistic
    if statistic == "last" and measure.property:
        prop = event_scope(card, measure.occurrences.on).get(measure.property)
        if prop is not None:
            return Meaning(name, prop.type, "measure", prop.choices, prop.fold)
    return Meaning(
        name,
        "number",
        "measure",
        moving=statistic in ("days_since_first", "days_since_last"),
        count=statistic in ("count", "distinct"),
    )
