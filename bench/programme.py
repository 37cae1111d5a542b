"""What is run: the populations and the sides, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Population:
    """A folder of input of so many leads and events."""

    name: str
    leads: int
    events: int


@dataclass(frozen=True)
class Side:
    """A program to time: `module` and further arguments, on a population, so many times.

    `per_lead` says that only a sample is answered, so that only time per lead can be compared;
    `command` that it is the command line itself, on the files with timestamp columns.
    """

    name: str
    module: str
    population: str
    times: int
    about: str
    extra: tuple[str, ...] = ()
    per_lead: bool = False
    command: bool = False

    def arguments(self, folder: Path, out: Path) -> list[str]:
        """What follows `python -m`."""
        if not self.command:
            return [self.module, str(folder), str(out), *self.extra]
        files = ["--leads", f"{folder}/entry_leads.parquet"]
        files += ["--events", f"{folder}/entry_events.parquet", "--out", str(out)]
        return [self.module, "score", "bench/card.yaml", *files, *self.extra]


@dataclass(frozen=True)
class Scale:
    """All sizes of a benchmark."""

    populations: tuple[Population, ...]
    times: int
    sample: int


STANDARD = Scale(
    (
        Population("agree", 20_000, 400_000),
        Population("small", 50_000, 1_000_000),
        Population("history", 100_000, 2_000_000),
        Population("standard", 1_000_000, 20_000_000),
        Population("big", 5_000_000, 100_000_000),
    ),
    times=5,
    sample=5_000,
)
QUICK = Scale(
    (
        Population("agree", 2_000, 40_000),
        Population("small", 500, 10_000),
        Population("history", 1_000, 20_000),
        Population("standard", 10_000, 200_000),
        Population("big", 50_000, 1_000_000),
    ),
    times=2,
    sample=500,
)

AS_OF_TEXT = "2026-06-30T00:00:00Z"

# The sides whose ledgers are compared before anything is timed, the first being the measure.
AGREEING = (
    ("floor", ()),
    ("leadwise_side", ()),
    ("polars_side", ()),
    ("pandas_side", ()),
    ("numpy_side", ()),
    ("loop_side", ()),
    ("zen_side", ("--mode", "events")),
    ("zen_side", ("--mode", "numbers")),
    ("oracle_side", ()),
)


def sides(scale: Scale, *, big: bool) -> list[Side]:
    """Everything that is timed, those of many repetitions first."""
    n, whole = scale.times, "standard"
    sample = ("--sample", str(scale.sample))
    found = [
        Side("leadwise", "bench.sides.leadwise_side", whole, n, "Leadwise, the card as it stands"),
        Side("floor", "bench.sides.floor", whole, n, "SQL by hand for this card, DuckDB"),
        Side("polars", "bench.sides.polars_side", whole, n, "Polars by hand, streaming engine"),
        Side("numpy", "bench.sides.numpy_side", whole, 2, "numpy by hand, bincount"),
        Side("pandas", "bench.sides.pandas_side", whole, 2, "pandas, a groupby for each criterion"),
        Side("loop", "bench.sides.loop_side", whole, 3, "Python loop (sample)", sample, True),
        Side(
            "zen",
            "bench.sides.zen_side",
            whole,
            3,
            "zen-engine, from events (sample)",
            (*sample, "--mode", "events"),
            True,
        ),
        Side(
            "zen-numbers",
            "bench.sides.zen_side",
            whole,
            3,
            "zen-engine, from numbers worked out before (sample)",
            (*sample, "--mode", "numbers"),
            True,
        ),
        Side(
            "command",
            "leadwise",
            whole,
            2,
            "the whole command from files, with the checks at entry",
            ("--as-of", AS_OF_TEXT, "--ledger"),
            command=True,
        ),
        Side("leadwise-small", "bench.sides.leadwise_side", "small", n, "Leadwise, 1/20 of it"),
        Side("moment", "bench.sides.leadwise_side", "history", n, "Leadwise, one moment"),
        Side("history", "bench.sides.history_side", "history", 3, "Leadwise, twelve months"),
    ]
    if big:
        found.append(
            Side("leadwise-big", "bench.sides.leadwise_side", "big", 1, "Leadwise, 5 times it")
        )
        found.append(Side("floor-big", "bench.sides.floor", "big", 1, "SQL by hand, 5 times it"))
    return found
