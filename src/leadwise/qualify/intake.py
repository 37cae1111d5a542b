"""Conversations come in: opened, kept with their lead, read, and the answers recorded.

Reading takes its time, so it is done between two transactions, never in one: where a process ends
in between, the conversation is kept and can be read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from leadwise.asking.instants import microseconds, moment_of
from leadwise.errors import UserError
from leadwise.qualify.answer import Reading
from leadwise.qualify.conversation.opening import Opened, opened_file, opened_thread
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.library import frame_named
from leadwise.qualify.reading import Reader, read
from leadwise.qualify.recording import (
    ReadingKept,
    conversation_of,
    keep_conversation,
    keep_reading,
)
from leadwise.qualify.talk import Channel, Conversation
from leadwise.settings import QualifySettings
from leadwise.store.answers import answers_of_conversation
from leadwise.store.conversations import get_conversation
from leadwise.store.opening import Store

SUFFIXES: Mapping[str, str] = {
    "text": ".txt", "chat": ".txt", "vtt": ".vtt", "srt": ".srt", "json": ".json", "mail": ".eml",
}  # fmt: skip
"""Formats that a sender may name; what a conversation is, is told by its content."""
_UTF8 = ("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Sent:
    """A conversation as it was sent: its `text` (in any format), its `turns` as mappings of
    `speaker`, `text`, and perhaps `side`, `start_s`, `said_on`, or its `files` with their names:
    several are the mails of one thread.

    `held_us` is when it was held, `held_on` the day where it was held (that of `held_us` if not
    given). `seller` and `buyer` are names, companies or mail domains.
    """

    text: str | None = None
    turns: Sequence[Mapping[str, Any]] | None = None
    format: str | None = None
    name: str | None = None
    held_us: int | None = None
    held_on: date | None = None
    channel: Channel | None = None
    product: str | None = None
    language: str | None = None
    title: str | None = None
    seller: tuple[str, ...] = ()
    buyer: tuple[str, ...] = ()
    files: tuple[tuple[bytes, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a conversation. `reading` is None where it had been read under the frame
    before, and was not read again; `seconds` is how long reading took."""

    conversation_id: int
    is_new: bool
    reading: ReadingKept | None = None
    seconds: float = 0.0


def opened(sent: Sent, now_us: int, zone: tzinfo = UTC) -> tuple[Conversation, int]:
    """The conversation, and the instant at which it was held.

    `zone` is that of whoever sent it: days are days there. Where only the day is known (a mail's, a
    file's own), it is noon, or now on the same day. UserError as the opening of files has it, and
    `bad-conversation` where it was not sent in exactly one way.
    """
    if [sent.text is None, sent.turns is None, not sent.files].count(False) != 1:
        raise UserError(
            "bad-conversation", "A conversation is either a text or turns.",
            hint="Send text, in any of the formats, or turns with speaker and text.",
        )  # fmt: skip
    if sent.turns is not None and not any(str(one.get("text") or "").strip() for one in sent.turns):
        raise UserError(
            "empty-conversation", "The turns have no words in them.",
            hint='Give what was said: {"speaker": "Ana", "text": "We have 80,000 euros."}.',
        )  # fmt: skip
    found = _opened(sent, zone)
    day = found.conversation.held_on
    held_us = sent.held_us
    if held_us is None:
        if not found.is_dated:
            raise UserError(
                "undated-conversation", "Nothing says when the conversation was held.",
                hint="Give held_at: what is said of dates counts from it.",
            )  # fmt: skip
        held_us = microseconds(datetime.combine(day, time(12), zone), "held_at")
        if held_us > now_us and day <= moment_of(now_us).astimezone(zone).date():
            held_us = now_us
    return replace(found.conversation, title=sent.title or found.conversation.title), held_us


def take_in(
    store: Store,
    lead_id: int,
    sent: Sent,
    frame_name: str,
    reader: Reader | None,
    settings: QualifySettings,
    *,
    source: str,
    actor: str,
    now_us: int,
    zone: tzinfo = UTC,
) -> TakenIn:
    """Keep a conversation with a lead and read it under a frame; without a reader only keep it.

    What was kept and read before is not read again. UserError as for `opened`, `frame_named` and
    `keep_conversation`.
    """
    conversation, held_us = opened(sent, now_us, zone)
    with store.read() as connection:
        frame = frame_named(connection, frame_name)
    kept_id, is_new = store.write(
        lambda c: keep_conversation(
            c, lead_id, conversation, held_us=held_us, source=source, actor=actor, now_us=now_us
        )
    )
    if reader is None:
        return TakenIn(kept_id, is_new)
    with store.read() as connection:
        was_read = bool(answers_of_conversation(connection, kept_id, frame.name, every=True))
    if was_read:
        return TakenIn(kept_id, is_new)
    done, reading = read_kept(store, kept_id, frame, reader, settings, now_us)
    return TakenIn(kept_id, is_new, done, reading.seconds)


def read_kept(
    store: Store,
    conversation_id: int,
    frame: Frame,
    reader: Reader,
    settings: QualifySettings,
    now_us: int,
) -> tuple[ReadingKept, Reading]:
    """Read a kept conversation, again if it was read before, and record the answers.

    UserError (`no-such-conversation`; `text-forgotten` where its text is kept no more).
    """
    with store.read() as connection:
        held = get_conversation(connection, conversation_id)
    if held.aged:
        raise text_forgotten(conversation_id)
    reading = read(conversation_of(held), frame, reader)
    done = store.write(lambda c: keep_reading(c, conversation_id, frame, reading, settings, now_us))
    return done, reading


def text_forgotten(conversation_id: int) -> UserError:
    """What is said where only the answers of a conversation are left."""
    return UserError(
        "text-forgotten", f"What was said in conversation {conversation_id} is kept no more.",
        hint="retention.conversations_days says how long; its answers stay, with their quotes.",
    )  # fmt: skip


def _opened(sent: Sent, zone: tzinfo) -> Opened:
    day = sent.held_on
    if day is None and sent.held_us is not None:
        day = moment_of(sent.held_us).astimezone(zone).date()
    if len(sent.files) > 1:
        return opened_thread(
            sent.files, held_on=day, seller=sent.seller, buyer=sent.buyer, product=sent.product,
            language=sent.language,
        )  # fmt: skip
    if sent.files:
        ((data, name),) = sent.files
    elif sent.turns is not None:
        data = json.dumps({"turns": list(sent.turns)}, ensure_ascii=False).encode(*_UTF8)
        name = "turns.json"
    else:
        data = (sent.text or "").encode(*_UTF8)
        name = sent.name or "conversation" + SUFFIXES.get(sent.format or "text", ".txt")
    return opened_file(
        data, name, held_on=day, seller=sent.seller, buyer=sent.buyer, channel=sent.channel,
        product=sent.product, language=sent.language,
    )  # fmt: skip
