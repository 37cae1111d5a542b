"""When things happened, by our clock."""

from __future__ import annotations

from leadwise.card.values import FIRST_US, parse_time


def happened_us(text: str | None, sent_us: int | None, received_us: int) -> int:
    """When something happened, by our clock; ValueError where `text` is no time.

    `text` is by the sender's clock, which shows how far it is off when it says that it sends:
    received - (sent - text), as the Segment protocol has it. Without `text` it happened when it
    was received. Nothing happens after it was received: a clock that runs ahead would otherwise
    age the lead.
    """
    if not text:
        return received_us
    at_us = parse_time(text)
    if sent_us is not None:
        at_us = received_us - (sent_us - at_us)
    return max(min(at_us, received_us), FIRST_US)


def instant_or_none(text: str | None) -> int | None:
    """The instant, or None where there is none or it is no time."""
    try:
        return parse_time(text) if text else None
    except ValueError:
        return None
