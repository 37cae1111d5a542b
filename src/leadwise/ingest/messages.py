"""What every protocol becomes before it is recorded: messages and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from leadwise.store.documents import Document

MessageType: TypeAlias = Literal["identify", "track", "page", "screen", "group", "alias"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that somebody did or that is known of somebody, as it is recorded.

    `event` is the plain name (`plain_name`) that cards are matched with, `name` what was sent
    where that differs. At least one of the identities is given; the e-mail address is in its one
    form (`normalised_email`). `document` holds the properties
    of a track, page or screen and the traits of an identify or group. Instants are microseconds
    UTC: when it happened by our clock, when the sender says it was sent, when it reached us.
    """

    type: MessageType
    source: str
    message_id: str
    event: str
    at_us: int
    received_us: int
    name: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    email: str | None = None
    crm_id: str | None = None
    previous_id: str | None = None
    previous_crm_id: str | None = None
    """Of an alias: another record of the CRM that is the same person's (a lead there that became a
    contact). Records' ids are `SYSTEM:KIND:ID`; an enquiry of one contact makes no second one the
    same person."""
    group_id: str | None = None
    sent_us: int | None = None
    document: Document = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    """Of `ip`, `user_agent`, `url`, `referrer`, `library`: what was sent, as text."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that cannot be recorded: its place (from 0) in what was sent, and why."""

    index: int
    code: str
    reason: str
    body: str
    """What was sent, as JSON text, cut at 32 KiB."""


@dataclass(frozen=True, slots=True)
class Received:
    """What one request or file part holds."""

    messages: tuple[Message, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    source: str = ""
    """Whose refusals these are where there is no message."""
    protocol: str = "segment"
    """How a refused one is to be read when it is sent again: `segment`, `file`, `message`
    (JSON of a Message), or `form`, `cloudevent`, `webhook` with a colon and the name of the form or
    source."""
