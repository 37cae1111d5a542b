"""What a module of one format finds in a file, before anybody knows who is buyer and who seller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from leadwise.errors import Place, UserError
from leadwise.qualify.talk import Channel, Side

FORMATS = (
    "text, WebVTT, SRT, Gong's and Zoom's JSON, mails (.eml, mbox), chats (WhatsApp, Slack, "
    "JSON lines)"
)
"""What can be opened, for messages."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said at a stretch. `speaker` is the label as the file has it, empty where it
    has none; `address` a mail address; `side` only where the file itself tells it."""

    speaker: str
    text: str
    start_s: float | None = None
    said_on: date | None = None
    side: Side | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation as its file tells it; None where it says nothing."""

    said: tuple[Said, ...]
    channel: Channel = "call"
    held_on: date | None = None
    title: str | None = None
    product: str | None = None
    language: str | None = None


def broken(name: str, what: str, *, line: int | None = None, hint: str = "") -> UserError:
    """A file of a known format with a fault in it, at a line (from 1) where that is known."""
    return UserError("broken-transcript", what, where=Place(name, line), hint=hint)


def unreadable(name: str, what: str, hint: str = "") -> UserError:
    """A file that is no conversation at all."""
    return UserError(
        "not-a-conversation",
        f"{name} {what}.",
        where=Place(name),
        hint=hint or f"what can be read is {FORMATS}",
    )


def joined(said: tuple[Said, ...]) -> tuple[Said, ...]:
    """Neighbours of one speaker made one, as captions come line by line; empty ones left out."""
    found: list[Said] = []
    for one in said:
        if not one.text.strip():
            continue
        last = found[-1] if found else None
        if last and last.speaker == one.speaker and one.speaker:
            text = f"{last.text} {one.text}"
            found[-1] = Said(last.speaker, text, last.start_s, last.said_on, last.side)
        else:
            found.append(one)
    return tuple(found)
