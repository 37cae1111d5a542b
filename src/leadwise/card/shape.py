"""Holding a card's tree against its shape, reporting every fault, and keeping what is sound.

A fault must not hide others: what is wrong is cut out of the tree (the smallest part that makes the
rest fit; a missing id or number gets a stand-in) and the rest goes on to be checked. `whole` is then
False, and judgements that need the whole card are left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from leadwise.card.document import CardShape
from leadwise.card.model import ID
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, shorten
from leadwise.errors import Problem

_ROUNDS = 12
_STAND_INS = {"card": "card", "version": "1", "points": "1", "percent": "1", "otherwise": "1"}
_LISTS = ("dimensions", "criteria")


@dataclass(frozen=True, slots=True)
class Sound:
    """What of a card has the right shape. `root` is cut to fit; `lost` are names cut out of it."""

    shape: CardShape
    source: Source
    whole: bool
    lost: frozenset[str]


def fit(source: Source) -> tuple[Sound | None, tuple[Problem, ...]]:
    """The sound part of a card and the faults of its shape."""
    if not isinstance(source.root, Mapping):
        message = f"a card is a mapping of keys and values, this is {source.root.kind}"
        hint = "start with: card: my-card"
        return None, (Problem("wrong-type", message, hint, source.place(())),)
    problems: tuple[Problem, ...] = ()
    root: Mapping = source.root
    for attempt in range(_ROUNDS):
        try:
            shape = CardShape.model_validate(_data(root))
        except ValidationError as error:
            here = Source(source.file, root)
            faults = [_Fault.of(item, root) for item in error.errors(include_url=False)]
            if attempt == 0:
                problems = tuple(problem for f in faults if (problem := f.problem(here)))
            root = _cut(root, faults)
        else:
            kept = Source(source.file, root)
            lost = frozenset(_declared(source.root)) - frozenset(_declared(root))
            return Sound(shape, kept, whole=attempt == 0, lost=lost), problems
    return None, problems


def _data(node: Node) -> Any:
    match node:
        case Mapping(entries):
            return {key.text: _data(value) for key, value in entries}
        case Sequence(items):
            return [_data(item) for item in items]
        case Scalar():
            return node


def _declared(root: Mapping) -> set[str]:
    """Names of fields, measures, events and properties, and ids of dimensions that a tree has."""
    found: set[str] = set()
    for section in ("fields", "measures", "events"):
        part = root.get(section)
        if isinstance(part, Mapping):
            for key, value in part.entries:
                found.add(key.text)
                if section == "events" and isinstance(value, Mapping):
                    found.update(inner.text for inner, _ in value.entries)
    dimensions = root.get("dimensions")
    if isinstance(dimensions, Sequence):
        for item in dimensions.items:
            id = item.get("id") if isinstance(item, Mapping) else None
            found.update([id.text] if isinstance(id, Scalar) else [])
    return found


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error of pydantic, at a path of the tree. `missing` is the key that is not there."""

    kind: str
    path: Path
    missing: str | None
    context: Table[str, Any]

    @classmethod
    def of(cls, error: Any, root: Mapping) -> _Fault:
        """Finds the path: pydantic's location without the names of its union's members."""
        here: Node | None = root
        path: list[str | int] = []
        steps = list(error["loc"])
        missing = str(steps.pop()) if error["type"] == "missing" else None
        for step in steps:
            below: Node | None = None
            if isinstance(here, Mapping) and isinstance(step, str):
                below = here.get(step)
            elif isinstance(here, Sequence) and isinstance(step, int):
                below = here.items[step]
            if below is not None:
                path.append(step)
                here = below
        return cls(str(error["type"]), tuple(path), missing, error.get("ctx", {}))

    def problem(self, source: Source) -> Problem | None:
        where = source.place(self.path)
        if self.kind == "refused":
            if self.context["code"] == "bad-name" and isinstance(source.node(self.path), Mapping):
                where = source.key_place(self.path)
            return Problem(self.context["code"], self.context["message"], self.context["hint"], where)
        if self.kind == "missing":
            key = self.missing or ""
            message = f"{_owner(self.path)} has no '{key}'"
            return Problem("missing-key", message, _EXAMPLES.get(key, f"add {key}:"), where)
        if self.kind == "extra_forbidden":
            return self.unknown_key(source)
        if self.kind == "criterion_form":
            return Problem(
                "criterion-form",
                "this criterion says neither what is true nor what was done",
                "add when: and points:, or tiers:, or on: and points:",
                where,
            )
        found = source.node(self.path).kind
        if self.kind == "too_short":
            return Problem("missing-key", "this list is empty", "add at least one item", where)
        expected = "a list (lines that start with -)" if self.kind == "list_type" else "a mapping"
        hint = "write key: value under it, or { key: value }" if expected == "a mapping" else ""
        return Problem("wrong-type", f"expected {expected}, found {found}", hint, where)

    def unknown_key(self, source: Source) -> Problem:
        key = str(self.path[-1])
        where = source.key_place(self.path)
        around = source.node(self.path[:-1])
        if _is_cut_condition(key, around):
            return Problem(
                "cut-condition",
                f"'{shorten(key)}' is not a key: the condition before it was cut at a comma",
                'inside { } put the whole condition between double quotes: when: "role in (\'a\', \'b\')"',
                where,
            )
        known = _keys(self.path[:-1], around)
        near = difflib.get_close_matches(key, known, 1, 0.7)
        hint = f"did you mean '{near[0]}'?" if near else "the keys here are " + ", ".join(known)
        if key == "<<":
            hint = "cards do not merge mappings: write the values out"
        return Problem("unknown-key", f"{_owner(self.path[:-1])} has no key '{shorten(key)}'", hint, where)


