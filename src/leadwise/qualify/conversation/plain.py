"""Text with names: "Ana: words", "[00:12] Ana: words", "Ana  00:12" above the words, and text
without any speaker, a turn for each paragraph.

The exports as text of Zoom, Teams, Google Meet, Otter and Gong are of one of these forms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from leadwise.qualify.conversation.clock import CLOCK, RANGE, STAMP, from_start, seconds
from leadwise.qualify.conversation.draft import Draft, Said
from leadwise.qualify.conversation.labels import (
    looks_like_name,
    may_be_name,
    prefix,
    speakers,
)
from leadwise.qualify.conversation.lines import unwrapped

_STAMPED = re.compile(rf"\s*(?P<at>{STAMP})\s*[-–—|]?\s*(?=\S)")
_LABEL_STAMP = re.compile(
    rf"\s*(?P<label>[^\s:][^:\n]{{0,119}}?)\s*[-–—|,]?\s*(?P<at>{STAMP})\s*:(?=\s|$)[ \t]*"
)
_HEAD = re.compile(
    rf"\s*(?P<label>[^\s:][^:\n]{{0,119}}?)(?P<gap>\s*[-–—|,]\s*|\s+)(?P<at>{STAMP})\s*$"
)
_BOXED = re.compile(rf"\s*\[(?P<label>[^\]\d:][^\]:]*)\]\s*(?P<at>{CLOCK})\s*$")
_ALONE = re.compile(rf"\s*(?P<at>{STAMP})\s*$")
_RANGED = re.compile(rf"\s*(?P<at>{RANGE})\s*$")
_RANGE_NAME = re.compile(rf"^\s*{RANGE}\s*\n(?P<label>[^\n:]+)\n(?=\s*\S)", re.MULTILINE)


_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class _Start:
    """A line that may begin a turn: `rest` is where its words start; `sure` when a time stands by
    the name."""

    line: int
    label: str | None
    at: float | None
    rest: int
    sure: bool


def read_plain(text: str) -> Draft:
    """A conversation from text. Every line stays, in its order; lines above the first speaker are
    a turn of nobody's."""
    lines = text.split("\n")
    starts = _chosen(list(_starts(text, lines)), lines)
    if not any(one.label for one in starts):
        return Draft(_paragraphs(text))
    said = tuple(_said(lines, starts))
    times = from_start([one.start_s for one in said])
    return Draft(tuple(replace(one, start_s=at) for one, at in zip(said, times, strict=True)))


def _starts(text: str, lines: list[str]) -> Iterator[_Start]:
    named = {match["label"].strip() for match in _RANGE_NAME.finditer(text)}
    pending: float | None = None
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if match := _RANGED.match(line) or _ALONE.match(line):
            pending = seconds(re.split(r"-->|→|–|-", match["at"])[0])
            yield _Start(number, None, pending, len(line), sure=False)
            continue
        if pending is not None and line.strip() in named and may_be_name(line.strip()):
            yield _Start(number, line.strip(), pending, len(line), sure=True)
        elif found := _start(number, line):
            yield found if found.at is not None else replace(found, at=pending)
        pending = None


def _start(number: int, line: str) -> _Start | None:
    """The beginning of a turn by one line alone."""
    if match := _BOXED.match(line):
        return _Start(number, match["label"].strip(), seconds(match["at"]), len(line), sure=True)
    match = _LABEL_STAMP.match(line)
    if match and may_be_name(match["label"]):
        return _Start(number, match["label"].strip(), seconds(match["at"]), match.end(), sure=True)
    match = _HEAD.match(line)
    if match and _is_head(match["label"], match["gap"]):
        return _Start(number, match["label"].strip(), seconds(match["at"]), len(line), sure=True)
    if match := _STAMPED.match(line):
        rest = line[match.end() :]
        if found := prefix(rest):
            return _Start(number, found[0], seconds(match["at"]), match.end() + found[1], sure=True)
        if may_be_name(rest) and looks_like_name(rest) and len(rest.split()) > 1:
            return _Start(number, rest.strip(), seconds(match["at"]), len(line), sure=False)
    if found := prefix(line):
        return _Start(number, found[0], None, found[1], sure=False)
    return None


def _is_head(label: str, gap: str) -> bool:
    """Whether a name stands alone with its time: "we start at 10:30" is none."""
    wide = len(gap) > 1 or "\t" in gap
    return may_be_name(label) and (looks_like_name(label) or (wide and len(label.split()) <= 3))


def _chosen(starts: list[_Start], lines: list[str]) -> list[_Start]:
    """Where times stand by names, a name without one is a speaker only if it has one elsewhere."""
    sure = [one for one in starts if one.sure]
    known = speakers(one.label for one in starts if one.label)
    if len(sure) >= 2:
        stamped = {one.label for one in sure}
        return [one for one in starts if one.label is None or one.sure or one.label in stamped]
    if _parted(starts, lines):
        once = Counter(one.label for one in starts)
        known -= {one.label for one in starts if once[one.label] == 1 and _is_inside(one, lines)}
    return [one for one in starts if one.label is None or one.label in known]


def _is_inside(start: _Start, lines: list[str]) -> bool:
    """Whether a line follows another without an empty one between."""
    return start.line > 0 and bool(lines[start.line - 1].strip())


def _parted(starts: list[_Start], lines: list[str]) -> bool:
    """Whether empty lines stand between nearly all turns."""
    named = [one for one in starts if one.label]
    return sum(_is_inside(one, lines) for one in named) * _RARE < len(named)


_RARE = 4


def _said(lines: list[str], starts: list[_Start]) -> Iterator[Said]:
    """The words between one start and the next."""
    first = starts[0].line
    if above := "\n".join(lines[:first]).strip():
        yield Said("", above)
    speaker = ""
    for number, one in enumerate(starts):
        speaker = speaker if one.label is None else one.label
        end = starts[number + 1].line if number + 1 < len(starts) else len(lines)
        words = "\n".join([lines[one.line][one.rest :], *lines[one.line + 1 : end]]).strip()
        if words:
            address = _ADDRESS.search(speaker)
            yield Said(
                speaker,
                unwrapped(words),
                one.at,
                address=address[1].casefold() if address else None,
            )


def _paragraphs(text: str) -> tuple[Said, ...]:
    """A turn for each paragraph; nobody knows whose."""
    parts = re.split(r"\n\s*\n", text)
    return tuple(Said("", unwrapped(one.strip())) for one in parts if one.strip())
