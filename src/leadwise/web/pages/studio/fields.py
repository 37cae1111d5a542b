"""The fields of each part of a card in the forms: what they are called and how they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Say: TypeAlias = Callable[..., str]
Input: TypeAlias = Literal[
    "line", "text", "number", "condition", "duration", "list", "event", "events", "property",
    "choice", "id",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """A field: its key in the card (`limit.times`: of a mapping in it), label, kind and hint."""

    key: str
    label: str
    input: Input = "line"
    hint: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """What a list is called, what adding to it is called, and what it is for."""

    name: str
    add: str
    about: str


def titles(_: Say) -> dict[str, Title]:
    """By the kind of what the list holds."""
    return {
        "dimension": Title(
            _("Dimensions"),
            _("Add a dimension"),
            _("Groups of criteria, such as fit and interest. Their sums make the score."),
        ),
        "criterion": Title(
            _("Criteria"),
            _("Add a criterion"),
            _("What makes a lead better or worse, and by how many points."),
        ),
        "tier": Title(_("Tiers"), _("Add a tier"), _("The first that is true counts.")),
        "adjustment": Title(
            _("Adjustments"),
            _("Add an adjustment"),
            _("A percentage of all points above, for what changes everything."),
        ),
        "band": Title(
            _("Bands"),
            _("Add a band"),
            _(
                "From which score on a lead is what you call warm or "
                "hot. The first has no threshold, the others rise."
            ),
        ),
        "fields": Title(
            _("Facts of a lead"), _("Add a fact"), _("What conditions may ask of a lead.")
        ),
        "events": Title(
            _("Events"), _("Add an event"), _("What a lead may do, with the properties of each.")
        ),
        "properties": Title(
            _("Properties"), _("Add a property"), _("What is said with the event.")
        ),
        "measures": Title(
            _("Measures"),
            _("Add a measure"),
            _("Numbers made from events, such as visits in two weeks."),
        ),
        "score": Title(_("Limits of the score"), "", _("Nobody gets less or more than this.")),
    }


def specs(kind: str, _: Say) -> tuple[Spec, ...]:
    """The fields of a kind of part, in the order in which they are shown."""
    own = _FIELDS.get(kind)
    return own(_) if own is not None else ()


def _named(_: Say) -> tuple[Spec, ...]:
    return (
        Spec("label", _("Label"), hint=_("As people read it in the reasons of a score.")),
        Spec("id", _("Id"), "id", _("Small letters, digits and -; reports know it by this.")),
    )


def _about(_: Say) -> Spec:
    return Spec("about", _("Why"), "text", _("For whoever reads the card later."))


def _card(_: Say) -> tuple[Spec, ...]:
    return (
        Spec("card", _("Id of the card"), "id"),
        Spec("version", _("Version"), "number"),
        Spec(
            "timezone", _("Time zone"), hint=_("Only limits per day look at it. UTC if not said.")
        ),
        Spec("about", _("What it is for"), "text"),
    )


def _range(_: Say) -> tuple[Spec, ...]:
    return (Spec("min", _("At least"), "number"), Spec("max", _("At most"), "number"))


def _variable(_: Say) -> tuple[Spec, ...]:
    kinds = ("number", "text", "choice", "boolean", "time")
    return (
        Spec("type", _("Type"), "choice", options=kinds),
        Spec("label", _("Label")),
        Spec("choices", _("Choices"), "list", _("For the type choice: divided by commas.")),
        Spec("from", _("Read from"), hint=_("Where it is sent under another name.")),
        Spec("unit", _("Unit")),
        Spec("nulls", _("Means not known"), "list", _("Values such as n/a, divided by commas.")),
        Spec(
            "fold",
            _("Capital letters"),
            "choice",
            _("case: they make no difference."),
            ("", "case"),
        ),
        Spec("about", _("About"), "text"),
    )


def _measure(_: Say) -> tuple[Spec, ...]:
    return (
        Spec("label", _("Label")),
        Spec("on", _("Event"), "events", _("Several are divided by commas; any means all.")),
        Spec("where", _("Only where"), "condition"),
        Spec("within", _("In the last"), "duration", _("Such as 14 days.")),
        Spec("count", _("Count"), "choice", _("all: how often it happened."), ("", "all")),
        Spec("distinct", _("Different values of"), "property"),
        Spec("sum", _("Sum of"), "property"),
        Spec("min", _("Smallest"), "property"),
        Spec("max", _("Largest"), "property"),
        Spec("last", _("Latest value of"), "property"),
        Spec("days_since", _("Days since"), "choice", options=("", "first", "last")),
        Spec("about", _("About"), "text"),
    )  # fmt: skip


def _when(_: Say) -> tuple[Spec, ...]:
    return (
        *_named(_),
        Spec("when", _("If"), "condition", _("Such as: country = 'es' and employees >= 100")),
        Spec("points", _("Points"), "number"),
        Spec("unknown", _("Points if not known"), "number"),
        _about(_),
    )


def _on(_: Say) -> tuple[Spec, ...]:
    return (
        *_named(_),
        Spec("on", _("Event"), "events", _("Several are divided by commas; any means all.")),
        Spec("points", _("Points each time"), "number"),
        Spec("where", _("Only where"), "condition", _("Asked of the event's properties.")),
        Spec("within", _("In the last"), "duration", _("Such as 14 days.")),
        Spec("half_life", _("Loses half its worth in"), "duration", _("Such as 30 days.")),
        Spec("limit.times", _("At most so many times"), "number"),
        Spec("limit.per", _("Times are counted"), "choice", _("day: of each day."), ("", "day")),
        Spec("limit.points", _("At most so many points"), "number"),
        Spec("distinct", _("Once for each value of"), "property"),
        Spec("when", _("Only if the lead"), "condition"),
        _about(_),
    )


def _tiers(_: Say) -> tuple[Spec, ...]:
    return (*_named(_), Spec("unknown", _("Points if not known"), "number"), _about(_))


def _tier(_: Say) -> tuple[Spec, ...]:
    return (Spec("when", _("If"), "condition"), Spec("points", _("Points"), "number"))


def _otherwise(_: Say) -> tuple[Spec, ...]:
    return (Spec("otherwise", _("Points otherwise"), "number"),)


def _adjustment(_: Say) -> tuple[Spec, ...]:
    return (
        *_named(_),
        Spec("when", _("If"), "condition"),
        Spec("percent", _("Percent"), "number", _("-50 takes half of the points away.")),
        _about(_),
    )


def _band(_: Say) -> tuple[Spec, ...]:
    return (
        *_named(_),
        Spec("from", _("From this score on"), "number"),
        Spec("above", _("Or just above"), "number"),
        Spec("about", _("About"), "text"),
    )


def _dimension(_: Say) -> tuple[Spec, ...]:
    return (*_named(_), *_range(_), _about(_))


_FIELDS: dict[str, Callable[[Say], tuple[Spec, ...]]] = {
    "card": _card, "score": _range, "variable": _variable, "measure": _measure, "when": _when,
    "on": _on, "tiers": _tiers, "tier": _tier, "otherwise": _otherwise, "adjustment": _adjustment,
    "band": _band, "dimension": _dimension,
}  # fmt: skip
