"""Which share of the known leads did something, week by week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leadwise.report.intervals import Share


@dataclass(frozen=True, slots=True)
class Engagement:
    """Of a band's known leads: those active in the period, and those active in each week."""

    band: str
    period: Share
    weeks: tuple[Share, ...]


def engagement(
    known: Iterable[tuple[str, int, int]],
    active: Iterable[tuple[str, int, int]],
    in_period: Mapping[str, int],
    bands: Sequence[str],
    weeks: int,
) -> tuple[Engagement, ...]:
    """Each band in its order.

    `known` are (band, week, leads) that arrived in that week, before the first one as week -1;
    `active` (band, week, leads) that did something in it; `in_period` the leads of each band that
    did something in any. A week's share is of the leads that were there by its end.
    """
    arrived: dict[str, list[int]] = {band: [0] * (weeks + 1) for band in bands}
    for band, week, leads in known:
        arrived.setdefault(band, [0] * (weeks + 1))[min(max(week, -1), weeks - 1) + 1] += leads
    did: dict[str, list[int]] = {}
    for band, week, leads in active:
        if 0 <= week < weeks:
            did.setdefault(band, [0] * weeks)[week] += leads
    found = []
    for band, new in arrived.items():
        there, shares = new[0], []
        for week in range(weeks):
            there += new[week + 1]
            # An event may be older than the lead's arrival (an import): nobody counts twice.
            shares.append(Share(min(did.get(band, [0] * weeks)[week], there), there))
        found.append(Engagement(band, Share(in_period.get(band, 0), sum(new)), tuple(shares)))
    return tuple(found)
