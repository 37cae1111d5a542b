"""Writing a card: one canonical form. `parse(format_card(card)).card == card`, always.

Sections are blocks with an empty line before each; what stands in them goes on one line, between
{ }, where that has at most 100 columns. `format_text` does the same to a file and keeps its
comments: one on a line of its own stays before the part that it stood before, one at the end of a
line stays with that line, and where that part is no longer a line of its own, the comment goes
before the line that holds it. Single empty lines inside a section stay. Anchors and aliases are
written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from leadwise.card.comments import Remark, remarks_of
from leadwise.card.model import Card
from leadwise.card.parse import parse
from leadwise.card.plain import Plain, plain_card
from leadwise.card.scalars import json_text, literal_style, write_scalar
from leadwise.card.source import Path
from leadwise.errors import CardError

WIDTH = 100
_ALWAYS_BLOCK = frozenset({"fields", "events", "measures", "dimensions", "bands", "grade"})
_HEAD = ("card", "version", "about", "timezone")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file and the parts that start on it. `spaced`: an empty line goes before."""

    text: str
    paths: tuple[Path, ...] = ()
    spaced: bool = False


def format_card(card: Card) -> str:
    """The canonical YAML of a card."""
    return joined(list(_lines(card)), [])


def format_json(card: Card) -> str:
    """The canonical JSON of a card."""
    return json_text(json.dumps(plain_card(card), indent=2, ensure_ascii=False)) + "\n"


def format_text(text: str, file: str = "card.yaml") -> str:
    """A card's file in canonical form, with its comments; JSON stays JSON. Raises CardError."""
    parsed = parse(text, file)
    if parsed.card is None:
        raise CardError(parsed.problems)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return format_json(parsed.card)
    return joined(list(_lines(parsed.card)), remarks_of(text))


def entry_text(key: str, value: Plain, indent: int, path: Path) -> str:
    """A key and its value as `format_card` would write them at `path`: no last line break."""
    return "\n".join(line.text for line in _entry(key, value, indent, path))


def item_text(value: Plain, indent: int, path: Path) -> str:
    """An item of a list at `path`, with its dash."""
    return "\n".join(line.text for line in _block([value], indent, path[:-1]))


def flow_text(value: Plain, *, as_json: bool = False) -> str:
    """A value on one line, as it stands between { } or [ ]; `as_json`: in JSON's writing."""
    return json.dumps(value, ensure_ascii=False) if as_json else _flow(value)


# -- lines ---------------------------------------------------------------------------------------


def _lines(card: Card) -> Iterator[Line]:
    for key, value in plain_card(card).items():
        lines = list(_entry(key, value, 0, (key,)))
        yield replace(lines[0], spaced=key not in _HEAD)
        yield from lines[1:]


def _entry(key: str, value: Plain, indent: int, path: Path) -> Iterator[Line]:
    """A key and its value, on one line or as a block."""
    start = f"{' ' * indent}{write_scalar(key, flow=True)}:"
    if isinstance(value, str) and (style := literal_style(value)):
        yield Line(f"{start} {style}", (path,))
        for line in value.removesuffix("\n").split("\n"):
            yield Line(f"{' ' * (indent + 2)}{line}" if line else "")
    elif not isinstance(value, (dict, list)):
        yield Line(f"{start} {write_scalar(value, flow=False)}", (path,))
    elif _is_flow(value, path, len(start) + 1):
        yield Line(f"{start} {_flow(value)}", (path,))
    else:
        yield Line(start, (path,))
        yield from _block(value, indent + 2, path)


def _block(value: dict[str, Plain] | list[Plain], indent: int, path: Path) -> Iterator[Line]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(key, inner, indent, (*path, key))
        return
    for i, item in enumerate(value):
        at: Path = (*path, i)
        dash = f"{' ' * indent}- "
        if not isinstance(item, dict) or _is_flow(item, at, len(dash)):
            yield Line(dash + _flow(item), (at,))
            continue
        lines = list(_block(item, indent + 2, at))
        first = lines[0]
        yield Line(dash + first.text.lstrip(), (at, *first.paths))
        yield from lines[1:]


def _is_flow(value: Plain, path: Path, before: int) -> bool:
    """Whether a mapping or list goes on one line."""
    if not value:
        return True
    if len(path) == 1 and (path[0] in _ALWAYS_BLOCK or isinstance(value, list)):
        return False
    if isinstance(value, dict) and ("criteria" in value or "tiers" in value):
        return False
    if path[-1] in ("criteria", "adjustments", "tiers") or _has_lines(value):
        return False
    return before + len(_flow(value)) <= WIDTH


def _has_lines(value: Plain) -> bool:
    if isinstance(value, dict):
        return any(_has_lines(inner) for inner in value.values())
    return isinstance(value, str) and literal_style(value) is not None


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        parts = (f"{write_scalar(key, flow=True)}: {_flow(v)}" for key, v in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return write_scalar(value, flow=True)


# -- comments ------------------------------------------------------------------------------------


def joined(lines: list[Line], remarks: list[Remark]) -> str:
    """The text of the lines, each remark at its place."""
    owners = {path: i for i, line in enumerate(lines) for path in line.paths}
    before: dict[int, list[str]] = {}
    beside: dict[int, str] = {}
    after: list[str] = []
    owners[()] = 0
    for remark in remarks:
        at = _owner(remark, owners)
        if remark.path is None:
            after.append(remark.text)
        elif not remark.text and remark.path not in owners:
            continue  # an empty line before something that is no longer a line
        elif remark.beside and at not in beside and remark.path in owners:
            beside[at] = remark.text
        else:
            before.setdefault(at, []).append(remark.text)
    made: list[str] = []
    for i, line in enumerate(lines):
        above = before.get(i, [])
        indent = " " * (len(line.text) - len(line.text.lstrip()))
        if (line.spaced or (above and above[0] == "")) and made:
            made.append("")
        while above and above[0] == "":
            above = above[1:]
        made += [f"{indent}{text}" if text else "" for text in above]
        made.append(f"{line.text}  {beside[i]}" if i in beside else line.text)
    return "\n".join([*made, *_stripped(after)]) + "\n"


def _owner(remark: Remark, owners: dict[Path, int]) -> int:
    """The line that a remark belongs to: that of its part, or of the nearest part around it."""
    path = remark.path or ()
    while path not in owners:
        path = path[:-1]
    return owners[path]


def _stripped(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts = texts[:-1]
    return texts
