"""`python -m bench.live` (or `make bench-live`): measure the live system, judge, write.

    --quick      small sizes, for a smoke test: no bar is judged, the page goes to .bench/
    --big        the cost of an event with 10 million leads too (20 GB of free disk)
    --only A,B   only these of rates, waits, growth, publishing; nothing is written to docs/

Ends with 1 where a bar is missed. Filled stores are kept below .bench/live for the next time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

from rich.console import Console

from bench.live.bars import judged
from bench.live.page import page, show
from bench.live.postgres import Postgres, postgres
from bench.live.programme import BIG, QUICK, STANDARD, Sizes, growth, rates, waits
from bench.live.publishing import publishing
from bench.live.results import Results
from bench.process import ROOT
from bench.sections import written

WORK = ROOT / ".bench"
PARTS = ("rates", "waits", "growth", "publishing")


def measure(
    console: Console, parts: set[str], sizes: Sizes, on: Postgres | None, *, quick: bool
) -> Results:
    """All that was asked for, told as it comes."""
    results = Results()
    folder = WORK / ("quick-live" if quick else "live")
    folder.mkdir(parents=True, exist_ok=True)

    def told(rows: Iterator[object], into: list[object]) -> None:
        for row in rows:
            into.append(row)
            console.print(_line(row))

    if "rates" in parts:
        told(rates(folder, on, sizes), results.rates)
    if "waits" in parts:
        told(waits(folder, on, sizes), results.waits)
    if "growth" in parts:
        told(growth(folder, sizes), results.growth)
    if "publishing" in parts:
        files = WORK / ("quick-standard" if quick else "standard")
        found = publishing(folder, files, *sizes.published)
        results.publishing.append(found)
        console.print(_line(found))
    return results


def _line(row: object) -> str:
    text = repr(row)
    return text if len(text) < 500 else text[:240] + " ... " + text[-240:]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--only", help="parts, with commas between")
    options = parser.parse_args()
    parts = set(options.only.split(",")) if options.only else set(PARTS)
    if unheard := parts - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unheard))}: there are {', '.join(PARTS)}")
    console = Console()
    console.width = max(console.width, 150)
    sizes = QUICK if options.quick else STANDARD
    if options.big:
        sizes = replace(sizes, growth=(*sizes.growth, BIG))
    with postgres() as on:
        if on is None:
            console.print("There is no PostgreSQL here: its rows are left out.", style="bold red")
        results = measure(console, parts, sizes, on, quick=options.quick)
    show(console, results, judge=not options.quick)
    if not options.only:
        out = WORK / "performance.md" if options.quick else ROOT / "docs" / "performance.md"
        written(out, live=page(results))
        console.print(f"written: {out.relative_to(ROOT)}")
    return 0 if options.quick or all(each.met for each in judged(results)) else 1


if __name__ == "__main__":
    sys.exit(main())
