"""A long conversation in parts that overlap, so that a model reads all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BREAK = re.compile(r"[.!?…]\s|\n|\s")


@dataclass(frozen=True, slots=True)
class Piece:
    """A turn, or a part of a very long one: its number (from 0) and the text of it."""

    turn: int
    text: str


def windows(texts: Sequence[str], size: int, overlap: int) -> tuple[tuple[Piece, ...], ...]:
    """Parts of about `size` characters; each begins with the last `overlap` pieces of the one
    before. A turn of more than half a window is cut at a sentence or a blank."""
    pieces = [
        Piece(turn, part) for turn, text in enumerate(texts) for part in _cut(text, size // 2)
    ]
    found: list[tuple[Piece, ...]] = []
    start = 0
    while start < len(pieces):
        end, total = start, 0
        while end < len(pieces) and (end == start or total + len(pieces[end].text) <= size):
            total += len(pieces[end].text)
            end += 1
        found.append(tuple(pieces[start:end]))
        if end == len(pieces):
            break
        start = max(end - min(overlap, (end - start) // 2), start + 1)
    return tuple(found)


def _cut(text: str, longest: int) -> Iterator[str]:
    while len(text) > longest:
        breaks = [match.end() for match in _BREAK.finditer(text, longest // 2, longest)]
        ends = [at for at in breaks if text[at - 2 : at - 1] in ".!?…\n"]
        at = (ends or breaks or [longest])[-1]
        yield text[:at]
        text = text[at:]
    if text.strip():
        yield text
