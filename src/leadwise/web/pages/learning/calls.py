"""How many buyers a team's calls would have found: the answer to a number that people move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from leadwise.web.pages.learning.numbers import Document, listed, number_of, share
from leadwise.web.pages.visit import Visit

MOST_CALLS = 100_000
Point = tuple[float, float]


def calls_values(
    visit: Visit, document: Document, name: Callable[[Visit, str], str]
) -> dict[str, Any]:  # fmt: skip
    """What `learning/calls.html` wants: for each order the share of the buyers found by so many
    calls a day, and the points from which the script reads others."""
    asked, fault = _asked(visit, document)
    read = points_of(document)
    found = [
        {"name": name(visit, key), "points": points, "share": at_calls(points, asked),
         "shown": share(visit, at_calls(points, asked))}
        for key, points in read.items()
    ]  # fmt: skip
    most = max((points[-1][0] for points in read.values() if points), default=0.0)
    return {
        "calls": asked, "calls_fault": fault, "calls_typed": visit.query.get("calls", ""),
        "calls_most": int(max(most, asked)), "calls_orders": found,
        "calls_rough": "capacity" not in document, "calls_buyers": _buyers(document),
    }  # fmt: skip


def points_of(document: Document) -> dict[str, list[Point]]:
    """(calls a day, share of buyers found) of each order, rising.

    Where the study did not try several numbers of calls, the curve of its order stands in: calling
    so many of the leads of an average day.
    """
    tried = document.get("capacity")
    if isinstance(tried, dict):
        numbers = [float(each) for each in tried.get("per_day", ())]
        return {
            str(key): [(0.0, 0.0), *_known(numbers, shares)]
            for key, shares in dict(tried.get("orders", {})).items()
        }
    a_day = _leads_a_day(document)
    if a_day is None or not _buyers(document):
        return {}
    return {
        str(order.get("name")): [
            (float(x) * a_day, float(y)) for x, y in listed(order, "curve") if y is not None
        ]
        for order in listed(document, "orders")
    }


def _buyers(document: Document) -> bool:
    """Whether there was anybody to find, as far as the study says so."""
    return number_of(document.get("won")) != 0


def _known(numbers: Sequence[float], shares: Sequence[Any]) -> list[Point]:
    return [
        (at, float(found)) for at, found in zip(numbers, shares, strict=False) if found is not None
    ]


def _leads_a_day(document: Document) -> float | None:
    given = number_of(document.get("leads_a_day"))
    if given:
        return given
    first, last = number_of(document.get("first_us")), number_of(document.get("last_us"))
    rows = number_of(document.get("rows"))
    if first is None or last is None or not rows:
        return None
    return rows / max((last - first) / 86_400_000_000, 1.0)


def at_calls(points: Sequence[Point], calls: float) -> float | None:
    """The share at so many calls: along a straight line between points, level beyond the last."""
    if not points:
        return None
    before = points[0]
    for at, found in points:
        if at >= calls:
            if at == before[0]:
                return found
            return before[1] + (found - before[1]) * (calls - before[0]) / (at - before[0])
        before = (at, found)
    return points[-1][1]


def _asked(visit: Visit, document: Document) -> tuple[int, str]:
    """How many calls a day are asked for, and what is wrong with it."""
    _ = visit.texts.say
    usual = int(number_of(document.get("per_day")) or visit.site.settings.team.calls_a_day or 20)
    typed = visit.query.get("calls", "").strip()
    if not typed:
        return usual, ""
    if not typed.isdecimal() or not 1 <= int(typed[:9]) <= MOST_CALLS:
        return usual, _("Give a whole number of calls, at least 1.")
    return int(typed[:9]), ""
