"""A fault of a card's shape: from pydantic's words to ours, with a place and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from leadwise.card import document as shapes
from leadwise.card.model import ID
from leadwise.card.nearest import suggestion
from leadwise.card.source import Mapping, Node, Path, Sequence, Source, shorten
from leadwise.errors import Problem


@dataclass(frozen=True, slots=True)
class Language:
    """How a kind of text file speaks of its parts: cards here, frames elsewhere.

    `owner` names the mapping at a path, `keys` are those that it may have, `examples` say what to
    write for a key that is missing.
    """

    owner: Callable[[Path], str]
    keys: Callable[[Path, Node], list[str]]
    examples: Table[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of pydantic, at a path of the tree. `missing` is the key that is not there."""

    kind: str
    path: Path
    missing: str | None
    context: Table[str, Any]

    @classmethod
    def of(cls, error: Any, root: Mapping) -> Fault:
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

    def problem(self, source: Source, language: Language | None = None) -> Problem:
        """What to tell, with the place in the file. `language` is that of cards if not given."""
        language = language or CARD
        where = source.place(self.path)
        if self.kind == "refused":
            if self.context["code"] == "bad-name" and isinstance(source.node(self.path), Mapping):
                where = source.key_place(self.path)
            return Problem(
                self.context["code"], self.context["message"], self.context["hint"], where
            )
        if self.kind == "missing":
            key = self.missing or ""
            message = f"{language.owner(self.path)} has no '{key}'"
            return Problem("missing-key", message, language.examples.get(key, f"add {key}:"), where)
        if self.kind == "extra_forbidden":
            return self.unknown_key(source, language)
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
        hint = "put - before each item" if self.kind == "list_type" else "write it as key: value"
        return Problem("wrong-type", f"expected {expected}, found {found}", hint, where)

    def unknown_key(self, source: Source, language: Language) -> Problem:
        key = str(self.path[-1])
        where = source.key_place(self.path)
        around = source.node(self.path[:-1])
        if is_cut_condition(key, around):
            return Problem(
                "cut-condition",
                f"'{shorten(key)}' is not a key: the condition before it was cut at a comma",
                "inside { } put all of it between double quotes: when: \"role in ('a', 'b')\"",
                where,
            )
        known = language.keys(self.path[:-1], around)
        hint = suggestion(key, known, "the keys here are " + ", ".join(known))
        if key == "otherwise":
            hint = "otherwise is a tier of its own, the last: - {otherwise: 5}"
        if key == "unknown" and isinstance(around, Mapping) and around.get("on"):
            hint = "what was done is never unknown: unknown: belongs to when: and tiers:"
        if key == "<<":
            hint = "cards do not merge mappings: write the values out"
        return Problem(
            "unknown-key",
            f"{language.owner(self.path[:-1])} has no key '{shorten(key)}'",
            hint,
            where,
        )


_EXAMPLES = {
    "id": "add an id: id: in-spain",
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


def is_cut_condition(key: str, around: Node) -> bool:
    """Whether an unknown key is the rest of a condition that YAML cut at a comma inside { }."""
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


def keys_of(shape: type[shapes.Shape]) -> list[str]:
    """The keys of a mapping, in the order of its shape."""
    return [field.alias or name for name, field in shape.model_fields.items()]


def _keys(path: Path, around: Node) -> list[str]:  # noqa: C901 - one case for each mapping
    """The keys that the mapping at a path may have, in the order of the language."""

    of = keys_of
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
            return ["when", "points"]
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


CARD = Language(_owner, _keys, _EXAMPLES)
