"""What may be learned from, and what it is then held against: always in order of time.

Rows to learn from must be over before the first row they are held against: their horizon ends
before it (purging: M. López de Prado 2018, Advances in financial machine learning, 7.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from leadwise.learn.rows import Rows, Wholes


@dataclass(frozen=True, slots=True)
class Split:
    """Places of rows: `known` to learn from, `ahead` to be held against."""

    known: Wholes
    ahead: Wholes


def last_part(rows: Rows, share: float, horizon_us: int = 0) -> Split:
    """The last `share` of the rows by time, and of those before it all whose horizon was over.

    Rows of one instant are never parted: the cut falls at the start of an instant.
    """
    cut = rows.when_us[min(int(len(rows) * (1 - share)), len(rows) - 1)] if len(rows) else 0
    return _split(rows, int(cut), None, horizon_us)


def forward(rows: Rows, first: float, folds: int, horizon_us: int = 0) -> Iterator[Split]:
    """The first share to learn from, the rest in `folds` parts, each held against all before it."""
    places = [int(len(rows) * (first + (1 - first) * n / folds)) for n in range(folds + 1)]
    edges = [int(rows.when_us[min(place, len(rows) - 1)]) for place in places[:-1]]
    for number, edge in enumerate(edges):
        end = edges[number + 1] if number + 1 < folds else None
        split = _split(rows, edge, end, horizon_us)
        if len(split.ahead) and len(split.known):
            yield split


def _split(rows: Rows, cut: int, end: int | None, horizon_us: int) -> Split:
    gap = horizon_us if rows.dated and rows.has_history else 0
    ahead = rows.when_us >= cut if end is None else (rows.when_us >= cut) & (rows.when_us < end)
    known = (rows.when_us + gap <= cut) if gap else rows.when_us < cut
    return Split(np.flatnonzero(known), np.flatnonzero(ahead))
