"""The cuts of `leadwise.card.edit`: each gives a new text; LookupError and ValueError say why not.

Whether a cut did just what was asked for is checked by `edit`, not here.
"""

from __future__ import annotations

from typing import TypeAlias

from leadwise.card.format import entry_text, flow_text, item_text
from leadwise.card.layout import Block, Layout, Value
from leadwise.card.plain import Plain
from leadwise.card.scalars import quoted, write_scalar
from leadwise.card.source import Path

Single: TypeAlias = str | int | float | None

ORDER = tuple(
    "card version id type label about timezone unit from above nulls choices fold fields events"
    " measures when tiers on where within percent points count distinct sum min max last days_since"
    " half_life times per limit unknown dimensions criteria adjustments score bands grade of"
    " steps letter number".split()
)
"""Where a new key goes: behind those that stand before it here, as people write cards."""


def replace_value(layout: Layout, path: Path, value: Plain) -> str:
    """Another value at the place of one that is there."""
    old, above = layout.part(path), layout.part(path[:-1])
    assert old is not None
    assert isinstance(above, Block)
    simple = isinstance(old, Value) and "\n" not in layout.text[old.start : old.end]
    if not isinstance(value, dict | list) and (
        simple and isinstance(old, Value) and old.style not in ("|", ">") and old.start < old.end
    ):
        return _spliced(layout, old.start, old.end, _restyled(layout, old, value, above.flow))
    if _in_flow(layout, path):
        start = old.start
        written = flow_text(value, as_json=layout.is_json)
        if start == old.end:
            written = f" {written}" if layout.text[start - 1 : start] == ":" else written
        return _with_comments(layout, start, old.end, written)
    step = path[-1]
    if isinstance(step, int):
        start, dash = old.start, _dash(layout, above, step)
        written = item_text(value, layout.column(dash), path)
        return _with_comments(layout, dash, max(old.end, start), written.lstrip())
    key = _key(above, step)
    written = _entry(layout, key, value, path)
    return _with_comments(layout, key.start, max(old.end, _after_colon(layout, key)), written)


def put_key(layout: Layout, path: Path, value: Plain) -> str:
    """A key that is not there yet, with its value."""
    above, step = layout.part(path[:-1]), path[-1]
    if not isinstance(above, Block) or above.keys is None or not isinstance(step, str):
        empty = isinstance(above, Value) and not above.text
        if empty and isinstance(step, str) and path[:-1]:
            return replace_value(layout, path[:-1], {step: value})
        raise LookupError("there is nothing that it could be added to")
    if not above.keys:
        return _filled(layout, path[:-1], {step: value})
    last = _before(above, step)
    if above.flow:
        name = quoted(step) if layout.is_json else write_scalar(step, flow=True)
        said = f"{name}: {flow_text(value, as_json=layout.is_json)}"
        if last is None:
            return _spliced(layout, above.keys[0].start, above.keys[0].start, f"{said}, ")
        end = max(above.values[last].end, above.keys[last].end)
        return _spliced(layout, end, end, f", {said}")
    last = 0 if last is None else last
    end = layout.line_end(_end_of(layout, above, last))
    indent = layout.column(above.keys[0].start)
    lines = entry_text(step, value, indent, path)
    gap = "\n" if len(path) == 1 and isinstance(value, dict | list) else ""
    return _spliced(layout, end, end, f"\n{gap}{lines}")


def insert_item(layout: Layout, path: Path, value: Plain) -> str:
    """A new item of a list, before the one that has its index now."""
    above, index = layout.part(path[:-1]), path[-1]
    assert isinstance(index, int)
    if not isinstance(above, Block) or above.keys is not None:
        raise LookupError("there is no list that it could be added to")
    if not above.values:
        return _filled(layout, path[:-1], [value])
    if above.flow:
        said = flow_text(value, as_json=layout.is_json)
        if index == len(above.values):
            end = above.values[-1].end
            return _spliced(layout, end, end, f", {said}")
        start = above.values[index].start
        return _spliced(layout, start, start, f"{said}, ")
    column = layout.column(above.start)
    lines = item_text(value, column, path)
    if index == 0:
        line = layout.line_start(above.start)
        _require_own_line(layout, above.start)
        line = layout.lead(line, 0)
        return _spliced(layout, line, line, f"{lines}\n")
    end = layout.line_end(above.values[index - 1].end)
    return _spliced(layout, end, end, f"\n{lines}")


def remove_part(layout: Layout, path: Path) -> str:
    """Without a key and its value, or an item of a list."""
    above, step = layout.part(path[:-1]), path[-1]
    place = above.at(step) if isinstance(above, Block) else None
    if not isinstance(above, Block) or place is None:
        raise LookupError("it is not there")
    if len(above.values) == 1:
        if not path[:-1]:
            raise ValueError("a card cannot be empty")
        return replace_value(layout, path[:-1], {} if above.keys is not None else [])
    start, end = _span(layout, above, place)
    if above.flow:
        if place:
            start = _span(layout, above, place - 1)[1]
        else:
            end = _span(layout, above, 1)[0]
        return _with_comments(layout, start, end, "")
    column = layout.column(start)
    first_on_line = not layout.text[layout.line_start(start) : start].strip()
    if not first_on_line:  # behind the dash of an item: the next key takes its place
        following = _span(layout, above, place + 1)[0]
        return _with_comments(layout, start, following, "")
    line, after = layout.line_start(start), layout.line_end(end)
    kept = "".join(f"{' ' * column}{each}\n" for each in layout.comments(line, after))
    after = min(after + 1, len(layout.text))
    if not kept and _blank_before(layout, line) and _blank_at(layout, after):
        line = layout.line_start(line - 1)
    return _spliced(layout, line, after, kept)


