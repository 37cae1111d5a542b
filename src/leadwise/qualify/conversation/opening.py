"""Opening a conversation: whatever file it is, told by what is in it, not only by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from leadwise.errors import Place, UserError
from leadwise.qualify.conversation.chat import is_chat, read_chat
from leadwise.qualify.conversation.decoding import empty, text_of, too_large
from leadwise.qualify.conversation.draft import Draft, unreadable
from leadwise.qualify.conversation.plain import read_plain
from leadwise.qualify.conversation.sides import turns_of
from leadwise.qualify.conversation.structured import read_json
from leadwise.qualify.talk import Channel, Conversation

MOST_MAIL_BYTES = 25_000_000
"""Mails come with attachments, which are not read."""
MOST_LINES = 100_000
MOST_TURNS = 20_000
"""More than anybody says in a day."""
MOST_CHARACTERS = 300_000
"""Of what is said: over five hours of talk, so that the time to read it has a bound."""
_SRT = re.compile(r"\s*\d+[ \t]*\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->")
_CUE = re.compile(r"^[ \t]*(?:\d+:)?\d{2}:\d{2}\.\d{3}[ \t]*-->", re.MULTILINE)
_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
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
    return _opened(form, draft, name, held_on, seller, buyer, channel, product, language, today)


def _opened(
    form: str,
    draft: Draft,
    name: str,
    held_on: date | None,
    seller: Sequence[str],
    buyer: Sequence[str],
    channel: Channel | None,
    product: str | None,
    language: str | None,
    today: date | None,
) -> Opened:
    if not any(one.text.strip() for one in draft.said):
        raise empty(name)
    if len(draft.said) > MOST_TURNS:
        raise too_large(name, f"has {len(draft.said):,} turns; at most {MOST_TURNS:,} are read")
    if (count := sum(len(one.text) for one in draft.said)) > MOST_CHARACTERS:
        raise too_large(
            name, f"has {count:,} characters of talk; at most {MOST_CHARACTERS:,} are read"
        )
    draft = _writable(draft)
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


def _writable(draft: Draft) -> Draft:
    """Without what is no character (halves of a pair) and what no database keeps (NUL)."""

    def plain(text: str | None) -> str | None:
        return _NO_CHARACTER.sub("\ufffd", text) if text else text

    said = tuple(
        replace(one, speaker=plain(one.speaker) or "", text=plain(one.text) or "")
        if _NO_CHARACTER.search(one.speaker + one.text)
        else one
        for one in draft.said
    )
    return replace(
        draft, said=said, title=plain(draft.title), product=plain(draft.product),
        language=plain(draft.language),
    )  # fmt: skip


def opened_thread(
    files: Sequence[tuple[bytes, str]],
    *,
    held_on: date | None = None,
    seller: Sequence[str] = (),
    buyer: Sequence[str] = (),
    product: str | None = None,
    language: str | None = None,
) -> Opened:
    """Several mails as one conversation, by their dates; each with its file's name."""
    if len(files) == 1:
        return opened_file(
            *files[0], held_on=held_on, seller=seller, buyer=buyer, product=product,
            language=language,
        )  # fmt: skip
    from leadwise.qualify.conversation.mail import is_mail, read_mails

    for data, name in files:
        if not is_mail(data):
            raise unreadable(name, "is no mail", "only mails (.eml) are put together to a thread")
        _check_mail(data, name)
    draft = read_mails([data for data, _ in files], files[0][1])
    return _opened("mail", draft, files[0][1], held_on, seller, buyer, None, product, language,
                   None)  # fmt: skip


def _draft(data: bytes, name: str) -> tuple[str, Draft]:
    """The format of a file by its content, and what is in it."""
    # What reads mails and subtitles takes a while to load, and a service need not wait for it.
    from leadwise.qualify.conversation.captions import read_srt, read_vtt
    from leadwise.qualify.conversation.mail import is_mail, read_mails

    if is_mail(data):
        _check_mail(data, name)
        return "mail", read_mails([data], name)
    text = text_of(data, name)
    suffix = PurePath(name).suffix.lower()
    start = text.lstrip()
    if (start.startswith(("{", "[")) or suffix == ".json") and (found := read_json(text, name)):
        return found
    if (count := text.count("\n")) > MOST_LINES:
        raise too_large(name, f"has {count:,} lines; at most {MOST_LINES:,} are read")
    if _SRT.match(start):
        return "srt", read_srt(text, name)
    if _NAMED.match(start) or _CUE.search(text) or suffix == ".vtt":
        return "vtt", read_vtt(start if _NAMED.match(start) else text, name)
    if suffix == ".srt":
        return "srt", read_srt(text, name)
    if is_chat(text):
        return "chat", read_chat(text)
    return "text", read_plain(text)


def _check_mail(data: bytes, name: str) -> None:
    if len(data) > MOST_MAIL_BYTES:
        most = MOST_MAIL_BYTES / 1e6
        raise too_large(name, f"has {len(data) / 1e6:.1f} MB; at most {most:.0f} MB are read")
