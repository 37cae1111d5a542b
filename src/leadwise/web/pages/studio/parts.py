"""A card's text as parts with fields, for the forms: from its tree, so also while it has errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, shorten
from leadwise.errors import Problem
from leadwise.web.pages.studio.fields import Spec, Title, specs, titles
from leadwise.web.pages.texts import Texts

Kind: TypeAlias = Literal[
    "card", "score", "variable", "event", "measure", "dimension", "when", "on", "tiers", "tier",
    "otherwise", "adjustment", "band",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a part as it is written; empty where it is not said."""

    spec: Spec
    value: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the card with its own form. `worth` is what its line says at the end."""

    path: Path
    kind: Kind
    name: str
    title: str
    worth: str
    fields: tuple[Field, ...]
    problems: tuple[Problem, ...]
    lists: tuple[List, ...] = ()
    movable: bool = False

    @property
    def address(self) -> str:
        """The path, as forms send it."""
        return json.dumps(self.path)

    @property
    def key(self) -> str:
        """The same for ids of elements."""
        return key_of(self.path)

    @property
    def identity(self) -> str:
        """What it is known by wherever it moves: its id or name, of a tier its condition."""
        own = {each.spec.key: each.value for each in self.fields}
        return self.name or own.get("id") or own.get("when") or ""

    def whole(self) -> Iterator[Part]:
        """It and all parts in it."""
        yield self
        for each in self.lists:
            for part in each.parts:
                yield from part.whole()

    @property
    def wrong(self) -> bool:
        """Whether it, or a part in it, has a problem."""
        own = bool(self.problems) or any(each.problems for each in self.fields)
        return own or any(part.wrong for each in self.lists for part in each.parts)


@dataclass(frozen=True, slots=True)
class List:
    """Parts of one kind, to which another can be added."""

    path: Path
    kind: str
    title: Title
    parts: tuple[Part, ...]

    @property
    def address(self) -> str:
        return json.dumps(self.path)

    @property
    def key(self) -> str:
        return key_of(self.path)


def key_of(path: Path) -> str:
    """A path for ids of elements."""
    return "-".join(str(step) for step in path) or "card"


def whole_card(source: Source, problems: tuple[Problem, ...], texts: Texts) -> Part:
    """The card; what it holds is in its lists, down to the tiers."""
    return _Reading(source, problems, texts).card()


def fields_of(node: Node, kind: str, texts: Texts) -> dict[str, str]:
    """The values that a part has now, by the names of its fields."""
    return {spec.key: _written(node, spec.key) for spec in specs(kind, texts.say)}


def kind_of(path: Path, node: Node | None) -> Kind | None:
    """What the part at a path is; None where it is none of the forms'."""
    match path:
        case ():
            return "card"
        case ("score",):
            return "score"
        case ("fields", str()) | ("events", str(), str()):
            return "variable"
        case ("events", str()):
            return "event"
        case ("measures", str()):
            return "measure"
        case ("dimensions", int()):
            return "dimension"
        case ("dimensions", int(), "criteria", int()):
            return _criterion(node)
        case ("dimensions", int(), "criteria", int(), "tiers", int()):
            otherwise = isinstance(node, Mapping) and node.get("otherwise") is not None
            return "otherwise" if otherwise else "tier"
        case ("adjustments", int()) | ("dimensions", int(), "adjustments", int()):
            return "adjustment"
        case ("bands", int()):
            return "band"
    return None


def _criterion(node: Node | None) -> Kind:
    keys = {key.text for key, _ in node.entries} if isinstance(node, Mapping) else set()
    return "tiers" if "tiers" in keys else "on" if "on" in keys else "when"


