"""What calls bring: value won for an hour of calling, by band; and the time that scores save.

Values are hundredths of a currency. Different currencies are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Return:
    """Of a band: calls, and for each currency (sales, value won). `unvalued` are the sales
    of which no value is known."""

    band: str
    calls: int
    unvalued: int
    values: Mapping[str, tuple[int, int]]

    def hours(self, call_minutes: int) -> float:
        """What the calls took."""
        return self.calls * call_minutes / 60

    def sold(self, currency: str) -> tuple[int, int]:
        """How many sales of this currency there were, and their value."""
        return self.values.get(currency, (0, 0))

    def an_hour(self, currency: str, call_minutes: int) -> float | None:
        """Hundredths of a currency won for an hour of calls; None where there were no calls."""
        hours = self.hours(call_minutes)
        return self.sold(currency)[1] / hours if hours else None


def returns(
    calls: Iterable[tuple[str, int]],
    wins: Iterable[tuple[str, str | None, int | None]],
    bands: Sequence[str],
) -> tuple[Return, ...]:
    """Each band in its order. `calls` are (band, number), `wins` (band, currency, value)."""
    called: dict[str, int] = dict.fromkeys(bands, 0)
    unvalued: dict[str, int] = {}
    values: dict[str, dict[str, tuple[int, int]]] = {}
    for band, number in calls:
        called[band] = called.get(band, 0) + number
    for band, currency, value in wins:
        called.setdefault(band, 0)
        if value is None or currency is None:
            unvalued[band] = unvalued.get(band, 0) + 1
        else:
            sums = values.setdefault(band, {})
            sales, total = sums.get(currency, (0, 0))
            sums[currency] = sales + 1, total + value
    return tuple(
        Return(band, number, unvalued.get(band, 0), values.get(band, {}))
        for band, number in called.items()
    )


def hours_saved(minutes: float, leads: float, days: float, people: float) -> float:
    """Hours a month that nobody spends looking leads up: minutes a lead, leads a person and day,
    working days a month, people. 21 by 5 by 20 by 50 are 1,750 hours."""
    return minutes * leads * days * people / 60
