"""Conversations as JSON: our own labelled form, Gong's and Zoom's transcripts, and lists of what
was said with a speaker and a text each, as most tools export them (also one object a line)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast, get_args

from leadwise.qualify.conversation.clock import seconds
from leadwise.qualify.conversation.draft import Draft, Said, broken, joined, unreadable
from leadwise.qualify.conversation.gong import is_gong, read_gong
from leadwise.qualify.talk import Channel, Side

_LISTS = ("turns", "messages", "utterances", "timeline", "sentences", "segments", "transcript",
          "results", "monologues", "entries")  # fmt: skip
_WHO = ("speaker", "speaker_name", "speakerName", "sender", "author", "from", "user_name",
        "username", "name", "user", "participant", "role")  # fmt: skip
_WORDS = ("text", "message", "content", "body", "transcript", "words", "raw_text")
_WHEN = ("at", "start_s", "start", "start_time", "startTime", "ts", "time", "timestamp", "date",
         "created_at", "sent_at", "offset")  # fmt: skip
_EPOCH = 1e8
"""Larger numbers are instants, not seconds from the start of a call."""


def read_json(text: str, name: str) -> tuple[str, Draft] | None:
    """The format and the conversation; None for what is no JSON at all.

    UserError: `broken-transcript` for JSON with a fault, `not-a-conversation` for JSON in which
    nobody says anything.
    """
    start = text.lstrip()
    try:
        found = json.loads(start)
    except (ValueError, RecursionError) as error:
        lines = _json_lines(text, name)
        if lines is not None:
            return "json-lines", _listed({}, lines, name)
        if not _is_meant(start, name):
            return None
        if not isinstance(error, json.JSONDecodeError):
            raise unreadable(name, "is JSON of too many levels or digits", _HINT) from error
        shift = text[: len(text) - len(start)].count("\n")
        raise broken(
            name, f"This is no JSON: {error.msg}.", line=error.lineno + shift, hint=_HINT
        ) from error
    if isinstance(found, Mapping) and is_gong(found):
        return "gong", read_gong(found, name)
    if isinstance(found, list):
        return "json", _listed({}, found, name)
    if not isinstance(found, Mapping):
        if _is_meant(start, name):
            raise unreadable(name, "is JSON in which nobody says anything", _HINT)
        return None
    form = "labelled" if "turns" in found else "zoom" if "timeline" in found else "json"
    rows = next((found[key] for key in _LISTS if isinstance(found.get(key), list)), None)
    if rows is None:
        raise unreadable(name, "is JSON, but holds no list of what was said", _HINT)
    return form, _listed(found, rows, name)


_HINT = 'expected is {"turns": [{"speaker": "Ana", "text": "..."}]}, or Gong\'s or Zoom\'s form'


def _is_meant(start: str, name: str) -> bool:
    """Whether a text was to be JSON: "[00:12] Ana: hello" was not."""
    return name.lower().endswith((".json", ".jsonl")) or start.startswith(('{"', "[{", "{\n"))


def _json_lines(text: str, name: str) -> list[Any] | None:
    lines = [(n, one) for n, one in enumerate(text.split("\n"), 1) if one.strip()]
    if len(lines) < 2 or not lines[0][1].lstrip().startswith("{"):
        return None
    try:
        json.loads(lines[0][1])
    except (ValueError, RecursionError):
        return None
    rows = []
    for number, line in lines:
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise broken(
                name, f"This line is no JSON: {line.strip()[:60]!r}.", line=number
            ) from error
    return rows


def _listed(found: Mapping[str, Any], rows: Sequence[Any], name: str) -> Draft:
    said = tuple(_rows(rows))
    if not said:
        raise unreadable(name, "is JSON in which nobody says anything", _HINT)
    is_chat = any(one.said_on for one in said) and not any(one.start_s for one in said)
    channel = found.get("channel")
    if channel not in get_args(Channel):
        channel = "chat" if is_chat else "call"
    days = [day_of(found.get(key)) for key in ("held_at", "start_time", "date", "started")]
    held_on = next((one for one in [*days, *(one.said_on for one in said)] if one), None)
    return Draft(
        said if "turns" in found else joined(said),
        cast("Channel", channel),
        held_on,
        _text(found.get("title") or found.get("topic")) or None,
        _text(found.get("product")) or None,
        _text(found.get("language")) or None,
    )


def _rows(rows: Sequence[Any]) -> Iterator[Said]:
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        words = next((_text(row[key]) for key in _WORDS if isinstance(row.get(key), str)), "")
        if not words.strip():
            continue
        when = next((row[key] for key in _WHEN if row.get(key) is not None), None)
        side = row.get("side")
        known = cast("Side", side) if side in ("buyer", "seller", "other") else None
        yield Said(_who(row), words, _offset(when), day_of(when), known, _address(row))


def _who(row: Mapping[str, Any]) -> str:
    """The speaker's name, wherever it stands: Zoom has a list of users, Slack a profile."""
    for key in ("user_profile", "users"):
        inner = row.get(key)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, Mapping):
            found = [inner.get(one) for one in ("real_name", "username", "display_name", "name")]
            if name := next((one for one in found if isinstance(one, str) and one), ""):
                return name
    for key in _WHO:
        found_one = row.get(key)
        if isinstance(found_one, Mapping):
            found_one = found_one.get("name") or found_one.get("label") or found_one.get("id")
        if isinstance(found_one, str) and found_one.strip():
            return found_one.strip()
        if isinstance(found_one, int) and not isinstance(found_one, bool):
            return f"Speaker {found_one}"
    return ""


def _address(row: Mapping[str, Any]) -> str | None:
    found = row.get("email") or row.get("address")
    return found if isinstance(found, str) and "@" in found else None


def _offset(when: object) -> float | None:
    """Seconds from the start, where a time is one of those."""
    if isinstance(when, (int, float)) and not isinstance(when, bool):
        return round(float(when), 3) if 0 <= when < _EPOCH else None
    if isinstance(when, str):
        if when.count(":") and "-" not in when and len(when) < 16:
            return seconds(when)
        try:
            number = float(when)
        except ValueError:
            return None
        return round(number, 3) if 0 <= number < _EPOCH else None
    return None


def day_of(when: object) -> date | None:
    """The day of an ISO date or an instant (seconds or milliseconds since 1970); else None."""
    if isinstance(when, str):
        try:
            return date.fromisoformat(when[:10])
        except ValueError:
            pass
        try:
            when = float(when)
        except ValueError:
            return None
    if isinstance(when, (int, float)) and not isinstance(when, bool) and when >= _EPOCH:
        try:
            return datetime.fromtimestamp(when / (1000 if when > _MILLI else 1), UTC).date()
        except (OverflowError, OSError, ValueError):
            return None
    return None


_MILLI = 1e11


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
