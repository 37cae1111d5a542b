"""Criterion by criterion: what became of leads with a line in their ledger and of those without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leadwise.report.intervals import Ratio, Share, ratio


@dataclass(frozen=True, slots=True)
class LineLift:
    """A line gives points to `having` leads, `least` to `most` of them, on average `mean`
    (hundredths; 0 where it gives none). `lift` is how many times as often those converted."""

    place: int
    having: Share
    lacking: Share
    least: int
    most: int
    mean: float
    lift: Ratio | None


def line_lifts(everybody: ArrayLike, converted: ArrayLike) -> tuple[LineLift, ...]:
    """Each line of a ledger in its order: from its amounts (hundredths) of all leads, and of those
    of them that converted. Each is a row for a line, a column for a lead."""
    amounts, won = np.asarray(everybody, np.int64), np.asarray(converted, np.int64)
    given = amounts != 0
    number, leads = given.sum(axis=1), amounts.shape[1]
    hits, all_hits = (won != 0).sum(axis=1), won.shape[1]
    # What gives nothing is no part of the least and the most.
    least = np.min(amounts, axis=1, where=given, initial=_FAR)
    most = np.max(amounts, axis=1, where=given, initial=-_FAR)
    totals = amounts.sum(axis=1)
    found = []
    for place in range(len(amounts)):
        having = int(number[place])
        one = Share(int(hits[place]), having)
        other = Share(all_hits - one.hits, leads - having)
        found.append(
            LineLift(place, one, other, int(least[place]) if having else 0,
                     int(most[place]) if having else 0,
                     int(totals[place]) / having if having else 0.0, ratio(one, other))
        )  # fmt: skip
    return tuple(found)


_FAR = 2**62
"""Beyond every amount."""
