"""Opening a conversation: whatever file it is, told by what is in it, not only by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from leadwise.errors import Place, UserError
from leadwise.qualify.conversation.captions import read_srt, read_vtt
from leadwise.qualify.conversation.decoding import empty, text_of, too_large
from leadwise.qualify.conversation.draft import Draft
from leadwise.qualify.conversation.plain import read_plain
from leadwise.qualify.conversation.sides import turns_of
from leadwise.qualify.talk import Channel, Conversation

MOST_TURNS = 20_000
"""More than anybody says in a day."""
_SRT = re.compile(r"\s*\d+[ \t]*\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->")
_CUE = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}\.\d{3}\s*-->", re.MULTILINE)
_NAMED = re.compile(r"^WEBVTT(?:[ \t].*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation, the format it was in, and whether its day was known (given, or in it)."""

    conversation: Conversation
    format: str
    is_dated: bool


def open_conversation(
    data: bytes,
    name: str,
    *,
    held_on: date | None,
    seller: Sequence[str] = (),
    buyer: Sequence[str] = (),
    channel: Channel | None = None,
    product: str | None = None,
    language: str | None = None,
) -> Conversation:
    """The conversation of a file; `name` is the file's, for messages and as a hint.

    What is given counts before what the file says. `held_on` is the day of the conversation: with
    None the file must know it (mails and labelled files do). `seller` and `buyer` are names,
    companies or mail domains. UserError: `empty-conversation`, `conversation-too-large`,
    `not-a-conversation`, `broken-transcript`, `unknown-speaker`, `undated-conversation`.
    """
    opened = opened_file(
        data, name, held_on=held_on, seller=seller, buyer=buyer, channel=channel,
        product=product, language=language,
    )  # fmt: skip
    if not opened.is_dated:
        raise UserError(
            "undated-conversation",
            f"{name} does not say on which day the conversation was held.",
            where=Place(name),
            hint="give the day: what is said of dates counts from it",
        )
    return opened.conversation


def opened_file(
    data: bytes,
    name: str,
    *,
    held_on: date | None = None,
    seller: Sequence[str] = (),
    buyer: Sequence[str] = (),
    channel: Channel | None = None,
    product: str | None = None,
    language: str | None = None,
    today: date | None = None,
) -> Opened:
    """As `open_conversation`, with the format; an undated one gets `today` (else 1 January 1970)
    and says so."""
    form, draft = _draft(data, name)
    if not any(one.text.strip() for one in draft.said):
        raise empty(name)
    if len(draft.said) > MOST_TURNS:
        raise too_large(name, f"has {len(draft.said):,} turns; at most {MOST_TURNS:,} are read")
    sold = product or draft.product
    day = held_on or draft.held_on
    conversation = Conversation(
        channel or draft.channel,
        day or today or date(1970, 1, 1),
        turns_of(draft.said, seller=seller, buyer=buyer, product=sold),
        language or draft.language,
        sold,
        draft.title,
    )
    return Opened(conversation, form, day is not None)


def _draft(data: bytes, name: str) -> tuple[str, Draft]:
    """The format of a file by its content, and what is in it."""
    text = text_of(data, name)
    suffix = PurePath(name).suffix.lower()
    start = text.lstrip()
    if _SRT.match(start):
        return "srt", read_srt(text, name)
    if _NAMED.match(start) or _CUE.search(text) or suffix == ".vtt":
        return "vtt", read_vtt(start if _NAMED.match(start) else text, name)
    if suffix == ".srt":
        return "srt", read_srt(text, name)
    return "text", read_plain(text)