def move_item(layout: Layout, path: Path, by: int) -> str:
    """An item of a list and its neighbour, each in the other's place, with the comments above."""
    above, index = layout.part(path[:-1]), path[-1]
    assert isinstance(index, int)
    if not isinstance(above, Block) or above.keys is not None:
        raise LookupError("it is no item of a list")
    one, two = sorted((index, index + by))
    if one < 0 or two >= len(above.values):
        raise ValueError("it cannot be moved further")
    if above.flow:
        first, second = _span(layout, above, one), _span(layout, above, two)
    else:
        first = _lines(layout, above, one, 0)
        second = _lines(layout, above, two, first[1] + 1)
    text = layout.text
    return "".join(
        (text[: first[0]], text[slice(*second)], text[first[1] : second[0]], text[slice(*first)],
         text[second[1] :])
    )  # fmt: skip


def rename_key(layout: Layout, path: Path, name: str) -> str:
    """Another name for a key."""
    above = layout.part(path[:-1])
    if not isinstance(above, Block) or not isinstance(path[-1], str):
        raise LookupError("it is no key")
    key = _key(above, path[-1])
    return _spliced(layout, key.start, key.end, _restyled(layout, key, name, above.flow))


# -- pieces --------------------------------------------------------------------------------------


def _spliced(layout: Layout, start: int, end: int, said: str) -> str:
    return layout.text[:start] + said + layout.text[end:]


def _with_comments(layout: Layout, start: int, end: int, said: str) -> str:
    """A span replaced; the comments in it go on lines of their own above its first line."""
    comments = layout.comments(start, end)
    line = layout.line_start(start)
    indent = " " * (len(layout.text[line:start]) - len(layout.text[line:start].lstrip()))
    above = "".join(f"{indent}{each}\n" for each in comments)
    return layout.text[:line] + above + layout.text[line:start] + said + layout.text[end:]


def _restyled(layout: Layout, old: Value, value: Single, flow: bool) -> str:
    """A scalar with the quotes of the old one, where those were a choice."""
    usual = write_scalar(old.text, flow=flow)
    if not isinstance(value, str) or layout.text[old.start : old.end] == usual:
        return write_scalar(value, flow=flow)
    if old.style == "'" and "\n" not in value and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if old.style == '"':
        return quoted(value)
    return write_scalar(value, flow=flow)


def _entry(layout: Layout, key: Value, value: Plain, path: Path) -> str:
    """`key: value`, its further lines indented, its first line without."""
    return entry_text(key.text, value, layout.column(key.start), path).lstrip(" ")


def _filled(layout: Layout, path: Path, value: Plain) -> str:
    """A mapping or list that was empty ({} or [])."""
    return replace_value(layout, path, value)


def _key(above: Block, step: str) -> Value:
    place = above.at(step)
    if place is None or above.keys is None:
        raise LookupError(f"there is no '{step}' here")
    return above.keys[place]


def _after_colon(layout: Layout, key: Value) -> int:
    return layout.text.index(":", key.end) + 1


def _in_flow(layout: Layout, path: Path) -> bool:
    return any(
        isinstance(part := layout.part(path[:depth]), Block) and part.flow
        for depth in range(len(path))
    )


def _before(above: Block, step: str) -> int | None:
    """The last key that a new one goes behind."""
    assert above.keys is not None
    if step not in ORDER:
        return len(above.keys) - 1
    rank = ORDER.index(step)
    ranks = [ORDER.index(key.text) if key.text in ORDER else -1 for key in above.keys]
    return max((place for place, each in enumerate(ranks) if each < rank), default=None)


def _end_of(layout: Layout, above: Block, place: int) -> int:
    assert above.keys is not None
    return max(above.values[place].end, _after_colon(layout, above.keys[place]))


def _span(layout: Layout, above: Block, place: int) -> tuple[int, int]:
    """From the key, or the dash of a block's item, to the end of the value."""
    if above.keys is not None:
        return above.keys[place].start, _end_of(layout, above, place)
    value = above.values[place]
    return (value.start if above.flow else _dash(layout, above, place)), value.end


def _dash(layout: Layout, above: Block, place: int) -> int:
    """Where the dash of a block's item stands."""
    column = layout.column(above.start)
    line = layout.line_start(above.values[place].start)
    while line >= 0:
        if layout.text[line + column : line + column + 1] == "-" and (
            line + column == above.start or not layout.text[line : line + column].strip()
        ):
            return line + column
        if line == 0:
            break
        line = layout.line_start(line - 1)
    raise ValueError("the dash of the item is not found")


def _lines(layout: Layout, above: Block, place: int, floor: int) -> tuple[int, int]:
    """The whole lines of a block's item, with the comments directly above it."""
    dash, end = _span(layout, above, place)
    _require_own_line(layout, dash)
    return layout.lead(layout.line_start(dash), floor), layout.line_end(end)


def _require_own_line(layout: Layout, offset: int) -> None:
    if layout.text[layout.line_start(offset) : offset].strip():
        raise ValueError("the item does not start on a line of its own")


def _blank_before(layout: Layout, line: int) -> bool:
    return line > 0 and not layout.text[layout.line_start(line - 1) : line].strip()


def _blank_at(layout: Layout, offset: int) -> bool:
    return not layout.text[offset : layout.line_end(offset)].strip()
