"""Criterion by criterion: what became of leads with a line in their ledger and of those without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

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


def line_lifts(
    ledgers: Sequence[Sequence[int]], converted: Sequence[Sequence[int]], lines: int
) -> tuple[LineLift, ...]:
    """Each of `lines` lines in its order: of the amounts (hundredths) of all leads' ledgers, and of
    those that converted. A ledger of another length is of another card and is left out."""
    everybody = [amounts for amounts in ledgers if len(amounts) == lines]
    won = [amounts for amounts in converted if len(amounts) == lines]
    found = []
    for place in range(lines):
        given = Counter(map(itemgetter(place), everybody))
        lacking = given.pop(0, 0)
        having = len(everybody) - lacking
        hits = len(won) - sum(1 for amounts in won if not amounts[place])
        one, other = Share(hits, having), Share(len(won) - hits, lacking)
        total = sum(amount * number for amount, number in given.items())
        found.append(
            LineLift(place, one, other, min(given, default=0), max(given, default=0),
                     total / having if having else 0.0, ratio(one, other))
        )  # fmt: skip
    return tuple(found)
