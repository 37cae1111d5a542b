"""What calls bring: value won for an hour of calling, by band; and the time that scores save.

Values are hundredths of a currency. Different currencies are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Return:
    """Of a band: calls, leads won, and for each currency the value won. `unvalued` are the leads
    won of which no value is known."""

    band: str
    calls: int
    won: int
    unvalued: int
    values: tuple[tuple[str, int], ...]

    def hours(self, call_minutes: int) -> float:
        """What the calls took."""
        return self.calls * call_minutes / 60

    def an_hour(self, currency: str, call_minutes: int) -> float | None:
        """Hundredths of a currency won for an hour of calls; None where there were no calls."""
        hours = self.hours(call_minutes)
        return dict(self.values).get(currency, 0) / hours if hours else None


def returns(
    calls: Iterable[tuple[str, int]],
    wins: Iterable[tuple[str, str | None, int | None]],
    bands: Sequence[str],
) -> tuple[Return, ...]:
    """Each band in its order. `calls` are (band, number), `wins` (band, currency, value)."""
    called: dict[str, int] = dict.fromkeys(bands, 0)
    won: dict[str, tuple[int, int]] = {}
    values: dict[str, dict[str, int]] = {}
    for band, number in calls:
        called[band] = called.get(band, 0) + number
    for band, currency, value in wins:
        called.setdefault(band, 0)
        leads, unvalued = won.get(band, (0, 0))
        unknown = value is None or currency is None
        won[band] = (leads + 1, unvalued + unknown)
        if value is not None and currency is not None:
            sums = values.setdefault(band, {})
            sums[currency] = sums.get(currency, 0) + value
    return tuple(
        Return(band, number, leads, unvalued, tuple(sorted(values.get(band, {}).items())))
        for band, number in called.items()
        for leads, unvalued in (won.get(band, (0, 0)),)
    )


def hours_saved(minutes: float, leads: float, days: float, people: float) -> float:
    """Hours a month that nobody spends looking leads up: minutes a lead, leads a person and day,
    working days a month, people. 21 by 5 by 20 by 50 are 1,750 hours."""
    return minutes * leads * days * people / 60
