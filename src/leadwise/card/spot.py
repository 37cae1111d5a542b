"""Where a cursor stands in the text of a card that may be half written: by lines and brackets.

No YAML reader can say it while somebody types, so this looks at indents, dashes, colons and
brackets alone; what it gets wrong costs a suggestion, nothing more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

ITEM = "-"
"""A step of a path for the item of a list."""
_KEY = re.compile(r"\"?([A-Za-z_][\w-]*)\"?\s*:(?:\s+|$)")
_DASH = re.compile(r"-(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Spot:
    """`path` is that of the mapping (a key is typed) or of the value (its last step is the key).

    `typed` is what of it stands before the cursor, from offset `start` on; `beside` are the other
    keys of the same mapping with their one-line values, as far as they stand before it.
    """

    slot: Literal["key", "value"]
    path: tuple[str, ...]
    typed: str
    start: int
    beside: dict[str, str] = field(default_factory=dict)
    flow: bool = False


@dataclass(slots=True)
class _Level:
    column: int
    step: str
    beside: dict[str, str] = field(default_factory=dict)


def spot_at(text: str, cursor: int) -> Spot | None:
    """The spot of a cursor; None inside a comment."""
    before = text[:cursor]
    line_start = before.rfind("\n") + 1
    levels: list[_Level] = [_Level(-1, "")]
    open_flow = ""
    for line in before[:line_start].split("\n")[:-1] if line_start else ():
        if open_flow:
            open_flow = _left_open(f"{open_flow} {line.strip()}")
            continue
        rest = _take(line, levels)
        open_flow = _left_open(rest)
    line = before[line_start:]
    if open_flow:
        return _in_flow(f"{open_flow} {line.lstrip()}", levels, cursor, len(line.lstrip()))
    if re.search(r"(^|\s)#", re.sub(r"'[^']*'|\"[^\"]*\"", "''", line)):
        return None
    rest = _take(line, levels, cursor_line=True)
    if rest.startswith(("{", "[")):
        return _in_flow(rest, levels, cursor, len(rest))
    path = tuple(level.step for level in levels[1:])
    if levels[-1].step != ITEM and _is_value(line):
        parent = levels[-2].beside if len(levels) > 1 else {}
        others = {key: said for key, said in parent.items() if key != levels[-1].step}
        return Spot("value", path, rest, cursor - len(rest), others)
    return Spot("key", path, rest, cursor - len(rest), dict(levels[-1].beside))


def _take(line: str, levels: list[_Level], *, cursor_line: bool = False) -> str:
    """Fit a line into the levels; what stands on it behind dashes and key."""
    column = len(line) - len(line.lstrip(" "))
    rest = line[column:]
    if not cursor_line and (not rest or rest.startswith("#")):
        return ""
    while match := _DASH.match(rest):
        while levels[-1].column > column or (
            levels[-1].column == column and levels[-1].step == ITEM
        ):
            levels.pop()
        levels.append(_Level(column, ITEM))
        column += match.end()
        rest = rest[match.end() :]
    while levels[-1].column >= column:
        levels.pop()
    if match := _KEY.match(rest):
        value = rest[match.end() :]
        levels[-1].beside[match[1]] = value.split(" #")[0].strip()
        levels.append(_Level(column, match[1]))
        return value
    return rest


def _is_value(line: str) -> bool:
    return _KEY.search(line) is not None


def _left_open(rest: str) -> str:
    """A flow mapping or list that goes on on the next line, else nothing."""
    if not rest.startswith(("{", "[")):
        return ""
    depth, quote = 0, ""
    for sign in rest:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
    return rest if depth > 0 else ""


def _in_flow(rest: str, levels: list[_Level], cursor: int, on_line: int) -> Spot | None:  # noqa: C901 - one case for each sign
    """The spot inside { } or [ ]: `rest` is all from the outermost bracket to the cursor."""
    path = [level.step for level in levels[1:]]
    stack: list[tuple[str, list[str], dict[str, str]]] = []
    word, quote, key, beside = "", "", "", dict[str, str]()
    for i, sign in enumerate(rest):
        if quote:
            quote = "" if sign == quote else quote
            word += sign
        elif sign in "'\"":
            quote, word = sign, word + sign
        elif sign in "{[":
            if key:
                path = [*path, key]
            stack.append((sign, list(path), beside))
            if sign == "[":
                path = [*path, ITEM]
            word, key, beside = "", "", {}
        elif sign in "}]" and stack:
            _, path, beside = stack.pop()
            path = path[: max(len(levels) - 1, len(path) - 1)] if stack else path
            word, key = "", ""
        elif sign == "," and not _in_parentheses(word):
            if key:
                beside[key] = word.strip()
            word, key = "", ""
        elif sign == ":" and rest[i + 1 : i + 2] in (" ", "") and not key and _in_mapping(stack):
            key, word = word.strip().strip('"'), ""
        else:
            word += sign
    if not stack:
        return None
    typed = word.lstrip()
    start = cursor - min(len(typed), on_line)
    listed = stack[-1][0] == "["
    if key or listed:
        steps = (*path, key) if key else tuple(path)
        return Spot("value", steps, typed, start, beside if key else stack[-1][2], flow=True)
    return Spot("key", tuple(path), typed, start, beside, flow=True)


def _in_mapping(stack: list[tuple[str, list[str], dict[str, str]]]) -> bool:
    return bool(stack) and stack[-1][0] == "{"


def _in_parentheses(word: str) -> bool:
    return word.count("(") > word.count(")")
