"""How long a sale takes: days from when a lead got good to when it was won or lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leadwise.report.intervals import Spread, spread
from leadwise.report.velocity import DAY_US


@dataclass(frozen=True, slots=True)
class Closed:
    """A lead that was won or lost. `entered` says when it first came into each band before that,
    `accepted_us` when sales first accepted it. Instants are microseconds."""

    closed_us: int
    won: bool
    accepted_us: int | None
    entered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Days, of the leads whose highest band it was; None where there was none."""

    band: str
    won: Spread | None
    lost: Spread | None


def cycles(
    closed: Iterable[Closed], bands: Sequence[str], *, from_accepted: bool
) -> tuple[tuple[Cycle, ...], int]:
    """Each band, in the order of `bands` (highest first), and how many leads have no beginning.

    A lead belongs to the highest band that it had before it was closed. Its time begins when it
    first came into that band, or, `from_accepted`, when sales accepted it.
    """
    days: dict[str, tuple[list[float], list[float]]] = {band: ([], []) for band in bands}
    without = 0
    for lead in closed:
        band = next((one for one in bands if one in lead.entered), None)
        begun_us = lead.accepted_us if from_accepted else lead.entered.get(band or "")
        if band is None or begun_us is None or begun_us > lead.closed_us:
            without += 1
        else:
            days[band][0 if lead.won else 1].append((lead.closed_us - begun_us) / DAY_US)
    return tuple(
        Cycle(band, spread(won), spread(lost)) for band, (won, lost) in days.items()
    ), without
