"""Changing one part of a card's text: comments, order and everything else stay as they are.

    edit(text, ("dimensions", 0, "criteria", 2, "points"), Set("15"))

Every edit is checked before it is given back: the text then says what was asked for and nothing
else has changed, and no comment is lost (one that stood inside a part that is gone stands on a line
of its own where the part was). What cannot be done so is refused, with a reason.

Setting a value and setting it back gives the same text, with two exceptions: a text over several
lines is written anew, and double quotes that were not needed go once they were needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from leadwise.card.edit_text import (
    insert_item,
    move_item,
    put_key,
    remove_part,
    rename_key,
    replace_value,
)
from leadwise.card.layout import Layout, layout_of
from leadwise.card.plain import Plain
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, read_source
from leadwise.errors import CardError, UserError


@dataclass(frozen=True, slots=True)
class Set:
    """The value becomes this; a key that is not there yet is added. A text is written as it is
    where that is safe (`12.5` is a number then), else between quotes."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Remove:
    """The key with its value, or the item of a list, goes."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A new item of a list: it gets the index that the path ends with."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Move:
    """The item of a list goes one place up (-1) or down (1)."""

    by: int


@dataclass(frozen=True, slots=True)
class Rename:
    """The key gets another name."""

    key: str


Change: TypeAlias = Set | Remove | Insert | Move | Rename


def edit(text: str, path: Path, change: Change) -> str:
    """The text with one change. UserError (`card-edit`) says why it cannot be done.

    CardError where the text cannot be read at all.
    """
    before = _read(text)
    wanted = _changed(before.tree, path, change)
    try:
        made = _written(before.layout, path, change)
        after = _read(made)
    except (LookupError, ValueError) as error:
        raise _refused(str(error)) from None
    except CardError:
        raise _refused(_MIXED) from None
    if after.tree != wanted or not before.comments <= after.comments:
        raise _refused(_MIXED)
    return made


_MIXED = "this part is written in a way that cannot be changed by itself"


def _written(layout: Layout, path: Path, change: Change) -> str:
    match change:
        case Set(value) if layout.part(path) is None:
            return put_key(layout, path, value)
        case Set(value):
            return replace_value(layout, path, value)
        case Remove():
            return remove_part(layout, path)
        case Insert(value):
            return insert_item(layout, path, value)
        case Move(by):
            return move_item(layout, path, by)
        case Rename(key):
            return rename_key(layout, path, key)


# -- what a text says, as plain data -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """What a text says, where, and its comments."""

    tree: Any
    layout: Layout
    comments: Counter[str]


@lru_cache(maxsize=16)
def source_of(text: str) -> Source:
    """The tree of a card's text. CardError where it cannot be read. Remembered: a form makes
    several edits one after another, and large cards take a while to read."""
    source, problems = read_source(text, "card.yaml")
    if source is None or problems:
        raise CardError(problems)
    return source


@lru_cache(maxsize=16)
def _read(text: str) -> _Read:
    """CardError where it is not YAML."""
    source = source_of(text)
    layout = layout_of(text)
    return _Read(_plain(source.root), layout, Counter(layout.comments(0, len(text))))


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return None if node.is_nothing else node.text
        case Mapping(entries):
            return {key.text: _plain(value) for key, value in entries}
        case Sequence(items):
            return [_plain(item) for item in items]


def _as_read(value: Plain) -> Any:
    """A value as it will be read: scalars are texts."""
    match value:
        case dict():
            return {key: _as_read(each) for key, each in value.items()}
        case list():
            return [_as_read(each) for each in value]
        case None:
            return None
        case _:
            return None if value == "" else str(value)


def _changed(tree: Any, path: Path, change: Change) -> Any:
    """What the text has to say afterwards."""
    if not path:
        raise _refused("the whole card is no part of it")
    step, rest = path[0], path[1:]
    if isinstance(tree, dict) and isinstance(step, str):
        return _changed_mapping(tree, step, rest, change)
    if isinstance(tree, list) and isinstance(step, int):
        return _changed_list(tree, step, rest, change)
    raise _refused(f"there is no '{step}' here")


def _changed_mapping(tree: dict[str, Any], key: str, rest: Path, change: Change) -> Any:
    if rest:
        if key not in tree:
            raise _refused(f"there is no '{key}' here")
        return {**tree, key: _changed(tree[key], rest, change)}
    match change:
        case Set(value):
            return {**tree, key: _as_read(value)}
        case Remove() if key in tree:
            return {name: value for name, value in tree.items() if name != key}
        case Rename(new) if key in tree and new not in tree:
            return {new if name == key else name: value for name, value in tree.items()}
        case Rename(new) if key in tree:
            raise _refused(f"'{new}' is there already")
    raise _refused(f"there is no '{key}' here")


def _changed_list(tree: list[Any], index: int, rest: Path, change: Change) -> Any:
    match change:
        case Insert(value) if not rest and 0 <= index <= len(tree):
            return [*tree[:index], _as_read(value), *tree[index:]]
        case _ if not 0 <= index < len(tree):
            raise _refused(f"there is no item {index + 1} here")
        case _ if rest:
            return [*tree[:index], _changed(tree[index], rest, change), *tree[index + 1 :]]
        case Set(value):
            return [*tree[:index], _as_read(value), *tree[index + 1 :]]
        case Remove():
            return [*tree[:index], *tree[index + 1 :]]
        case Move(by) if abs(by) == 1 and 0 <= index + by < len(tree):
            made = list(tree)
            made[index], made[index + by] = made[index + by], made[index]
            return made
    raise _refused("it cannot be moved further")


def _refused(reason: str) -> UserError:
    return UserError("card-edit", f"This change cannot be made in the forms: {reason}.",
                     hint="Make it in the text.")  # fmt: skip
