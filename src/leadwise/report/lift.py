"""Criterion by criterion: what became of leads with a line in their ledger and of those without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    ledgers: Iterable[tuple[Sequence[int], int, int]], lines: int
) -> tuple[LineLift, ...]:
    """Each of `lines` lines in its order. `ledgers` are (amounts in hundredths, leads, conversions)
    of leads with like ledgers; a ledger of another length is of another card and is left out."""
    leads = won = 0
    having, hits, total = ([0] * lines for _ in range(3))
    least: list[int | None] = [None] * lines
    most: list[int | None] = [None] * lines
    for amounts, number, conversions in ledgers:
        if len(amounts) != lines:
            continue
        leads += number
        won += conversions
        for place, amount in enumerate(amounts):
            if not amount:
                continue
            having[place] += number
            hits[place] += conversions
            total[place] += amount * number
            low, high = least[place], most[place]
            least[place] = amount if low is None or amount < low else low
            most[place] = amount if high is None or amount > high else high
    found = []
    for place in range(lines):
        one = Share(hits[place], having[place])
        other = Share(won - hits[place], leads - having[place])
        mean = total[place] / having[place] if having[place] else 0.0
        found.append(
            LineLift(place, one, other, least[place] or 0, most[place] or 0, mean,
                     ratio(one, other))
        )  # fmt: skip
    return tuple(found)
