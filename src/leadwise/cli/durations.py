"""Spans of time as options say them: `1 week`, `365 days`, as in the card language."""

from __future__ import annotations

from leadwise.card.values import parse_duration
from leadwise.errors import UserError


def span(text: str, option: str) -> int:
    """Microseconds of a duration. Raises UserError where it is none."""
    try:
        return parse_duration(text)
    except ValueError as error:
        message, *hint = error.args
        raise UserError(
            "duration-unreadable", f"{option}: {message}.", hint=str(hint[0]) if hint else ""
        ) from error
