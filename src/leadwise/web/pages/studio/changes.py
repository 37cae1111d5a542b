"""From what a form was sent to edits of the card's text."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values

from leadwise.card.edit import Insert, Move, Remove, Rename, Set, edit, source_of
from leadwise.card.plain import Plain
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source
from leadwise.card.values import format_hundredths, parse_hundredths
from leadwise.errors import UserError
from leadwise.web.pages.studio.fields import Input, Spec, specs
from leadwise.web.pages.studio.parts import fields_of, kind_of
from leadwise.web.pages.texts import Texts


def with_values(text: str, path: Path, sent: Values[str, str], texts: Texts) -> str:
    """The text with what somebody typed into a part's form; what they left as it was stays so."""
    node = _at(source_of(text), path)
    kind = kind_of(path, node)
    if kind is None:
        raise UserError("card-edit", "There is no such part.", hint="Load the page anew.")
    here: Node = node if node is not None else Mapping((), 0, 0)
    was = fields_of(here, kind, texts)
    new = {
        spec: sent[spec.key].strip()
        for spec in specs(kind, texts.say)
        if spec.key in sent and _lines(sent[spec.key]) != was[spec.key].strip()
    }
    if new:
        text = _with(text, path, here, was, new)
    name = sent.get("name", "").strip()
    if path and isinstance(path[-1], str) and kind != "score" and name and name != path[-1]:
        text = edit(text, path, Rename(name))
    return text


def _with(text: str, path: Path, here: Node, was: Values[str, str], new: Values[Spec, str]) -> str:
    if isinstance(here, Scalar) or (isinstance(here, Mapping) and not here.line and path):
        # A type by itself becomes a mapping once more is said; a range may not be there yet.
        own = {"type": here.text} if isinstance(here, Scalar) and here.text else {}
        said = {spec.key: _plain(value, spec.input) for spec, value in new.items() if value}
        if isinstance(here, Scalar) and set(said) == {"type"}:
            return edit(text, path, Set(said["type"]))
        return edit(text, path, Set({**own, **said})) if said else text
    for spec, value in new.items():
        text = _one(text, path, spec, bool(was[spec.key]), value)
    return text


def _one(text: str, path: Path, spec: Spec, there: bool, value: str) -> str:
    """One field of a part: changed, added or taken away."""
    steps = tuple(spec.key.split("."))
    where = (*path, *steps)
    if not value:
        if len(steps) > 1 and len(_keys(text, (*path, steps[0]))) == 1:
            where = where[:-1]
        return edit(text, where, Remove()) if there else text
    said = _plain(value, spec.input)
    if there:
        return edit(text, where, Set(value if isinstance(said, int | float) else said))
    if len(steps) > 1 and not _keys(text, (*path, steps[0])):
        return edit(text, where[:-1], Set({steps[-1]: said}))
    return edit(text, where, Set(said))


def _keys(text: str, path: Path) -> list[str]:
    node = _at(source_of(text), path)
    return [key.text for key, _ in node.entries] if isinstance(node, Mapping) else []


def added(text: str, path: Path, kind: str, sent: Values[str, str]) -> tuple[str, Path]:
    """The text with a new part in the list at `path`, and the part's path."""
    label = sent.get("label", "").strip()
    tree = source_of(text)
    node = _at(tree, path)
    if kind in ("fields", "events", "properties", "measures"):
        name = _slug(sent.get("name", "") or label, "_")
        value = _new_named(kind, sent)
        if isinstance(node, Mapping) and node.entries:
            if node.get(name) is not None:
                raise UserError(
                    "card-edit", f"'{name}' is there already.", hint="Take another name."
                )
            return edit(text, (*path, name), Set(value)), (*path, name)
        return edit(text, path, Set({name: value})), (*path, name)
    ids = set(re.findall(r"\bid:\s*[\"']?([a-z][a-z0-9_-]*)", text))
    item = _new_item(kind, label, _free(_slug(label, "-"), ids), sent)
    if isinstance(node, Sequence) and node.items:
        place = len(node.items)
        if kind == "tier" and _ends_otherwise(node):
            place -= 1  # the last of all stays so
        return edit(text, (*path, place), Insert(item)), (*path, place)
    return edit(text, path, Set([item])), (*path, 0)


def _ends_otherwise(node: Sequence) -> bool:
    last = node.items[-1]
    return isinstance(last, Mapping) and last.get("otherwise") is not None


def _new_named(kind: str, sent: Values[str, str]) -> Plain:
    if kind == "events":
        return {}
    if kind == "measures":
        return {"on": sent.get("on", "").strip() or "any", "count": "all"}
    return sent.get("type", "") or "text"


def _new_item(kind: str, label: str, new_id: str, sent: Values[str, str]) -> dict[str, Plain]:
    """A part as short as it can be; the rest is said in its own form."""
    points = _plain(sent.get("points", "").strip() or "0", "number")
    when = sent.get("when", "").strip()
    named: dict[str, Plain] = {"id": new_id}
    if label and label != new_id:
        named["label"] = label
    if kind == "tier":
        return {"when": when, "points": points} if when else {"otherwise": points}
    if kind == "adjustment":
        return {**named, "when": when, "percent": points}
    if kind == "band":
        return {**named, "from": points}
    if kind == "dimension":
        return {**named, "criteria": []}
    form = sent.get("form", "when")
    if form == "on":
        return {
            **named,
            "on": _plain(sent.get("on", "").strip() or "any", "events"),
            "points": points,
        }
    if form == "tiers":
        return {**named, "tiers": [{"when": when, "points": points}, {"otherwise": 0}]}
    return {**named, "when": when, "points": points}


def moved(text: str, path: Path, by: int) -> tuple[str, Path]:
    """The text with a part one place up (-1) or down (1), and its new path."""
    place = path[-1] if path else None
    if not isinstance(place, int):
        raise UserError("card-edit", "This part has no place of its own.")
    return edit(text, path, Move(by)), (*path[:-1], place + by)


def removed(text: str, path: Path) -> str:
    """The text without a part; its comments stay."""
    return edit(text, path, Remove())


def _at(source: Source, path: Path) -> Node | None:
    here: Node | None = source.root
    for step in path:
        if isinstance(here, Mapping) and isinstance(step, str):
            here = here.get(step)
        elif isinstance(here, Sequence) and isinstance(step, int) and 0 <= step < len(here.items):
            here = here.items[step]
        else:
            return None
    return here


def _plain(value: str, kind: Input) -> Plain:
    if kind == "number":
        try:
            exact = format_hundredths(parse_hundredths(value))
        except ValueError:
            return value  # the checks of the card say what is wrong with it
        return float(exact) if "." in exact else int(exact)
    if kind == "list" or (kind == "events" and "," in value):
        return [each.strip() for each in value.split(",") if each.strip()]
    return _lines(value)


def _lines(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def _slug(label: str, join: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", join, label.lower()).strip(join)
    return plain if plain[:1].isalpha() else f"x{join}{plain}".strip(join)


def _free(wanted: str, taken: set[str]) -> str:
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
