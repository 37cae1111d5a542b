"""`python -m bench` (or `make bench`): make the input, check that all agree, time, judge, write.

    --quick      small sizes, for a smoke test: no bar is judged, the page goes to .bench/
    --big        also 100 million events (15 GB of free disk)
    --only A,B   only these sides; nothing is written to docs/

Ends with 1 where sides disagree or a bar is missed. This process imports little on purpose: Linux
counts as a child's peak memory at least what its parent held when it was started.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from bench.bars import Runs
from bench.page import judged, page, show
from bench.process import ROOT, Run, SideError, run
from bench.programme import AGREEING, QUICK, STANDARD, Population, Scale, Side, sides
from bench.sections import written

WORK = ROOT / ".bench"


def folder_of(population: Population, *, quick: bool) -> Path:
    return WORK / ("quick-" * quick + population.name)


def prepare(console: Console, scale: Scale, wanted: list[Side], *, quick: bool) -> dict[str, Path]:
    """The folders of the populations that are needed, made where they are missing."""
    needed = {side.population for side in wanted} | {"agree"}
    folders = {}
    for population in scale.populations:
        if population.name in needed:
            folder = folder_of(population, quick=quick)
            console.print(f"input: {population.leads:,} leads, {population.events:,} events")
            sizes = ["--leads", str(population.leads), "--events", str(population.events)]
            entry = any(side.command and side.population == population.name for side in wanted)
            run(["bench.data", str(folder), *sizes, *["--entry"] * entry])
            folders[population.name] = folder
    return folders


def agree(console: Console, folder: Path, leads: int) -> bool:
    """Run every side on the small population; say whether all give the ledger of the first."""
    ledgers = []
    for name, extra in AGREEING:
        out = folder / f"{'_'.join((name, *extra[1:]))}.parquet"
        run([f"bench.sides.{name}", str(folder), str(out), "--sample", str(leads), *extra])
        ledgers.append(str(out))
    try:
        run(["bench.agree", *ledgers])
    except SideError as error:
        console.print("The sides do not agree.", str(error), sep="\n", style="bold red")
        return False
    names = ", ".join(Path(ledger).stem for ledger in ledgers)
    console.print(f"the same ledger of {leads:,} leads from {names}")
    return True


def measure(console: Console, wanted: list[Side], folders: dict[str, Path]) -> Runs:
    """Time the sides in turns: the first run of each, then the second of each, and so on."""
    runs: Runs = {side.name: [] for side in wanted}
    for turn in range(max(side.times for side in wanted)):
        for side in wanted:
            if turn < side.times:
                folder = folders[side.population]
                out = folder / f"{side.name}-out.parquet"
                took = run(side.arguments(folder, out))
                out.unlink()
                runs[side.name].append(took)
                console.print(_line(turn, side, took))
    return runs


def _line(turn: int, side: Side, took: Run) -> str:
    return f"{turn + 1}. {side.name}: {took.wall:.2f} s, {took.peak / 1e9:.2f} GB"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--only", help="names of sides, with commas between")
    options = parser.parse_args()
    console = Console()
    console.width = max(console.width, 150)
    scale = QUICK if options.quick else STANDARD
    wanted = sides(scale, big=options.big)
    if options.only:
        names = set(options.only.split(","))
        unheard = names - {side.name for side in wanted}
        if unheard:
            parser.error(f"no side {', '.join(sorted(unheard))}")
        wanted = [side for side in wanted if side.name in names]

    folders = prepare(console, scale, wanted, quick=options.quick)
    population = next(p for p in scale.populations if p.name == "agree")
    if not options.only and not agree(console, folders["agree"], population.leads):
        return 1
    runs = measure(console, wanted, folders)
    show(console, wanted, runs, bars=not options.quick)
    if not options.only:
        out = WORK / "performance.md" if options.quick else ROOT / "docs" / "performance.md"
        written(out, files=page(scale, wanted, runs, population.leads))
        console.print(f"written: {out.relative_to(ROOT)}")
    return 0 if options.quick or all(row[3] == "met" for row in judged(runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
