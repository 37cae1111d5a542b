"""The bars that Leadwise must clear, from the medians of the runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.process import Run

Runs = dict[str, list[Run]]


@dataclass(frozen=True)
class Bar:
    """A promise: `value` of the medians must be on the right side of `limit`."""

    text: str
    needs: tuple[str, ...]
    value: Callable[[Runs], float]
    limit: float
    at_least: bool = False
    unit: str = "times"

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


def wall(runs: Runs, side: str) -> float:
    return median(run.wall for run in runs[side])


def per_lead(runs: Runs, side: str) -> float:
    """Seconds of work for one ledger."""
    return median(run.work / run.leads for run in runs[side])


def peak(runs: Runs, side: str) -> float:
    """Gigabytes (of 10^9 bytes) that the hungriest run held."""
    return max(run.peak for run in runs[side]) / 1e9


BARS = (
    Bar(
        "SQL written by hand for the same card: at most 1.5 times its time",
        ("leadwise", "floor"),
        lambda r: wall(r, "leadwise") / wall(r, "floor"),
        1.5,
    ),
    Bar(
        "Polars by hand, streaming: no slower",
        ("leadwise", "polars"),
        lambda r: wall(r, "leadwise") / wall(r, "polars"),
        1.0,
    ),
    Bar(
        "pandas with a groupby for each criterion: at least 5 times as fast",
        ("leadwise", "pandas"),
        lambda r: wall(r, "pandas") / wall(r, "leadwise"),
        5,
        at_least=True,
    ),
    Bar(
        "plain Python loop, per lead: at least 5 times as fast",
        ("leadwise", "loop"),
        lambda r: per_lead(r, "loop") / per_lead(r, "leadwise"),
        5,
        at_least=True,
    ),
    Bar(
        "zen-engine from events, per lead: at least 50 times as fast",
        ("leadwise", "zen"),
        lambda r: per_lead(r, "zen") / per_lead(r, "leadwise"),
        50,
        at_least=True,
    ),
    Bar(
        "peak memory: under 6 GB",
        ("leadwise",),
        lambda r: peak(r, "leadwise"),
        6,
        unit="GB",
    ),
    Bar(
        "100 million events: under 12 GB",
        ("leadwise-big",),
        lambda r: peak(r, "leadwise-big"),
        12,
        unit="GB",
    ),
    Bar(
        "time from 1 to 100 million events: at most 100 times",
        ("leadwise-big", "leadwise-small"),
        lambda r: wall(r, "leadwise-big") / wall(r, "leadwise-small"),
        100,
    ),
    Bar(
        "time from 20 to 100 million events: at most 5 times",
        ("leadwise-big", "leadwise"),
        lambda r: wall(r, "leadwise-big") / wall(r, "leadwise"),
        5,
    ),
    Bar(
        "history of twelve months: at most 4 times one moment's time per lead and moment",
        ("history", "moment"),
        lambda r: per_lead(r, "history") / per_lead(r, "moment"),
        4,
    ),
    Bar(
        "the same, against one moment of the standard population",
        ("history", "leadwise"),
        lambda r: per_lead(r, "history") / per_lead(r, "leadwise"),
        4,
    ),
)