_EXAMPLES = {
    "card": "add an id: card: my-card",
    "version": "add version: 1",
    "dimensions": "add dimensions: with at least one criterion",
    "when": "add a condition: when: country = 'es'",
    "points": "add points: 10",
    "on": "add the event: on: page_viewed, or on: any",
    "type": "add type: number, text, choice, boolean or time",
    "percent": "add percent: -30",
    "of": "add the id of a dimension: of: fit",
    "steps": "add steps: {A: 60, B: 30, C: null}",
}


def _is_cut_condition(key: str, around: Node) -> bool:
    return (
        isinstance(around, Mapping)
        and not re.fullmatch(ID, key)
        and any(around.get(name) is not None for name in ("when", "where"))
        and any(sign in key for sign in "'()<>=")
    )


def _owner(path: Path) -> str:
    """What the mapping at a path is, for a message."""
    match path:
        case ():
            return "the card"
        case ("fields", str(name)):
            return f"field '{name}'"
        case ("measures", str(name)):
            return f"measure '{name}'"
        case ("events", _, str(name)):
            return f"property '{name}'"
        case (*_, "criteria", int()):
            return "this criterion"
        case (*_, "adjustments", int()):
            return "this adjustment"
        case (*_, "tiers", int()):
            return "this tier"
        case ("bands", int()):
            return "this band"
        case ("dimensions", int()):
            return "this dimension"
        case (*_, str(last)):
            return f"'{last}'"
        case _:
            return "this"


def _keys(path: Path, around: Node) -> list[str]:
    """The keys that the mapping at a path may have, in the order of the language."""
    from leadwise.card import document as shapes

    def of(shape: type[shapes.Shape]) -> list[str]:
        return [field.alias or name for name, field in shape.model_fields.items()]

    match path:
        case ():
            return of(shapes.CardShape)
        case ("fields", _) | ("events", _, _):
            return of(shapes.VariableShape)
        case ("measures", _):
            return of(shapes.MeasureShape)
        case ("dimensions", int()):
            return of(shapes.DimensionShape)
        case (*_, "criteria", int()):
            has = {key.text for key, _ in around.entries} if isinstance(around, Mapping) else set()
            if "tiers" in has:
                return of(shapes.TiersShape)
            return of(shapes.OccurrenceShape if "on" in has else shapes.WhenShape)
        case (*_, "adjustments", int()):
            return of(shapes.AdjustmentShape)
        case (*_, "tiers", int()):
            return ["when", "points", "otherwise"]
        case (*_, "limit"):
            return of(shapes.LimitShape)
        case ("bands", int()):
            return of(shapes.BandShape)
        case ("grade",):
            return of(shapes.GradeShape)
        case ("grade", _):
            return of(shapes.AxisShape)
        case _:
            return of(shapes.RangeShape)


def _cut(root: Mapping, faults: list[_Fault]) -> Mapping:
    """The tree without its faulty parts; what is missing gets a stand-in where one can be."""
    removed: set[Path] = set()
    added: dict[Path, list[str]] = {}
    for fault in faults:
        if fault.missing in _STAND_INS or fault.missing in (*_LISTS, "id"):
            added.setdefault(fault.path, []).append(fault.missing or "")
        elif fault.kind == "extra_forbidden" and _is_cut_condition(
            str(fault.path[-1]), Source("", root).node(fault.path[:-1])
        ):
            removed.add(fault.path[:-1])
        else:
            removed.add(fault.path)
    made = _without(root, (), removed, added)
    return made if isinstance(made, Mapping) else replace(root, entries=())


def _without(
    node: Node, path: Path, removed: set[Path], added: dict[Path, list[str]]
) -> Node | None:
    if path in removed and path:
        return None
    match node:
        case Scalar():
            return node
        case Sequence(items):
            kept = (_without(item, (*path, i), removed, added) for i, item in enumerate(items))
            return replace(node, items=tuple(item for item in kept if item is not None))
        case Mapping(entries):
            found = [
                (key, value)
                for key, old in entries
                if (value := _without(old, (*path, key.text), removed, added)) is not None
            ]
            found += [_stand_in(node, key, path) for key in added.get(path, [])]
            return replace(node, entries=tuple(found))


def _stand_in(node: Mapping, key: str, path: Path) -> tuple[Scalar, Node]:
    name = Scalar(key, True, node.line, node.column)
    if key in _LISTS:
        return name, Sequence((), node.line, node.column)
    steps = "-".join(str(step) for step in path)
    text = _STAND_INS.get(key, f"stand-in-{steps}")
    return name, Scalar(text, True, node.line, node.column)
