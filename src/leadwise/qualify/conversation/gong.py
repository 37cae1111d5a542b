"""Gong's transcripts: what POST /v2/calls/transcript answers, or one call of it, with the parties
of /v2/calls/extensive beside it where somebody has put both into one file.

The parties' affiliation gives the sides; without them the speakers are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from leadwise.qualify.conversation.draft import Draft, Said, joined, unreadable
from leadwise.qualify.talk import Side

_SIDES: Mapping[str, Side] = {"internal": "seller", "external": "buyer"}
_DEEP = 6
_FAST = 25.0
"""Nobody says as many words a second: such times are milliseconds (Gong's are)."""


def is_gong(found: Mapping[str, Any]) -> bool:
    """Whether JSON has a transcript whose pieces name a `speakerId`."""
    return bool(_transcripts(found))


def read_gong(found: Mapping[str, Any], name: str) -> Draft:
    """The conversation of one call. UserError (`not-a-conversation`) where there are several."""
    calls = _transcripts(found)
    if len(calls) > 1:
        raise unreadable(name, f"holds {len(calls)} calls", "give one call a file")
    pieces = [one for one in calls[0] if isinstance(one, Mapping)]
    parties = {
        str(party[key]): party
        for party in _parties(found, 0)
        for key in ("id", "speakerId", "userId")
        if party.get(key) is not None
    }
    numbers: dict[str, int] = {}
    scale = 0.001 if _is_milliseconds(pieces) else 1.0
    said = joined(tuple(_said(pieces, parties, numbers, scale)))
    about = _about(found, 0)
    started = about.get("started") or about.get("scheduled")
    title = about.get("title")
    return Draft(said, "call", _day(started), title if isinstance(title, str) else None)


def _said(
    pieces: Sequence[Mapping[str, Any]],
    parties: Mapping[str, Mapping[str, Any]],
    numbers: dict[str, int],
    scale: float,
) -> Iterator[Said]:
    for piece in pieces:
        sentences = [one for one in piece.get("sentences") or () if isinstance(one, Mapping)]
        words = " ".join(str(one["text"]) for one in sentences if isinstance(one.get("text"), str))
        who = str(piece.get("speakerId"))
        party = parties.get(who, {})
        start = next((_number(one.get("start")) for one in sentences), None)
        address = party.get("emailAddress")
        yield Said(
            _label(party) or f"Speaker {numbers.setdefault(who, len(numbers) + 1)}",
            words,
            None if start is None else round(start * scale, 3),
            None,
            _SIDES.get(str(party.get("affiliation")).lower()),
            address if isinstance(address, str) else None,
        )


def _label(party: Mapping[str, Any]) -> str:
    name, title = party.get("name"), party.get("title")
    known = name if isinstance(name, str) else party.get("emailAddress")
    if not isinstance(known, str) or not known.strip():
        return ""
    return (
        f"{known.strip()} ({title.strip()})" if isinstance(title, str) and title.strip() else known
    )


def _transcripts(found: Mapping[str, Any]) -> list[list[Any]]:
    """Every transcript in it, in order."""
    candidates = [found]
    for key in ("callTranscripts", "calls"):
        rows = found.get(key)
        if isinstance(rows, list):
            candidates += [one for one in rows if isinstance(one, Mapping)]
    if isinstance(found.get("call"), Mapping):
        candidates.append(found["call"])
    lists = [one.get("transcript") for one in candidates]
    return [
        one
        for one in lists
        if isinstance(one, list) and any(isinstance(p, Mapping) and "speakerId" in p for p in one)
    ]


def _parties(found: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEP:
        return
    if isinstance(found, Mapping):
        rows = found.get("parties")
        if isinstance(rows, list):
            yield from (one for one in rows if isinstance(one, Mapping))
        for key, value in found.items():
            if key not in ("parties", "transcript"):
                yield from _parties(value, depth + 1)
    elif isinstance(found, list):
        for value in found[:50]:
            yield from _parties(value, depth + 1)


def _about(found: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
    """What tells when a call was and what it was called."""
    if "started" in found or "scheduled" in found or depth > _DEEP:
        return found
    rows = found.get("calls")
    inner = [found.get("metaData"), found.get("call"), *(rows if isinstance(rows, list) else ())]
    for one in inner:
        if isinstance(one, Mapping) and (about := _about(one, depth + 1)):
            return about
    return {"title": found["title"]} if "title" in found else {}


def _is_milliseconds(pieces: Sequence[Mapping[str, Any]]) -> bool:
    words, took = 0, 0.0
    for piece in pieces:
        for one in piece.get("sentences") or ():
            if isinstance(one, Mapping) and isinstance(one.get("text"), str):
                start, end = _number(one.get("start")), _number(one.get("end"))
                if start is not None and end is not None and end > start:
                    words, took = words + len(one["text"].split()), took + end - start
    return took > 0 and words / took < 1 / _FAST


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) < _MOST else None
    return None


_MOST = 1e12


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
