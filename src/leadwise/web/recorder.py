"""What the routes that take events need of the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.messages import Received


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that may write events, and nothing else.

    `name` is the source that its events bear. Where `origins` (`https://www.acme.example`) are
    given, browsers may use it on these pages only; programs send no origin.
    """

    name: str
    origins: tuple[str, ...] = ()


class Recorder(Protocol):
    """The record, as the routes see it. Look-ups are by every request: they answer from memory."""

    async def record(self, received: Received) -> None:
        """Return when all of it is durable. Overloaded when too much waits already."""

    async def write_key(self, key: str) -> WriteKey | None:
        """What is known of a key, None where there is no such key (any more)."""

    async def form(self, name: str) -> Form | None:
        """The form that posts to `/f/<name>`."""

    async def incoming(self, name: str) -> Incoming | None:
        """The source that posts to `/in/<name>`."""
