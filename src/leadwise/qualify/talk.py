"""A conversation: who said what, in order, and on which day.

Days count where the conversation was held: "next Friday" is relative to `held_on`. Offsets count
characters of a turn's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["buyer", "seller", "other"]
"""Whose side somebody is on; `other` is neither: a reseller, a consultant, an assistant."""
Channel: TypeAlias = Literal["call", "email_thread", "chat"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said at a stretch.

    `speaker` is the label as the source has it ("Anna Berg (CFO, Nordlack)"); `side` is None while
    nobody knows. `start_s` counts seconds from the start of a recording; `said_on` is the day of a
    mail or message where that is not the conversation's.
    """

    speaker: str
    side: Side | None
    text: str
    start_s: float | None = None
    said_on: date | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The whole of it. `language` is an ISO 639-1 code or None where unknown; `product` says what
    is sold ("StockBridge: syncs stock. Solves: overselling, manual updates.") or None."""

    channel: Channel
    held_on: date
    turns: tuple[Turn, ...]
    language: str | None = None
    product: str | None = None
    title: str | None = None

    @property
    def has_buyer(self) -> bool:
        """Whether somebody of the buyer's side says anything."""
        return any(turn.side == "buyer" and turn.text.strip() for turn in self.turns)
