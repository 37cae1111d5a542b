"""The tables that a plan asks, and the two ways of asking.

    leads(lead_id)
    facts(lead_id, from_us, until_us, one column per field)        from_us <= t < until_us
    events(lead_id, event, at_us, received_us, one column per property)
    moments(_moment, lead_id, as_of_us, known_by_us)                only for `Each`

Times are BIGINT microseconds since 1970 UTC, numbers DOUBLE, texts and choices text, booleans
BIGINT 0 or 1. Facts that were always known are valid from `ALWAYS` to `FOREVER`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

ALWAYS = -(2**62)
FOREVER = 2**62

LEADS, FACTS, EVENTS, MOMENTS = "leads", "facts", "events", "moments"


@dataclass(frozen=True, slots=True)
class At:
    """Every lead of `leads` at one instant: no join with moments, so the quickest for everybody."""

    as_of_us: int
    known_by_us: int


@dataclass(frozen=True, slots=True)
class Each:
    """Every row of `moments`; its number `_moment` is unique and comes back with the answer."""


Asked: TypeAlias = At | Each
