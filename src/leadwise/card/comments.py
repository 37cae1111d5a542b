"""Comments and empty lines of a YAML file, each with the part of the card that it belongs to."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from ruamel.yaml import YAML

from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, read_source

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#")


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment (with its #) or an empty line (empty text).

    `path` is the part that it belongs to, () for the head of the file, None for its end; `beside`
    says that it stands at the end of that part's line, not before it.
    """

    text: str
    path: Path | None
    beside: bool = False


def remarks_of(text: str) -> list[Remark]:
    """All comments and empty lines of a YAML text, in its order; runs of empty lines are one."""
    source, _ = read_source(text, "")
    if source is None:
        return []
    starts: dict[int, Path] = {}
    _note_starts(source.root, (), 0, starts)
    lines_with_parts = sorted(starts)
    inside = _Inside(text)
    found: list[Remark] = []
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        at = inside.comment(line, offset)
        follows = bisect_right(lines_with_parts, number)
        next_path = starts[lines_with_parts[follows]] if follows < len(lines_with_parts) else None
        if follows == 0:
            next_path = ()  # the head of the file stays its head, whatever key comes first
        if at is not None and line[:at].strip():
            own = bisect_right(lines_with_parts, number) - 1
            path = starts[lines_with_parts[own]] if own >= 0 else next_path
            found.append(Remark(line[at:].rstrip(), path, beside=True))
        elif at is not None:
            found.append(Remark(line[at:].rstrip(), next_path))
        elif not line.strip() and not inside.holds(offset):
            empty = Remark("", next_path)
            if not found or found[-1] != empty:
                found.append(empty)
        offset += len(line) + 1
    return found


def _note_starts(node: Node, path: Path, least: int, starts: dict[int, Path]) -> None:
    """For each line, the outermost part that starts on it. `least`: an alias points further up."""
    if node.line < least:
        return
    match node:
        case Mapping(entries):
            for key, value in entries:
                starts.setdefault(key.line, (*path, key.text))
                _note_starts(value, (*path, key.text), key.line, starts)
        case Sequence(items):
            for i, item in enumerate(items):
                if item.line >= least:
                    starts.setdefault(item.line, (*path, i))
                    _note_starts(item, (*path, i), item.line, starts)
        case Scalar():
            return


class _Inside:
    """Which offsets of a text are inside a scalar, where # is a letter and empty lines count."""

    def __init__(self, text: str):
        self.spans: list[tuple[int, int]] = []
        for event in YAML(typ="safe", pure=True).parse(text):
            if type(event).__name__ == "ScalarEvent":
                start, end = event.start_mark.index, event.end_mark.index
                if event.style in ("|", ">"):  # its first line may end with a comment
                    start = text.find("\n", start) + 1
                self.spans.append((start, end))
        self.starts = [start for start, _ in self.spans]

    def holds(self, offset: int) -> bool:
        at = bisect_right(self.starts, offset) - 1
        return at >= 0 and self.spans[at][0] <= offset < self.spans[at][1]

    def comment(self, line: str, offset: int) -> int | None:
        """The column of the line's comment, from 0."""
        return next(
            (m.start() for m in _COMMENT.finditer(line) if not self.holds(offset + m.start())), None
        )
