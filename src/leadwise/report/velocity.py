"""How leads go through the stages: how many, how many go on, how long each stage takes.

A lead that reached a stage has reached all before it: where one was not recorded, it was reached by
then. How long a stage took is only said of leads of which both ends were recorded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leadwise.report.intervals import Share, Spread, spread

DAY_US = 86_400_000_000
STAGES = ("mql", "sales_accepted", "sales_qualified", "opportunity", "won")
QUALIFIED = STAGES.index("sales_qualified")


class Journey(NamedTuple):
    """When a lead first reached each of STAGES, and when it was last lost or rejected."""

    stages: tuple[int | None, ...]
    lost_us: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """`entered` reached it in the period; of these `onward` went on, `lost` ended after it, `still`
    are there. `days` is of those that went on to the next stage."""

    name: str
    entered: int
    onward: int
    lost: int
    still: int
    days: Spread | None

    @property
    def share(self) -> Share:
        """Those that went on, of all that entered."""
        return Share(self.onward, self.entered)


def reached(journey: Journey) -> tuple[int | None, ...]:
    """When each stage was reached, the ones that were passed over filled in."""
    found: list[int | None] = []
    soonest: int | None = None
    for at_us in reversed(journey.stages):
        if at_us is not None and (soonest is None or at_us < soonest):
            soonest = at_us
        found.append(soonest)
    return tuple(reversed(found))


def stages(journeys: Iterable[Journey], start_us: int, end_us: int) -> tuple[Stage, ...]:
    """The stages of the leads that reached them in the period."""
    entered, onward, lost = ([0] * len(STAGES) for _ in range(3))
    days: list[list[float]] = [[] for _ in STAGES]
    for journey in journeys:
        moments = reached(journey)
        for place, at_us in enumerate(moments):
            if at_us is None or not start_us <= at_us < end_us:
                continue
            entered[place] += 1
            if place + 1 < len(STAGES) and moments[place + 1] is not None:
                onward[place] += 1
                here, there = journey.stages[place], journey.stages[place + 1]
                if here is not None and there is not None and there >= here:
                    days[place].append((there - here) / DAY_US)
            elif (
                journey.lost_us is not None and journey.lost_us >= at_us and place + 1 < len(STAGES)
            ):
                lost[place] += 1
    return tuple(
        Stage(name, entered[n], onward[n], lost[n], entered[n] - onward[n] - lost[n],
              spread(days[n]))
        for n, name in enumerate(STAGES)
    )  # fmt: skip


def qualified_by_month(journeys: Iterable[Journey], edges: Sequence[int]) -> list[int]:
    """How many leads became sales-qualified from each edge to the next."""
    counts = [0] * (len(edges) - 1)
    for journey in journeys:
        at_us = reached(journey)[QUALIFIED]
        if at_us is not None and 0 <= (place := bisect_right(edges, at_us) - 1) < len(counts):
            counts[place] += 1
    return counts


def growth(now: int, before: int) -> float | None:
    """Lead velocity rate: 0.2 is a fifth more than before; None where there was nothing before."""
    return (now - before) / before if before else None
