"""Times as transcripts write them beside the words."""

from __future__ import annotations

import re

CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
"""A time: 00:12, 1:02:33, 00:00:01.250, 10:32 AM."""
STAMP = rf"(?:\[\s*{CLOCK}\s*\]|\(\s*{CLOCK}\s*\)|{CLOCK})"
"""A time, maybe in brackets."""
_LOOSE = r"\d{1,3}(?::\d{1,2}){1,2}(?:[.,]\d{1,3})?"
RANGE = rf"{_LOOSE}\s*(?:-->|→|–|-)\s*{_LOOSE}"
"""From one time to another; Teams writes 0:0:3.450 --> 0:0:5.120."""
_DAY = re.compile(r"[AaPp]\.?[Mm]\.?\s*$")
_NUMBERS = re.compile(r"\d+(?:[.,]\d{1,3})?")


def seconds(stamp: str) -> float | None:
    """Seconds from the start; None for a time of the day (AM, PM)."""
    bare = stamp.strip(" []()")
    if _DAY.search(bare):
        return None
    parts = [float(one.replace(",", ".")) for one in _NUMBERS.findall(bare)]
    total = 0.0
    for part in parts:
        total = total * 60 + part
    return round(total, 3)


def from_start(times: list[float | None]) -> list[float | None]:
    """Times of the day made seconds from the first: recordings do not start in the seventh hour."""
    known = [one for one in times if one is not None]
    if not known or known[0] < _LATE:
        return times
    return [None if one is None else max(0.0, round(one - known[0], 3)) for one in times]


_LATE = 6 * 3600
