"""What a record has seen, as far as it helps somebody who writes a card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeenName:
    """A property or fact: how often it had a value, and its frequent values with their counts.

    `numbers`: all its values are numbers (or texts that say one).
    """

    name: str
    count: int
    numbers: bool = False
    values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event by its plain name."""

    name: str
    count: int
    properties: tuple[SeenName, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The most frequent first."""

    events: tuple[SeenEvent, ...] = ()
    facts: tuple[SeenName, ...] = ()
