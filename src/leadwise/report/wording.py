"""Numbers as people read them."""

from __future__ import annotations


def percent(share: float | None, places: int = 1) -> str:
    """0.1127 is `11.3%`; what is not known is a dash."""
    return "–" if share is None else f"{100 * share:.{places}f}%"


def times(lift: float | None) -> str:
    """4.2 is `4.2×`."""
    return "–" if lift is None else f"{lift:.1f}×"


def count(number: float) -> str:
    """Thousands apart; a fraction, which only shared-out ties have, with one decimal."""
    return f"{number:,.0f}" if round(number, 6) % 1 == 0 else f"{number:,.1f}"
