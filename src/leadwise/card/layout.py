"""Where the parts of a card stand in its text, to the character: what editing needs.

Offsets count characters from 0. A part's span is its own text: without what follows a value on its
line, and for a block without the comments and empty lines after its last value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML

from leadwise.card.source import Path

_SIGN = re.compile(r"(?:^|(?<=[ \t]))#", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar. `style` is `'`, `"`, `|`, `>` or empty for a plain one."""

    start: int
    end: int
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping (`keys` beside `values`) or a list; `flow`: between { } or [ ]."""

    start: int
    end: int
    flow: bool
    keys: tuple[Value, ...] | None
    values: tuple[Part, ...]

    def at(self, step: str | int) -> int | None:
        """The place of a key or an index among the values; None where there is none."""
        if isinstance(step, int):
            return step if self.keys is None and 0 <= step < len(self.values) else None
        names = [key.text for key in self.keys or ()]
        return names.index(step) if step in names else None


Part: TypeAlias = Value | Block


@dataclass(frozen=True, slots=True)
class Layout:
    """A text that has been read (`read_source` found no fault), and its root."""

    text: str
    root: Part

    @property
    def is_json(self) -> bool:
        """Whether keys and texts stand between double quotes throughout."""
        return self.text.lstrip("\ufeff \t\r\n").startswith("{")

    def part(self, path: Path) -> Part | None:
        """The part at a path."""
        here: Part = self.root
        for step in path:
            found = here.at(step) if isinstance(here, Block) else None
            if found is None or not isinstance(here, Block):
                return None
            here = here.values[found]
        return here

    def line_start(self, offset: int) -> int:
        """Where the line of an offset starts."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends: at its line break, or at the end of the text."""
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found

    def column(self, offset: int) -> int:
        """The column of an offset, from 0."""
        return offset - self.line_start(offset)

    def comments(self, start: int, end: int) -> list[str]:
        """The comments that begin in a span, with their #."""
        scalars = [each for each in _scalars(self.root) if each.start < end and each.end > start]
        found: list[str] = []
        at = start
        while match := _SIGN.search(self.text, at, end):
            at = match.start() + 1
            if not any(_inside(self.text, each, match.start()) for each in scalars):
                at = self.line_end(match.start())
                found.append(self.text[match.start() : at].rstrip())
        return found

    def lead(self, line: int, floor: int) -> int:
        """The first of the comment lines directly above a line, not above `floor`."""
        while line > floor:
            above = self.line_start(line - 1)
            if above < floor or not self.text[above:line].lstrip().startswith("#"):
                return line
            line = above
        return line


def layout_of(text: str) -> Layout:
    """The layout of a text that `read_source` reads without a fault."""
    root = YAML(typ="safe", pure=True).compose(text)
    return Layout(text, _part(root, text))


def _part(node: Any, text: str) -> Part:
    start, end = node.start_mark.index, node.end_mark.index
    kind = type(node).__name__
    if kind == "ScalarNode":
        style = node.style or ""
        if style in ("|", ">"):
            end = start + len(text[start:end].rstrip())
        return Value(start, end, node.value, style)
    if kind == "MappingNode":
        keys = tuple(_key(key, text) for key, _ in node.value)
        values = tuple(
            _value_of(key, _part(value, text), text)
            for key, (_, value) in zip(keys, node.value, strict=True)
        )
        return Block(start, _end(node, keys, values), bool(node.flow_style), keys, values)
    items = tuple(_part(item, text) for item in node.value)
    return Block(start, _end(node, (), items), bool(node.flow_style), None, items)


def _key(node: Any, text: str) -> Value:
    found = _part(node, text)
    assert isinstance(found, Value)  # `read_source` refuses other keys
    return found


def _value_of(key: Value, value: Part, text: str) -> Part:
    """A value that is not there stands behind its colon: the reader puts it where the next part
    begins, which may be lines further down."""
    if isinstance(value, Block) or value.start < value.end:
        return value
    colon = text.find(":", key.end, value.start)
    place = colon + 1 if colon >= 0 else key.end
    return Value(place, place, value.text, value.style)


def _end(node: Any, keys: tuple[Value, ...], values: tuple[Part, ...]) -> int:
    if node.flow_style or not values:
        found: int = node.end_mark.index
        return found
    return max(values[-1].end, *(key.end for key in keys[-1:])) if keys else values[-1].end


def _scalars(part: Part) -> Iterator[Value]:
    if isinstance(part, Value):
        yield part
        return
    yield from part.keys or ()
    for value in part.values:
        yield from _scalars(value)


def _inside(text: str, scalar: Value, offset: int) -> bool:
    """Whether an offset is in a scalar, where # is a letter; a block's first line is not."""
    start = scalar.start
    if scalar.style in ("|", ">"):
        start = text.find("\n", start) + 1 or len(text)
    return start <= offset < scalar.end
