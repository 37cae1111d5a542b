"""Holding a card's tree against its shape, reporting every fault, and keeping what is sound.

A fault must not hide others: what is wrong is cut out of the tree (the smallest part that makes
the rest fit; a missing id or number gets a stand-in) and the rest goes on to be checked. `whole`
is then False, and judgements that need the whole card are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError

from leadwise.card.document import CardShape
from leadwise.card.faults import Fault, is_cut_condition
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, data_of
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


EVERYTHING = "*"
"""Among the names that were cut out: a section could not be read, any name may have been in it."""


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
            shape = CardShape.model_validate(data_of(root))
        except ValidationError as error:
            here = Source(source.file, root)
            faults = [Fault.of(item, root) for item in error.errors(include_url=False)]
            if attempt == 0:
                problems = _told(faults, here)
            root = _cut(root, faults)
        else:
            kept = Source(source.file, root)
            lost = frozenset(_declared(source.root)) - frozenset(_declared(root))
            return Sound(shape, kept, whole=attempt == 0, lost=lost), problems
    return None, problems


def _told(faults: list[Fault], source: Source) -> tuple[Problem, ...]:
    """The problems of the faults; a condition cut in two explains what else is wrong around it."""
    made = [(fault, fault.problem(source)) for fault in faults]
    cut = {fault.path[:-1]: fault for fault, p in reversed(made) if p.code == "cut-condition"}
    return tuple(
        problem
        for fault, problem in made
        if not (other := cut.get(fault.path) or cut.get(fault.path[:-1])) or other is fault
    )


def _declared(root: Mapping) -> set[str]:
    """Names of fields, measures, events and properties, and ids of dimensions that a tree has."""
    found: set[str] = set()
    for section in ("fields", "measures", "events"):
        part = root.get(section)
        if part is not None and not isinstance(part, Mapping):
            found.add(EVERYTHING)
        if isinstance(part, Mapping):
            for key, value in part.entries:
                found.add(key.text)
                if section == "events" and isinstance(value, Mapping):
                    found.update(inner.text for inner, _ in value.entries)
    dimensions = root.get("dimensions")
    if isinstance(dimensions, Sequence):
        for item in dimensions.items:
            name = item.get("id") if isinstance(item, Mapping) else None
            found.update([name.text] if isinstance(name, Scalar) else [])
    return found


def _cut(root: Mapping, faults: list[Fault]) -> Mapping:
    """The tree without its faulty parts; what is missing gets a stand-in where one can be."""
    removed: set[Path] = set()
    added: dict[Path, list[str]] = {}
    for fault in faults:
        if fault.missing in _STAND_INS or fault.missing in (*_LISTS, "id"):
            added.setdefault(fault.path, []).append(fault.missing or "")
        elif fault.kind == "extra_forbidden" and is_cut_condition(
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
