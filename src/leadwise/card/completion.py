"""What may be written at a place of a card: keys of the language, names of the card, values seen.

    complete(text, cursor, seen) -> Completion(start, candidates)

The candidates replace the text from `start` to the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from leadwise.card import document as shapes
from leadwise.card.scalars import write_scalar
from leadwise.card.seen import Seen, SeenName
from leadwise.card.source import Mapping, Node, Scalar, Sequence, read_source
from leadwise.card.spot import ITEM, Spot, spot_at
from leadwise.card.vocabulary import FUNCTIONS

MOST = 40
TYPES = ("number", "text", "choice", "boolean", "time")
DURATIONS = ("7 days", "14 days", "30 days", "60 days", "90 days", "180 days", "365 days")
WORDS = ("and", "or", "not", "in (", "between", "like '", "is null", "is not null")
NAME = re.compile(r"[a-z][a-z0-9_]*")
_COMPARED = re.compile(
    r"([a-z][a-z0-9_]*)\)?\s*(?:=|<>|!=|\b(?:not\s+)?in\s*\([^()]*|\b(?:not\s+)?like)\s*$"
)
"""A name that the literal after this is compared with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text` is written; `kind` is key, field, measure, property, event, value, word, function,
    dimension; `count`: how often it was seen, None where that is not the question."""

    text: str
    kind: str
    detail: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """Candidates for the text from `start` (an offset) to the cursor, the likely ones first."""

    start: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the card declares, as far as it can be read: names with their choices."""

    fields: dict[str, tuple[str, tuple[str, ...], str]]  # type, choices, column
    measures: tuple[str, ...]
    events: dict[str, dict[str, tuple[str, tuple[str, ...], str]]]
    dimensions: tuple[str, ...]


def complete(text: str, cursor: int, seen: Seen | None = None) -> Completion:
    """What may be written at the cursor; no candidates where that cannot be told."""
    spot = spot_at(text, cursor)
    if spot is None:
        return Completion(cursor, ())
    kind = _kind(spot.path if spot.slot == "key" else spot.path[:-1])
    offers = _Offers(spot, kind, _declared(text, cursor), seen or Seen())
    start, typed, found = offers.all()
    return Completion(start, tuple(_fitting(found, typed))[:MOST])


def _fitting(found: Iterable[Candidate], typed: str) -> Iterator[Candidate]:
    """Those that begin with what is typed, then those that hold it."""
    wanted = typed.lower().lstrip("'\"")
    unlike: list[Candidate] = []
    for each in dict.fromkeys(found):
        text = each.text.lower().lstrip("'\"")
        if text == wanted:
            continue
        if text.startswith(wanted):
            yield each
        elif len(wanted) > 1 and wanted in text:
            unlike.append(each)
    yield from unlike


# -- where we are --------------------------------------------------------------------------------

_BELOW = {
    ("card", "fields"): "fields", ("fields", "*"): "variable",
    ("card", "events"): "events", ("events", "*"): "properties", ("properties", "*"): "variable",
    ("card", "measures"): "measures", ("measures", "*"): "measure",
    ("card", "dimensions"): "dimensions", ("dimensions", ITEM): "dimension",
    ("dimension", "criteria"): "criteria", ("criteria", ITEM): "criterion",
    ("dimension", "adjustments"): "adjustments", ("card", "adjustments"): "adjustments",
    ("adjustments", ITEM): "adjustment", ("criterion", "tiers"): "tiers", ("tiers", ITEM): "tier",
    ("criterion", "limit"): "limit", ("card", "score"): "range",
    ("card", "bands"): "bands", ("bands", ITEM): "band", ("card", "grade"): "grade",
    ("grade", "letter"): "axis", ("grade", "number"): "axis", ("variable", "choices"): "choices",
    ("variable", "nulls"): "choices", ("criterion", "on"): "events-list",
    ("measure", "on"): "events-list",
}  # fmt: skip
_SHAPES: dict[str, tuple[type[shapes.Shape], ...]] = {
    "card": (shapes.CardShape,), "variable": (shapes.VariableShape,),
    "measure": (shapes.MeasureShape,), "dimension": (shapes.DimensionShape,),
    "criterion": (shapes.WhenShape, shapes.TiersShape, shapes.OccurrenceShape),
    "tier": (shapes.TierShape, shapes.OtherwiseShape), "limit": (shapes.LimitShape,),
    "adjustment": (shapes.AdjustmentShape,), "range": (shapes.RangeShape,),
    "band": (shapes.BandShape,), "grade": (shapes.GradeShape,), "axis": (shapes.AxisShape,),
}  # fmt: skip


def _kind(path: tuple[str, ...]) -> str:
    """What kind of part is at a path; empty where the language has none."""
    kind = "card"
    for step in path:
        kind = _BELOW.get((kind, step), _BELOW.get((kind, "*"), "") if step != ITEM else "")
    return kind


def keys_of(kind: str, beside: Iterable[str]) -> tuple[str, ...]:
    """The keys that a part may still have beside those that it has."""
    there = set(beside)
    options = _SHAPES.get(kind, ())
    if kind == "criterion":
        told: dict[str, type[shapes.Shape]] = {
            "tiers": shapes.TiersShape,
            "on": shapes.OccurrenceShape,
        }
        options = next(((shape,) for key, shape in told.items() if key in there), options)
    found = [field.alias or name for shape in options for name, field in shape.model_fields.items()]
    statistics = set(shapes.STATISTICS) if kind == "measure" else set()
    if kind == "measure" and there & statistics:
        found = [key for key in found if key not in statistics]
    return tuple(dict.fromkeys(key for key in found if key not in there))


# -- what the card declares ----------------------------------------------------------------------


def _declared(text: str, cursor: int) -> _Declared:
    start = text.rfind("\n", 0, cursor) + 1
    end = text.find("\n", cursor)
    # The line that is being typed may break the text, and so may those after it; what a card
    # declares mostly stands before what uses it.
    tries = (text, text[:start] + (text[end:] if end >= 0 else ""), text[:start])
    source = next((found for each in tries if (found := read_source(each, "")[0])), None)
    root = source.root if source is not None else None
    parts = dict(_entries(root))
    dimensions = parts.get("dimensions")
    items = dimensions.items if isinstance(dimensions, Sequence) else ()
    ids = [node.get("id") for node in items if isinstance(node, Mapping)]
    return _Declared(
        {name: _variable(name, node) for name, node in _entries(parts.get("fields"))},
        tuple(name for name, _ in _entries(parts.get("measures"))),
        {
            name: {prop: _variable(prop, each) for prop, each in _entries(node)}
            for name, node in _entries(parts.get("events"))
        },
        tuple(node.text for node in ids if isinstance(node, Scalar)),
    )


def _entries(node: Node | None) -> list[tuple[str, Node]]:
    return [(key.text, value) for key, value in node.entries] if isinstance(node, Mapping) else []


def _variable(name: str, node: Node) -> tuple[str, tuple[str, ...], str]:
    if isinstance(node, Scalar):
        return node.text, (), name
    parts = dict(_entries(node))
    kind, choices, column = parts.get("type"), parts.get("choices"), parts.get("from")
    return (
        kind.text if isinstance(kind, Scalar) else "",
        tuple(each.text for each in choices.items if isinstance(each, Scalar))
        if isinstance(choices, Sequence)
        else (),
        column.text if isinstance(column, Scalar) else name,
    )


# -- what may stand there ------------------------------------------------------------------------


class _Offers:
    """The candidates of one spot."""

    def __init__(self, spot: Spot, kind: str, declared: _Declared, seen: Seen):
        self.spot, self.kind, self.declared, self.seen = spot, kind, declared, seen

    def all(self) -> tuple[int, str, Iterable[Candidate]]:
        """Where the text to be replaced starts, that text, and what may replace it."""
        spot = self.spot
        if spot.slot == "key":
            return spot.start, spot.typed, self.keys()
        if not spot.path:  # a list or a text where a card should be
            return spot.start, spot.typed, ()
        key = spot.path[-1]
        if key in ("when", "where") and self.kind in ("criterion", "tier", "adjustment", "measure"):
            return self.condition(key)
        if key == ITEM:
            self.kind, key = _kind(spot.path[:-2]), spot.path[-2] if len(spot.path) > 1 else ""
        return spot.start, spot.typed, self.values(key)

    def keys(self) -> Iterator[Candidate]:
        own = {"fields": self.seen.facts, "properties": self.seen_properties()}
        if self.kind == "events":
            for event in self.seen.events:
                if event.name not in self.spot.beside and NAME.fullmatch(event.name):
                    yield Candidate(f"{event.name}: {{}}", "event", count=event.count)
        elif self.kind in own:
            for name in own[self.kind]:
                if name.name not in self.spot.beside:
                    yield _declaration(name)
        else:
            for key in keys_of(self.kind, self.spot.beside):
                yield Candidate(f"{key}: ", "key")

    def seen_properties(self) -> tuple[SeenName, ...]:
        name = self.spot.path[-1] if self.spot.path else ""
        return next((event.properties for event in self.seen.events if event.name == name), ())

    def values(self, key: str) -> Iterator[Candidate]:
        fixed = {
            "type": TYPES, "fold": ("case",), "per": ("day",), "count": ("all",),
            "days_since": ("first", "last"), "within": DURATIONS, "half_life": DURATIONS,
            "of": self.declared.dimensions, "timezone": ("UTC", "Europe/Madrid"),
        }  # fmt: skip
        if key == "on":
            for name in self.declared.events:
                yield Candidate(name, "event", count=self.count(name))
            yield Candidate("any", "word")
        elif key in ("distinct", "sum", "min", "max", "last") and self.kind in (
            "criterion", "measure",
        ):  # fmt: skip
            for name, (kind, _, _) in self.properties().items():
                yield Candidate(name, "property", kind)
        elif key == "from" and self.kind == "variable":
            for fact in self.seen.facts:
                yield Candidate(_quoted(fact.name), "field", count=fact.count)
        elif key in ("choices", "nulls"):
            column = self.column()
            yield from (Candidate(_quoted(v), "value", count=n) for v, n in self.frequent(column))
        elif key in fixed:
            yield from (Candidate(each, "word") for each in fixed[key])
        elif self.kind in ("fields", "properties"):
            yield from (Candidate(each, "word") for each in TYPES)

    def column(self) -> str:
        """What the field is read from whose choices are typed."""
        names = [step for step in self.spot.path if step not in (ITEM, "choices", "nulls")]
        name = names[-1] if names else ""
        return self.spot.beside.get("from", self.declared.fields.get(name, ("", (), name))[2])

    def count(self, event: str) -> int | None:
        return next((each.count for each in self.seen.events if each.name == event), None)

    def properties(self) -> dict[str, tuple[str, tuple[str, ...], str]]:
        on = re.findall(r"[a-z][a-z0-9_]*", self.spot.beside.get("on", "any"))
        events = self.declared.events
        return {
            name: variable
            for event in (events if "any" in on else on)
            for name, variable in events.get(event, {}).items()
        }

    def frequent(self, column: str) -> tuple[tuple[str, int], ...]:
        """The values that a fact, or else a property, was seen with."""
        properties = (each for event in self.seen.events for each in event.properties)
        pools = (self.seen.facts, properties)
        return next((n.values for pool in pools for n in pool if n.name == column), ())

    def condition(self, key: str) -> tuple[int, str, Iterable[Candidate]]:
        names = self.properties() if key == "where" else self.declared.fields
        spot, cursor = self.spot, self.spot.start + len(self.spot.typed)
        opened = spot.typed.count("'") % 2 == 1
        before = spot.typed[: spot.typed.rindex("'")] if opened else spot.typed
        compared = _COMPARED.search(before)
        if compared and (opened or before.endswith((" ", "(", "=", ","))):
            typed = spot.typed[len(before) :]
            return cursor - len(typed), typed, self.literals(names, compared[1])
        word = re.search(r"\w*$", spot.typed)
        typed = word.group() if word else ""
        return cursor - len(typed), typed, self.condition_words(key, names)

    def literals(
        self, names: dict[str, tuple[str, tuple[str, ...], str]], name: str
    ) -> Iterator[Candidate]:
        kind, choices, column = names.get(name, ("", (), name))
        counts = dict(self.frequent(column))
        if kind == "boolean":
            yield from (Candidate(each, "value") for each in ("true", "false"))
        for value in choices:
            yield Candidate(_text(value), "value", count=counts.get(value))
        if not choices and kind == "text":
            yield from (Candidate(_text(value), "value", count=n) for value, n in counts.items())

    def condition_words(
        self, key: str, names: dict[str, tuple[str, tuple[str, ...], str]]
    ) -> Iterator[Candidate]:
        part = "property" if key == "where" else "field"
        for name, (kind, _, _) in names.items():
            yield Candidate(name, part, kind)
        if key == "when":
            yield from (Candidate(name, "measure", "number") for name in self.declared.measures)
        yield from (Candidate(each, "word") for each in WORDS)
        for function, form in FUNCTIONS.items():
            if key == "when" or function != "days_since":
                yield Candidate(f"{function}(", "function", form)


def _declaration(name: SeenName) -> Candidate:
    """A field or property as it would be declared, by what was seen of it."""
    plain = re.sub(r"[^a-z0-9_]+", "_", name.name.lower()).strip("_")
    if not NAME.fullmatch(plain):
        plain = f"x_{plain}"
    kind = "number" if name.numbers else "boolean" if _flags(name) else "text"
    source = "" if plain == name.name else f", from: {_quoted(name.name)}"
    found = Candidate(f"{plain}: {{type: {kind}{source}}}", "field", kind, name.count)
    return found if source else replace(found, text=f"{plain}: {kind}")


def _flags(name: SeenName) -> bool:
    return bool(name.values) and {value for value, _ in name.values} <= {"true", "false"}


def _quoted(text: str) -> str:
    return write_scalar(text, flow=True)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