class _Reading:
    """Reads one card's tree into parts, each problem to the part and field that it stands in."""

    def __init__(self, source: Source, problems: tuple[Problem, ...], texts: Texts):
        self.source, self.problems, self.texts = source, problems, texts
        self.titles = titles(texts.say)

    def card(self) -> Part:
        names = ("fields", "events", "measures")
        lists = (
            self.items(("dimensions",), "dimension"),
            self.items(("adjustments",), "adjustment"),
            self.items(("bands",), "band"),
            *(self.named((each,), each) for each in names),
        )
        score = self.part(("score",)) if self.at(("score",)) else self.part(("score",), empty=True)
        return self.part((), lists=(List(("score",), "", self.titles["score"], (score,)), *lists))

    def at(self, path: Path) -> Node | None:
        here: Node | None = self.source.root
        for step in path:
            if isinstance(here, Mapping) and isinstance(step, str):
                here = here.get(step)
            elif isinstance(here, Sequence) and isinstance(step, int) and step < len(here.items):
                here = here.items[step]
            else:
                return None
        return here

    def items(self, path: Path, kind: str) -> List:
        node = self.at(path)
        items = node.items if isinstance(node, Sequence) else ()
        parts = tuple(self.item((*path, place)) for place in range(len(items)))
        return List(path, kind, self.titles[kind], parts)

    def item(self, path: Path) -> Part:
        kind = kind_of(path, self.at(path))
        lists: tuple[List, ...] = ()
        if kind == "dimension":
            lists = (
                self.items((*path, "criteria"), "criterion"),
                self.items((*path, "adjustments"), "adjustment"),
            )
        elif kind == "tiers":
            lists = (self.items((*path, "tiers"), "tier"),)
        return self.part(path, lists=lists, movable=True)

    def named(self, path: Path, kind: str) -> List:
        node = self.at(path)
        names = [key.text for key, _ in node.entries] if isinstance(node, Mapping) else []
        parts: list[Part] = []
        for name in names:
            below: tuple[List, ...] = ()
            if kind == "events":
                below = (self.named((*path, name), "properties"),)
            parts.append(self.part((*path, name), lists=below))
        return List(path, kind, self.titles[kind], tuple(parts))

    def part(
        self, path: Path, *, lists: tuple[List, ...] = (), movable: bool = False,
        empty: bool = False,
    ) -> Part:  # fmt: skip
        node = Mapping((), 0, 0) if empty else self.at(path) or Mapping((), 0, 0)
        kind = kind_of(path, node)
        assert kind is not None
        own, told = self.own_problems(path, lists) if not empty else ((), {})
        fields = tuple(
            Field(spec, _written(node, spec.key), told.pop(spec.key.split(".")[0], ()))
            for spec in specs(kind, self.texts.say)
        )
        rest = tuple(each for found in told.values() for each in found)
        name = str(path[-1]) if path and isinstance(path[-1], str) and kind != "score" else ""
        return Part(
            path, kind, name, self.title(node, kind, name), self.worth(node, kind), fields,
            (*own, *rest), lists, movable,
        )  # fmt: skip

    def title(self, node: Node, kind: Kind, name: str) -> str:
        """How a part's line begins."""
        _ = self.texts.say
        return _("All others") if kind == "otherwise" else _title(node, name)

    def worth(self, node: Node, kind: Kind) -> str:
        """What a part is worth, as its line says it."""
        key = {
            "when": "points", "tier": "points", "on": "points", "otherwise": "otherwise",
            "adjustment": "percent",
        }.get(kind)  # fmt: skip
        said = _written(node, key) if key else ""
        if said and kind == "adjustment":
            return f"{said} %"
        if said and kind == "on":
            _ = self.texts.say
            return _("%(points)s each", points=said)
        if kind == "band":
            start, above = _written(node, "from"), _written(node, "above")
            return f"≥ {start}" if start else f"> {above}" if above else ""
        return said

    def own_problems(
        self, path: Path, lists: tuple[List, ...]
    ) -> tuple[tuple[Problem, ...], dict[str, tuple[Problem, ...]]]:
        """The problems in this part and in no part of its lists: of itself, and by key."""
        inner = tuple(each.path for each in lists)
        own: list[Problem] = []
        told: dict[str, tuple[Problem, ...]] = {}
        for problem in self.problems:
            where = self.path_of(problem)
            if where[: len(path)] != path or any(where[: len(each)] == each for each in inner):
                continue
            key = where[len(path)] if len(where) > len(path) else None
            if isinstance(key, str) and (path or not isinstance(self.at((key,)), Mapping)):
                told[key] = (*told.get(key, ()), problem)
            elif path:
                own.append(problem)
        return tuple(own), told

    def path_of(self, problem: Problem) -> Path:
        """The part that a problem stands in: the last that starts at or before its place."""
        place = (problem.where.line or 0, problem.where.column or 0)
        best: Path = ()

        def look(node: Node, path: Path) -> None:
            nonlocal best
            if isinstance(node, Mapping):
                for key, value in node.entries:
                    if (key.line, key.column) <= place:
                        best = (*path, key.text)
                        look(value, (*path, key.text))
            elif isinstance(node, Sequence):
                for i, item in enumerate(node.items):
                    if (item.line, item.column) <= place:
                        best = (*path, i)
                        look(item, (*path, i))

        look(self.source.root, ())
        return best


def _title(node: Node, name: str) -> str:
    found = _written(node, "label") or name or _written(node, "id") or _written(node, "when")
    return shorten(found or _written(node, "card"), 90)


def _written(node: Node, key: str) -> str:
    """A value of a part as one line of a form: items of a list are divided by commas."""
    here: Node | None = node
    if isinstance(node, Scalar):
        return node.text if key == "type" else ""
    for step in key.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    if isinstance(here, Sequence):
        return ", ".join(item.text for item in here.items if isinstance(item, Scalar))
    return here.text if isinstance(here, Scalar) and not here.is_nothing else ""
