"""Following a system's records by the time of their last change, window by window.

A pull reads everything that changed in one span of time, each kind of record by its id. What
changes meanwhile leaves the span and is found in the next one, so pages never shift. Each span
begins a little before the last one ended: a transaction that took long there, or a clock that is
not ours, hides nothing. What is read twice has the same `message_id`s, and is recorded once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

LAG_US = 10 * 60 * 1_000_000
"""By so much spans overlap; the longest transaction and error of a clock that do no harm."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands: at records of `kind` that come after `after` (the last id, or what the
    system calls its cursor) and changed from `since_us` (None: ever) until before `until_us`."""

    since_us: int | None
    until_us: int
    kind: str
    after: str = ""
    done: int = 0

    def cursor(self) -> str:
        """The place as the text that is kept."""
        return json.dumps([self.since_us, self.until_us, self.kind, self.after, self.done])


def places(cursor: str | None, kinds: Sequence[str], now_us: int) -> Iterator[Place]:
    """The place to go on from in each kind of record that is left of the span."""
    start = _start(cursor, kinds, now_us)
    for kind in kinds[kinds.index(start.kind) :]:
        yield start if kind == start.kind else replace(start, kind=kind, after="")


def ended(place: Place) -> str:
    """The cursor after a span that was read to its end."""
    return json.dumps(place.until_us - LAG_US)


def _start(cursor: str | None, kinds: Sequence[str], now_us: int) -> Place:
    try:
        kept = json.loads(cursor or "null")
    except ValueError:
        kept = None  # not one of ours: from the beginning, which repeats nothing
    if isinstance(kept, list) and len(kept) == 5 and kept[2] in kinds:
        return Place(*kept)
    since_us = kept if isinstance(kept, int) else None
    return Place(since_us, max(now_us, since_us or 0), kinds[0])
