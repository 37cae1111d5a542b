"""Subtitles: WebVTT (Zoom, Teams, Meet, YouTube) and SRT, cues of one speaker joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

import srt  # type: ignore[import-untyped]  # ships no types
import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from leadwise.qualify.conversation.clock import RANGE, seconds
from leadwise.qualify.conversation.draft import Draft, Said, broken
from leadwise.qualify.conversation.labels import prefix, speakers

_VOICE = re.compile(r"<v(?:\.[\w.-]{1,80})?[ \t]+(?P<name>[^<>\s][^<>\n]{0,200})>")
_TAG = re.compile(r"</?[a-zA-Z0-9][^<>]*>|<\d[\d:.]*>")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_TIMES = re.compile(rf"\s*{RANGE}")
_PAUSE = 2.0
"""Seconds of silence that part the words of a speaker whom nobody names."""
_Cue = tuple[float, float, str]
"""Start and end in seconds, and the text with its tags."""


def read_vtt(text: str, name: str) -> Draft:
    """A conversation from WebVTT; its header may be missing. UserError (`broken-transcript`) with
    the line of a cue whose times cannot be read."""
    lines = text.split("\n")
    _check_times(lines, name)
    body = _whole_cues(text if text.startswith("WEBVTT") else f"WEBVTT\n\n{text}")
    try:
        found = webvtt.from_string(body).captions
    except (MalformedFileError, MalformedCaptionError, ValueError, IndexError) as error:
        raise broken(name, f"{name} is no WebVTT: {error}.", hint=_HINT) from error
    cues = (
        (seconds(one.start) or 0.0, seconds(one.end) or 0.0, "\n".join(one.lines)) for one in found
    )
    return Draft(_turns(cues))


def read_srt(text: str, name: str) -> Draft:
    """A conversation from SRT. UserError (`broken-transcript`) with the line that fits nowhere."""
    _check_times(text.split("\n"), name)
    try:
        found = list(srt.parse(text.strip("\n") + "\n\n"))
    except srt.SRTParseError as error:
        line = text[: error.expected_start].count("\n") + 1
        raise broken(
            name, f"These words belong to no subtitle: {error.unmatched_content.strip()[:60]!r}.",
            line=line, hint=_HINT,
        ) from error  # fmt: skip
    except (srt.TimestampParseError, ValueError, OverflowError) as error:
        raise broken(name, f"{name} is no SRT: {error}.", hint=_HINT) from error
    cues = ((one.start.total_seconds(), one.end.total_seconds(), one.content) for one in found)
    return Draft(_turns(cues))


_HINT = "a cue is a line such as '00:00:01.000 --> 00:00:04.000' with its words below"


def _check_times(lines: list[str], name: str) -> None:
    for number, line in enumerate(lines, 1):
        if "-->" in line and not _TIMES.match(line):
            shown = line.strip()[:60]
            raise broken(
                name, f"The times of a cue cannot be read: {shown!r}.", line=number, hint=_HINT
            )


def _whole_cues(text: str) -> str:
    """Words after an empty line inside a cue belong to it, though WebVTT would drop them."""
    found: list[str] = []
    for block in re.split(r"\n[ \t]*\n+", text):
        head = block.lstrip("\n").split("\n")[:2]
        apart = not found or any("-->" in line for line in head) or _NO_CUE.match(head[0])
        if apart or len(found) == 1:
            found.append(block)
        else:
            found[-1] += f"\n{block}"
    return "\n\n".join(found) + "\n"


def _turns(cues: Iterable[_Cue]) -> tuple[Said, ...]:
    """Turns from cues: by voice tags, else by "Name: " before the words, else by pauses."""
    parts = [(start, end, *part) for start, end, text in cues for part in _voices(text)]
    known = speakers(found[0] for *_, text in parts if (found := prefix(text)))
    turns: list[Said] = []
    speaker, until = "", 0.0
    for start, end, voice, text in parts:
        found = None if voice else prefix(text)
        if found and found[0] in known:
            voice, text = found[0], text[found[1] :]
        again = text.lstrip().startswith(">>")
        speaker = voice or ("" if again else speaker)
        if not text.strip():
            continue
        last = turns[-1] if turns else None
        paused = not speaker and (again or start - until > _PAUSE)
        until = end
        if last and last.speaker == speaker and not paused:
            turns[-1] = Said(speaker, f"{last.text} {text.strip()}", last.start_s)
        else:
            turns.append(Said(speaker, text.strip(), start))
    return tuple(turns)


def _voices(text: str) -> Iterator[tuple[str, str]]:
    """The voices of a cue with their words; a voice without a name where no tag names it."""
    place, name = 0, ""
    for match in _VOICE.finditer(text):
        if before := _bare(text[place : match.start()]):
            yield name, before
        place, name = match.end(), unescape(match["name"]).strip()
    if rest := _bare(text[place:]):
        yield name, rest
    elif name:
        yield name, ""


def _bare(text: str) -> str:
    """Words without tags, on one line."""
    return " ".join(unescape(_TAG.sub("", text)).split())
