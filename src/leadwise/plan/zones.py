"""Days of a time zone, written as arithmetic: no engine's date functions are asked.

A zone is a list of moments at which its offset changes (from the zone database of the machine or of
the `tzdata` package). A day's number is floor((at + offset) / one day).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from leadwise.plan import nodes
from leadwise.plan.nodes import DAY_US, Node

FIRST_YEAR, LAST_YEAR = 1970, 2100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    assert offset is not None  # an aware time always has one
    return int(offset.total_seconds())


def _first_with(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second in (low, high] whose offset is that of `high`."""
    target = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == target:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=32)
def offset_changes(name: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The first offset, and each (instant, offset from then on), all in microseconds.

    Covers 1970 to 2100, looking every 12 hours; before and after, the nearest offset stands.
    """
    zone = ZoneInfo(name)
    start = 0
    end = int((datetime(LAST_YEAR, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
    first = current = _offset(zone, start)
    changes = []
    for second in range(start + 43_200, end, 43_200):
        offset = _offset(zone, second)
        if offset != current:
            changes.append((_first_with(zone, second - 43_200, second), offset))
            current = offset
    return first * SECOND_US, tuple((at * SECOND_US, off * SECOND_US) for at, off in changes)


def _balanced(at: Node, first: int, changes: tuple[tuple[int, int], ...]) -> Node:
    """The offset at `at` as a balanced tree of CASE: a change a level, not a change a branch."""
    if not changes:
        return nodes.whole(first)
    middle = len(changes) // 2
    instant, offset = changes[middle]
    return nodes.when(
        nodes.less(at.copy(), nodes.whole(instant)),
        _balanced(at, first, changes[:middle]),
        _balanced(at, offset, changes[middle + 1 :]),
    )


def day(at: Node, zone: str, after: int | None = None, until: int | None = None) -> Node:
    """The number of the day of the zone in which `at` (microseconds UTC) lies.

    Where it is known that after < at <= until, only the offset changes in between are written.
    """
    first, changes = offset_changes(zone)
    if after is not None:
        first = next((offset for instant, offset in reversed(changes) if instant <= after), first)
    changes = tuple(
        (instant, offset)
        for instant, offset in changes
        if (after is None or instant > after) and (until is None or instant <= until)
    )
    local = at if first == 0 and not changes else nodes.add([at, _balanced(at, first, changes)])
    return nodes.big(
        nodes.floor(nodes.over(nodes.double(nodes.wrapped(local)), nodes.number(float(DAY_US))))
    )
