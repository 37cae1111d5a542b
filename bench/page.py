"""docs/performance.md and the table on the screen, from the runs."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.bars import BARS, Bar, Runs
from bench.programme import Population, Scale, Side

LIBRARIES = ("duckdb", "sqlglot", "polars", "pandas", "numpy", "pyarrow", "zen-engine")


def machine() -> list[tuple[str, str]]:
    """What it ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"),
        ("libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
    ]


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def results(sides: list[Side], runs: Runs) -> list[tuple[str, ...]]:
    """One row of text for each side that ran."""
    rows = []
    for side in sides:
        found = runs.get(side.name)
        if not found:
            continue
        walls = sorted(run.wall for run in found)
        work = median(run.work / run.leads for run in found if run.leads) if found[0].leads else 0
        rows.append(
            (
                side.about,
                side.population,
                str(len(found)),
                "" if side.per_lead else f"{median(walls):.2f}",
                "" if side.per_lead else f"{walls[0]:.2f} to {walls[-1]:.2f}",
                f"{median(run.processor for run in found):.1f}",
                f"{work * 1e6:.2f}" if work else "",
                f"{max(run.peak for run in found) / 1e9:.2f}",
            )
        )
    return rows


HEADINGS = (
    "side",
    "population",
    "runs",
    "seconds (median)",
    "least to most",
    "processor seconds",
    "microseconds a ledger",
    "peak GB",
)


def judged(runs: Runs) -> list[tuple[str, str, str, str]]:
    """One row of text for each bar that could be judged."""
    rows = []
    for bar in BARS:
        if all(runs.get(side) for side in bar.needs):
            value = bar.value(runs)
            rows.append((bar.text, _shown(bar, value), _limit(bar), _word(bar, value)))
    return rows


def _shown(bar: Bar, value: float) -> str:
    return f"{value:.2f} {bar.unit}"


def _limit(bar: Bar) -> str:
    return f"{'at least' if bar.at_least else 'at most'} {bar.limit:g}"


def _word(bar: Bar, value: float) -> str:
    return "met" if bar.met(value) else "**missed**"


def show(console: Console, sides: list[Side], runs: Runs, *, bars: bool) -> None:
    """The tables on the screen; the bars mean nothing at small sizes."""
    table = Table(*HEADINGS, title="What each side took")
    for row in results(sides, runs):
        table.add_row(*row)
    console.print(table)
    if bars:
        table = Table("the bar", "measured", "allowed", "", title="The bars")
        for row in judged(runs):
            table.add_row(*row[:3], row[3].strip("*"))
        console.print(table)


def page(scale: Scale, sides: list[Side], runs: Runs, agreed: int) -> str:
    """The text of docs/performance.md."""
    today = datetime.now(UTC).date().isoformat()
    populations = [p for p in scale.populations if any(s.population == p.name for s in sides)]
    parts = [
        INTRODUCTION.format(today=today, agreed=f"{agreed:,}"),
        "## The machine\n\n" + "\n".join(f"- {name}: {text}" for name, text in machine()),
        "## The bars\n\n" + _markdown(("bar", "measured", "allowed", ""), judged(runs)),
        "## What each side took\n\n" + _markdown(HEADINGS, results(sides, runs)) + "\n\n" + NOTES,
        "## The input\n\n"
        + _markdown(("population", "leads", "events"), [_sizes(p) for p in populations])
        + "\n\n"
        + INPUT,
    ]
    return "\n\n".join(parts) + "\n"


def _sizes(population: Population) -> tuple[str, ...]:
    return population.name, f"{population.leads:,}", f"{population.events:,}"


def _markdown(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


INTRODUCTION = """# Performance

Written by `make bench` on {today}. One card of 25 criteria of every kind (`bench/card.yaml`), the
same two Parquet files for every side, the whole ledger written to Parquet by every side: one column
for each criterion, limit, adjustment, minimum and maximum, the dimensions' totals, score, band,
grade and the list of what is unknown. Before anything was timed, all sides gave exactly the same
ledger, to the hundredth of a point, on {agreed} leads; so did the naive interpreter of the
tests."""

NOTES = """Seconds are those of the whole process: starting Python, importing, reading the card and
the files, writing. Each run is a process of its own; the sides of many runs take turns, so that a
busy minute of the machine falls on all. Microseconds a ledger count work only, without start and
imports, and on the sampled sides without reading: their data is in memory before the clock starts.
zen-engine has no sorting, grouping or different values in its language: what it cannot work out is
given to it ready-made, and its second row gets every number ready-made and only goes from numbers
to the ledger. The command's row is `leadwise score ... --ledger --out` on files with timestamp
columns: it reads, types and checks every value, ranks, and writes the reasons too."""

INPUT = """Made up, the same on every machine (`bench/data.py`): 20 events a lead, in order of time,
as a log is; the busiest hundredth of the leads does a tenth of everything, a fifth never did
anything; two in a hundred events arrive late. Nothing is sorted, partitioned or indexed by lead."""
