"""Which leads came to something: by the band they were in, and by the month they arrived in.

A lead is judged a while (the horizon) after the moment that counts it. Leads whose horizon is not
over yet say nothing, whatever they did: counting those that were quick would flatter the young.
Instants and lengths are microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leadwise.report.intervals import Share


class Entry(NamedTuple):
    """A lead came into `group` at an instant; when it first reached the goal, if it did."""

    group: str
    at_us: int
    reached_us: int | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of a group: `early` are the leads whose horizon is not over, `before` those that had reached
    the goal already when they came into the group. Neither counts in `share`."""

    group: str
    share: Share
    early: int
    before: int


def conversions(
    entries: Iterable[Entry], groups: Sequence[str], horizon_us: int, now_us: int
) -> tuple[Conversion, ...]:
    """Each group in its order, the empty ones too; groups that are not among them come after."""
    counted: dict[str, list[int]] = {group: [0, 0, 0, 0] for group in groups}
    for group, at_us, reached_us in entries:
        own = counted.setdefault(group, [0, 0, 0, 0])
        if reached_us is not None and reached_us < at_us:
            own[3] += 1
        elif at_us + horizon_us > now_us:
            own[2] += 1
        else:
            own[1] += 1
            own[0] += reached_us is not None and reached_us <= at_us + horizon_us
    return tuple(
        Conversion(group, Share(own[0], own[1]), own[2], own[3]) for group, own in counted.items()
    )


def cohorts(
    arrivals: Iterable[tuple[int, int | None]], edges: Sequence[int], horizon_us: int, now_us: int
) -> tuple[Conversion, ...]:
    """Leads by when they arrived: cohort `n`, as text, from `edges[n]` to before `edges[n + 1]`."""
    names = [str(number) for number in range(len(edges) - 1)]
    found = (
        Entry(names[place], at_us, reached_us)
        for at_us, reached_us in arrivals
        if 0 <= (place := bisect_right(edges, at_us) - 1) < len(names)
    )
    return conversions(found, names, horizon_us, now_us)
