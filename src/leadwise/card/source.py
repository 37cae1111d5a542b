"""Reading YAML into a tree that knows where everything stands, within fixed bounds.

Only ruamel.yaml's scanner and parser are used (its events), never its constructors: no tag can make
an object, and size, depth and the number of nodes (aliases expanded) are bounded while reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from leadwise.errors import Place, Problem

LARGEST = 1_000_000
"""A card may have this many characters."""
DEEPEST = 20
"""How deep the mappings and lists of a card may nest (the language needs seven levels)."""
MOST_NODES = 50_000
"""Keys, values and lists of a card, with aliases counted as what they stand for."""

_NUMBER = re.compile(r"[-+]?[0-9][0-9_.eE+-]*")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. `line` and `column` count from 1.

    `starts` maps an offset in `text` to a column where the scalar is on one line: the column of
    offset 0, or 0 where offsets cannot be mapped. `doubled` says that `'` is written twice.
    """

    text: str
    plain: bool
    line: int
    column: int
    starts: int = 0
    doubled: bool = False

    @property
    def is_nothing(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def kind(self) -> str:
        """What a reader would call it."""
        if self.is_nothing:
            return "nothing"
        if self.plain and _NUMBER.fullmatch(self.text):
            return f"the number {self.text}"
        if self.plain and self.text in ("true", "false"):
            return self.text
        return f"the text '{shorten(self.text)}'"

    def column_of(self, offset: int) -> int:
        """The column of a character of the text, or of the scalar's start."""
        if not self.starts:
            return self.column
        extra = self.text.count("'", 0, offset) if self.doubled else 0
        return self.starts + offset + extra


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int

    kind = "a mapping"

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        return next((name for name, _ in self.entries if name.text == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    line: int
    column: int

    kind = "a list"


Node: TypeAlias = Scalar | Mapping | Sequence
Path: TypeAlias = tuple[str | int, ...]


def data_of(node: Node) -> Any:
    """A tree as dicts and lists of `Scalar`, for pydantic."""
    match node:
        case Mapping(entries):
            return {key.text: data_of(value) for key, value in entries}
        case Sequence(items):
            return [data_of(item) for item in items]
        case Scalar():
            return node


def shorten(text: str, most: int = 60) -> str:
    """A text on one line, cut where it is long: for messages."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3] + "..."


@dataclass(frozen=True, slots=True)
class Source:
    """A card's tree and file name: answers where the part at a path stands."""

    file: str
    root: Node

    def node(self, path: Path) -> Node:
        """The node at a path, or the nearest one above it."""
        here = self.root
        for step in path:
            below: Node | None = None
            if isinstance(here, Mapping) and isinstance(step, str):
                below = here.get(step)
            elif isinstance(here, Sequence) and isinstance(step, int):
                below = here.items[step] if step < len(here.items) else None
            if below is None:
                return here
            here = below
        return here

    def place(self, path: Path) -> Place:
        """Where the value at a path starts; a value in block style: where its key stands."""
        node = self.node(path)
        if not isinstance(node, Scalar) or not node.text:
            return self.key_place(path)
        return Place(self.file, node.line, node.column)

    def key_place(self, path: Path) -> Place:
        """Where the key of the value at a path stands (of a list's item: where the item starts)."""
        if path and isinstance(path[-1], str):
            above = self.node(path[:-1])
            key = above.key(path[-1]) if isinstance(above, Mapping) else None
            if key is not None:
                return Place(self.file, key.line, key.column)
        node = self.node(path)
        return Place(self.file, node.line, node.column)

    def inside(self, path: Path, offset: int) -> Place:
        """Where a character of the text at a path stands."""
        node = self.node(path)
        if isinstance(node, Scalar):
            return Place(self.file, node.line, node.column_of(offset))
        return self.place(path)


class _RefusedError(Exception):
    """Stops reading at the first thing that makes the rest unreadable."""

    def __init__(self, code: str, message: str, hint: str, line: int, column: int):
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.line, self.column = line, column


def read_source(
    text: str, file: str, what: str = "card"
) -> tuple[Source | None, tuple[Problem, ...]]:
    """The tree of a YAML (or JSON) text, and what is wrong with it. No tree: unreadable.

    `what` names the kind of file in messages.
    """
    reader = _Reader(text, what)
    try:
        root = reader.read()
    except _RefusedError as refused:
        place = Place(file, refused.line, refused.column)
        return None, (Problem(refused.code, refused.message, refused.hint, place),)
    except MarkedYAMLError as error:
        return None, (_syntax_problem(error, text, file),)
    except YAMLError as error:
        return None, (_character_problem(error, text, file),)
    except (ValueError, RecursionError, IndexError, AssertionError, NotImplementedError) as error:
        # Scanners meet nonsense in ways of their own; whatever they say, the file is not YAML.
        hint = f"the YAML reader said: {shorten(str(error)) or type(error).__name__}"
        return None, (Problem("yaml-syntax", "this is not YAML", hint, Place(file, 1, 1)),)
    repeated = tuple(
        Problem(
            "duplicate-key",
            f"'{shorten(key.text)}' stands twice in this mapping",
            "remove one, or rename it",
            Place(file, key.line, key.column),
        )
        for key in reader.repeated
    )
    return Source(file, root), repeated


class _Reader:
    """Builds nodes from the events of one text."""

    def __init__(self, text: str, what: str):
        self.what = what
        self.text = join_surrogates(text) if len(text) <= LARGEST else text
        self.repeated: list[Scalar] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.count = 0

    def read(self) -> Node:
        if len(self.text) > LARGEST:
            raise _RefusedError(
                "card-too-large",
                f"this file has {len(self.text):,} characters; "
                f"a {self.what} has at most {LARGEST:,}",
                "is this the right file?",
                1,
                1,
            )
        yaml = YAML(typ="safe", pure=True)
        events = yaml.parse(self.text)
        root: Node | None = None
        for event in events:
            name = type(event).__name__
            if name in ("StreamStartEvent", "DocumentEndEvent", "StreamEndEvent"):
                continue
            if name == "DocumentStartEvent":
                if root is not None:
                    raise _at(event, "several-documents",
                              f"a {self.what} is one document, this is more",
                              f"put the second {self.what} into a file of its own")  # fmt: skip
                continue
            root, _, _ = self.node(event, events, 1)
        if root is None or (isinstance(root, Scalar) and root.is_nothing):
            raise _RefusedError(
                "empty-card", f"this file holds no {self.what}",
                f"start with: {self.what}: my-{self.what}", 1, 1,
            )  # fmt: skip
        return root

    def node(self, event: Any, events: Any, depth: int) -> tuple[Node, int, int]:
        """A node, how many nodes it is when expanded, and its height."""
        if depth > DEEPEST:
            raise _at(event, "too-deep", f"this nests deeper than {DEEPEST} levels",
                      f"a {self.what} needs seven levels at most")  # fmt: skip
        kind = type(event).__name__
        if kind == "AliasEvent":
            found = self.anchors.get(event.anchor)
            if found is None:
                message = f"no finished anchor '&{event.anchor}' stands before this"
                raise _at(event, "yaml-syntax", message,
                          "write the value out")  # fmt: skip
            self.grow(event, found[1])
            if depth + found[2] > DEEPEST:
                raise _at(event, "too-deep", f"this nests deeper than {DEEPEST} levels",
                          "write the value out instead of an alias")  # fmt: skip
            return found
        if event.tag is not None and event.tag != "!":
            raise _at(event, "yaml-tag",
                      f"a {self.what} has no YAML tags (words that start with !)",
                      "remove the tag; put a text that starts with ! between quotes")  # fmt: skip
        self.grow(event, 1)
        made: tuple[Node, int, int]
        if kind == "ScalarEvent":
            made = (self.scalar(event), 1, 1)
        elif kind == "SequenceStartEvent":
            made = self.sequence(event, events, depth)
        else:
            made = self.mapping(event, events, depth)
        if event.anchor:
            self.anchors[event.anchor] = made
        return made

    def grow(self, event: Any, by: int) -> None:
        self.count += by
        if self.count > MOST_NODES:
            raise _at(event, "too-many-values",
                      f"this {self.what} has more than {MOST_NODES:,} values, "
                      "aliases counted in full",
                      f"write a smaller {self.what}, without aliases of aliases")  # fmt: skip

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in event.value):
            raise _at(event, "yaml-character", "this text holds a character that no text may hold",
                      "remove the escapes of NUL and of lone surrogates")  # fmt: skip
        plain = bool(event.implicit[0])
        quote = 0 if plain else 1
        raw = self.text[start.index + quote : end.index - quote]
        doubled = event.style == "'" and raw == event.value.replace("'", "''")
        exact = doubled or (event.style in (None, "", '"') and raw == event.value)
        one_line = start.line == end.line
        column = start.column + 1
        return Scalar(
            text=event.value,
            plain=plain,
            line=start.line + 1,
            column=column,
            starts=column + quote if exact and one_line else 0,
            doubled=doubled,
        )

    def sequence(self, event: Any, events: Any, depth: int) -> tuple[Node, int, int]:
        items: list[Node] = []
        size, height = 1, 0
        for inner in events:
            if type(inner).__name__ == "SequenceEndEvent":
                break
            item, item_size, item_height = self.node(inner, events, depth + 1)
            items.append(item)
            size, height = size + item_size, max(height, item_height)
        mark = event.start_mark
        return Sequence(tuple(items), mark.line + 1, mark.column + 1), size, height + 1

    def mapping(self, event: Any, events: Any, depth: int) -> tuple[Node, int, int]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        size, height = 1, 0
        for inner in events:
            if type(inner).__name__ == "MappingEndEvent":
                break
            key, _, _ = self.node(inner, events, depth + 1)
            value, value_size, value_height = self.node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                raise _at(inner, "wrong-type", "a key must be a word, this is " + key.kind,
                          "put texts that start with [ or { between quotes")  # fmt: skip
            if key.text in entries:
                self.repeated.append(key)
            else:
                entries[key.text] = (key, value)
            size, height = size + 1 + value_size, max(height, value_height)
        mark = event.start_mark
        return Mapping(tuple(entries.values()), mark.line + 1, mark.column + 1), size, height + 1


_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


def join_surrogates(text: str) -> str:
    """JSON writes a character beyond U+FFFF as two escapes; YAML knows one of eight digits."""

    def joined(match: re.Match[str]) -> str:
        high, low = int(match[2], 16), int(match[3], 16)
        return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"

    return _PAIR.sub(joined, text) if text.lstrip().startswith("{") else text


def _at(event: Any, code: str, message: str, hint: str) -> _RefusedError:
    mark = event.start_mark
    return _RefusedError(code, message, hint, mark.line + 1, mark.column + 1)


def _syntax_problem(error: MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    said = shorten(str(error.problem or error.context or "not YAML"), 100)
    hint = "check the spaces at the starts of lines, the colons, quotes and brackets here and above"
    if said.startswith("expected <block end>"):
        said = "this line does not stand in line with those above it"
        hint = (
            "give all keys of one mapping the same number of spaces; put - before items of a list"
        )
    if "\t" in shown:
        hint = "YAML is indented with spaces: replace the tab"
    elif said.startswith("expected ',' or") and re.search(r"\b(when|where):", shown):
        hint = "inside { } put a condition with a comma between double quotes: "
        hint += "when: \"role in ('a', 'b')\""
    elif said.startswith("mapping values are not allowed"):
        hint = "a text with ': ' in it must be put between double quotes; or the indent is wrong"
    elif "cannot start any token" in said:
        hint = "put a text that starts with this sign between double quotes"
    return Problem("yaml-syntax", f"this is not YAML: {said}", hint, Place(file, line, column))


def _character_problem(error: YAMLError, text: str, file: str) -> Problem:
    position = getattr(error, "position", 0) or 0
    before = text[:position]
    line = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    shown = f"U+{ord(text[position]):04X}" if position < len(text) else "a character"
    return Problem(
        "yaml-character",
        f"the character {shown} may not stand in a YAML file",
        "remove it, or write it between double quotes as an escape",
        Place(file, line, column),
    )
