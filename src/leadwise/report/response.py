"""How soon leads are called after they rose into a band, and what became of quick and slow ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from leadwise.report.intervals import Share, Spread, spread

MINUTE_US = 60_000_000
Key = TypeVar("Key", bound=Hashable)


class Rise(NamedTuple):
    """A lead rose into a band. `answered_us`: the first answer after, such as a call, whether or
    not anybody took it; `reached_us`: when it first reached the goal, ever."""

    band: str
    at_us: int
    answered_us: int | None
    owner: int | None
    reached_us: int | None


@dataclass(frozen=True, slots=True)
class Response:
    """`within` is the share called in the time allowed. `open`: neither called nor late yet;
    `never`: late and not called to this day. `minutes` is of those that were called."""

    within: Share
    open: int
    never: int
    minutes: Spread | None


def first_rises(
    changes: Iterable[tuple[int, str | None, Rise]], bands: Sequence[str]
) -> list[Rise]:
    """Of (lead, band it came from, rise), in the order of time, the first of each lead and band
    that is a rise and no fall. `bands` are all, highest first."""
    rank = {band: place for place, band in enumerate(bands)}
    lowest = len(bands)
    seen: set[tuple[int, str]] = set()
    found = []
    for lead_id, came_from, rise in changes:
        if rank.get(rise.band, lowest) >= rank.get(came_from or "", lowest + 1):
            continue
        if (lead_id, rise.band) not in seen:
            seen.add((lead_id, rise.band))
            found.append(rise)
    return found


def responses(
    rises: Iterable[Rise], allowed: Mapping[str, int], now_us: int, key: Callable[[Rise], Key]
) -> dict[Key, Response]:
    """Rises into bands with a time allowed (minutes, by band), grouped by `key`."""
    groups: dict[Key, list[Rise]] = {}
    for rise in rises:
        if rise.band in allowed:
            groups.setdefault(key(rise), []).append(rise)
    return {name: _response(group, allowed, now_us) for name, group in groups.items()}


def _response(rises: Sequence[Rise], allowed: Mapping[str, int], now_us: int) -> Response:
    within = late = waiting = never = 0
    minutes = []
    for rise in rises:
        limit_us = allowed[rise.band] * MINUTE_US
        if rise.answered_us is not None:
            minutes.append((rise.answered_us - rise.at_us) / MINUTE_US)
            within += rise.answered_us - rise.at_us <= limit_us
            late += rise.answered_us - rise.at_us > limit_us
        elif rise.at_us + limit_us > now_us:
            waiting += 1
        else:
            never += 1
    return Response(Share(within, within + late + never), waiting, never, spread(minutes))


def fast_and_slow(
    rises: Iterable[Rise], allowed: Mapping[str, int], horizon_us: int, now_us: int
) -> tuple[Share, Share]:
    """What became, within the horizon after the call, of leads called in time and called late.

    Leads that had reached the goal by the call are left out, as are those whose horizon is
    not over.
    """
    counted = {True: [0, 0], False: [0, 0]}
    for rise in rises:
        if rise.band not in allowed or rise.answered_us is None:
            continue
        if rise.reached_us is not None and rise.reached_us <= rise.answered_us:
            continue
        if rise.answered_us + horizon_us > now_us:
            continue
        own = counted[rise.answered_us - rise.at_us <= allowed[rise.band] * MINUTE_US]
        own[0] += rise.reached_us is not None and rise.reached_us <= rise.answered_us + horizon_us
        own[1] += 1
    return Share(*counted[True]), Share(*counted[False])
