"""What was measured. Times in seconds, `processor` in seconds of processor time of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """Events sent as fast as they were taken, until the last touched lead was scored."""

    side: str
    store: str
    durability: str
    shape: str
    events: int
    acknowledged: float
    scored: float
    processor: float
    loader: float

    @property
    def acknowledged_rate(self) -> float:
        """Events a second, durable."""
        return self.events / self.acknowledged

    @property
    def scored_rate(self) -> float:
        """Events a second, every touched lead scored."""
        return self.events / self.scored

    @property
    def cost(self) -> float:
        """Seconds of the server's processor time for one event."""
        return self.processor / self.events


@dataclass(frozen=True)
class Wait:
    """Events sent at a rate: from the 200 of an event's request to its score being readable.

    `wanted` and `sent` are events a second; there is an answer for each request, a `readable` for
    each lead of one.
    """

    store: str
    durability: str
    shape: str
    events: int
    wanted: float
    sent: float
    answers: Sequence[float]
    readable: Sequence[float]
    unread: int
    processor: float


@dataclass(frozen=True)
class Growth:
    """The same stream into stores of different sizes."""

    leads: int
    events: int
    rate: Rate


@dataclass(frozen=True)
class Publishing:
    """Publishing a card over everybody. `file` and `writing` are what the bar allows for."""

    leads: int
    events: int
    mirror: float
    whole: float
    peak: int
    file: float
    writing: float


@dataclass
class Results:
    """All that was measured."""

    rates: list[Rate] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    publishing: list[Publishing] = field(default_factory=list)


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of all are not above; infinite where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")
