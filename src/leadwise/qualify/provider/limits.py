"""What a conversation and a day may cost.

Costs are in US dollars, as the price list that comes with pydantic-ai says (genai-prices); of a
model without a price, and of one's own server, they are not known and no limit of costs can hold:
the limits of requests and tokens do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol

from leadwise.errors import UserError


class Spending(Protocol):
    """What was spent on a day (UTC), in US dollars."""

    def spent(self, day: date) -> Decimal: ...

    def add(self, day: date, cost: Decimal) -> None: ...


@dataclass(slots=True)
class MemorySpending:
    """Spending of this process alone."""

    days: dict[date, Decimal] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spent(self, day: date) -> Decimal:
        with self.lock:
            return self.days.get(day, Decimal(0))

    def add(self, day: date, cost: Decimal) -> None:
        with self.lock:
            self.days = {day: self.days.get(day, Decimal(0)) + cost}


def today() -> date:
    """The day of now, UTC."""
    return datetime.now(UTC).date()


def room(spending: Spending, day: Callable[[], date], most: float) -> None:
    """UserError (`model-day-limit`) where the day's money is spent; 0 is no limit."""
    if most and spending.spent(day()) >= Decimal(str(most)):
        raise UserError(
            "model-day-limit",
            f"What may be spent on models in a day, {most:g} USD, is spent.",
            hint="Raise day_cost of [model], wait until tomorrow (UTC), or read with --reader "
            "embedded.",
        )
