"""Instants that senders write, read quickly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadwise.card.values import FIRST_US, parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(text: str) -> int:
    """Microseconds since 1970 UTC, as `parse_time` reads it; ValueError where it is no time.

    The form that all clients write (`2026-11-21T19:34:25.805Z`, or with `+00:00`) is read by the
    interpreter itself, a tenth of the time.
    """
    length = len(text)
    utc = length - 1 if text.endswith("Z") else length - 6 if text.endswith("+00:00") else 0
    plain = (
        utc in (19, 23, 26)
        and text[4] == text[7] == "-"
        and text[10] == "T"
        and text[13] == text[16] == ":"
        and (utc == 19 or text[19] == ".")
        and text.isascii()
    )
    if not plain:
        return parse_time(text)
    gap = datetime.fromisoformat(text) - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def happened_us(text: str | None, sent_us: int | None, received_us: int) -> int:
    """When something happened, by our clock; ValueError where `text` is no time.

    `text` is by the sender's clock, which shows how far it is off when it says that it sends:
    received - (sent - text), as the Segment protocol has it. Without `text` it happened when it
    was received. Nothing happens after it was received: a clock that runs ahead would otherwise
    age the lead.
    """
    if not text:
        return received_us
    at_us = instant(text)
    if sent_us is not None:
        at_us = received_us - (sent_us - at_us)
    return max(min(at_us, received_us), FIRST_US)


def instant_or_none(text: str | None) -> int | None:
    """The instant, or None where there is none or it is no time."""
    try:
        return instant(text) if text else None
    except ValueError:
        return None
