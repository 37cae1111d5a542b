"""Chats as text: lines with a day and a time before the name (WhatsApp and others), and the chat
that Zoom saves of a meeting."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from leadwise.qualify.conversation.draft import Draft, Said
from leadwise.qualify.conversation.labels import may_be_name

_DAY = r"(?P<day>\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
_TIME = (
    r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?(?:[\s\u202f]?[AaPp]\.?\s?[Mm]\.?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?)"
)
_LINE = re.compile(
    rf"^[\u200e\u200f\s]*\[?{_DAY}(?:,|T|,?\s)\s*(?:um |klo |à |at )?{_TIME}\]?"
    r"\s*(?:[-–—|]\s*)?(?P<rest>.*)$",
)
_SPEAKER = re.compile(
    r"^(?:<(?P<nick>[^<>\s][^<>]{0,60})>|(?P<label>[^\s:][^:]{0,119}?)\s?:)(?:\s+|$)"
)
_ZOOM = re.compile(
    r"^\d{1,2}:\d{2}:\d{2}\s+(?:From|Von|De|Lähettäjä)\s+(?P<label>.+?)\s+"
    r"(?:to|an|a|à|vastaanottaja)\s+[^:]+:\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_ENOUGH = 2


def is_chat(text: str) -> bool:
    """Whether lines begin with a day and a time, or as Zoom's do."""
    lines = text.split("\n", 400)[:400]
    dated = sum(bool((m := _LINE.match(one)) and _SPEAKER.match(m["rest"])) for one in lines)
    return dated >= _ENOUGH or sum(bool(_ZOOM.match(one)) for one in lines) >= _ENOUGH


def read_chat(text: str) -> Draft:
    """A conversation from a chat; lines without a name go on with what was said before."""
    lines = text.split("\n")
    days = [match["day"] for one in lines if (match := _LINE.match(one))]
    order = _order(days, text)
    said: list[Said] = []
    for line in lines:
        if match := _ZOOM.match(line):
            said.append(Said(match["label"].strip(), match["rest"]))
        elif match := _LINE.match(line):
            said.append(_said(match["rest"], _date(match["day"], order)))
        elif said:
            last = said[-1]
            said[-1] = Said(last.speaker, f"{last.text}\n{line}", None, last.said_on)
        elif line.strip():
            said.append(Said("", line))
    kept = tuple(Said(o.speaker, o.text.strip(), None, o.said_on) for o in said if o.text.strip())
    known = [one.said_on for one in kept if one.said_on]
    return Draft(kept, "chat", max(known) if known else None)


def _said(rest: str, day: date | None) -> Said:
    """A line's words; those without a name are the program's ("Ana joined")."""
    match = _SPEAKER.match(rest)
    label = (match["nick"] or match["label"]).strip("\u200e\u200f ~\u202a\u202c") if match else ""
    if match and (may_be_name(label) or label.startswith("+")):
        return Said(label, rest[match.end() :], None, day)
    return Said("", rest, None, day)


def _order(days: Iterable[str], text: str) -> str:
    """Whether days are written day-month or month-day: by one that only fits one way, by dots, by
    the clock of twelve hours (American); else the day first, as most of the world writes."""
    pairs = [tuple(map(int, re.split(r"[./-]", one)[:2])) for one in days if one[4:5] != "-"]
    if any(first > _MONTHS for first, _ in pairs):
        return "dm"
    if any(second > _MONTHS for _, second in pairs):
        return "md"
    dotted = any("." in one for one in days)
    return "md" if not dotted and re.search(r"\d[\s\u202f]?[AaPp]\.?[Mm]\b", text) else "dm"


_MONTHS = 12
_CENTURY = 100


def _date(day: str, order: str) -> date | None:
    try:
        if day[4:5] == "-":
            return date.fromisoformat(day)
        first, second, year = map(int, re.split(r"[./-]", day))
        month, number = (second, first) if order == "dm" else (first, second)
        return date(year + 2000 if year < _CENTURY else year, month, number)
    except ValueError:
        return None
