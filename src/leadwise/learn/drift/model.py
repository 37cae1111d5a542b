"""What a comparison of two spans of the past found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.learn.drift.shift import Shift
from leadwise.learn.judge.interval import Interval

Kind: TypeAlias = Literal["score", "field", "calibration", "silent", "capacity", "delay"]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that changed: what, with numbers, and what to do about it."""

    kind: Kind
    name: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Month:
    """Rows of a month (as 2026-05): the probability said on average, the share that came with its
    95 percent interval; `off` where what was said lies outside it."""

    name: str
    rows: int
    said: float
    came: Interval
    off: bool


@dataclass(frozen=True, slots=True)
class Silent:
    """A criterion that counted for this share of the leads before and for nobody of `rows` now."""

    criterion: str
    before: float
    rows: int


@dataclass(frozen=True, slots=True)
class Workload:
    """Leads in the best band a day against the calls that can be made (None: nobody said)."""

    before: float
    after: float
    calls_a_day: float | None


@dataclass(frozen=True, slots=True)
class Delay:
    """Days from a moment to its outcome, half and nine tenths of those decided; NaN: none."""

    median_before: float
    median_after: float
    slowest_before: float
    slowest_after: float


@dataclass(frozen=True, slots=True)
class Drift:
    """All of it; `alerts` the most serious first."""

    score: Shift
    fields: tuple[Shift, ...]
    months: tuple[Month, ...]
    silent: tuple[Silent, ...]
    workload: Workload | None
    delay: Delay | None
    alerts: tuple[Alert, ...]
