"""`python -m bench.learn` (or `make bench-learn`): hold learning against its peers.

    --quick          small sizes, for a smoke test: no bar is judged, the page goes to .bench/
    --offers FOLDER  where the BPIC 2017 offers are (or LEADWISE_BPIC17); else they are left out
    --only A,B       only these of bank, offers, correlated, null, funnels, size; docs/ stays
    --ebm KIND       full (as it comes), small (no pairs, fewer bags) or none: it takes longest
    --rest           the others as they were measured last; the page says when, and is written

Ends with 1 where a bar is missed. The made-up events are kept below .bench/learn for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.learn import bank, offers, simulated
from bench.learn.bars import judged
from bench.learn.funnels import coverage
from bench.learn.page import page, show
from bench.learn.peers import Calibrated, peers
from bench.learn.results import Results, Size
from bench.learn.size_data import made
from bench.process import ROOT, run
from bench.sections import written

WORK = ROOT / ".bench"
PARTS = ("bank", "offers", "correlated", "null", "funnels", "size")
FOLDER = "LEADWISE_BPIC17"


@dataclass(frozen=True)
class Sizes:
    bank: int | None
    correlated: int
    null: tuple[int, int]
    funnels: tuple[int, int]
    leads: int
    events: int


STANDARD = Sizes(None, simulated.LEADS, (simulated.NULL_LEADS, simulated.REPEATS),
                 (200, 1_000), 200_000, 20_000_000)  # fmt: skip
QUICK = Sizes(3_000, 2_000, (800, 2), (3, 500), 2_000, 100_000)


def measure(
    console: Console, parts: set[str], sizes: Sizes, folder: Path | None, *, ebm: str
) -> Results:
    """All that was asked for, each part told as it ends."""
    results = Results()
    others, missing = peers(ebm)
    learners = [Calibrated(), *others]
    results.notes += missing
    if "offers" in parts and not offers.there(folder):
        results.notes.append(
            f"The BPIC 2017 offers are not here: their rows are left out (--offers or {FOLDER})."
        )
        parts = parts - {"offers"}
    work: dict[str, Callable[[], list]] = {
        "bank": lambda: bank.splits(learners, sizes.bank),
        "offers": lambda: offers.splits(folder or Path(), learners),
        "correlated": lambda: [simulated.correlated(learners, sizes.correlated)],
        "null": lambda: [simulated.null(*sizes.null)],
        "funnels": lambda: [coverage(*sizes.funnels)],
        "size": lambda: [_size(sizes.leads, sizes.events)],
    }
    for part in PARTS:
        if part in parts:
            getattr(results, part).extend(work[part]())
            console.print(f"measured: {part}")
    results.parts = {part: _today() for part in PARTS if getattr(results, part)}
    return results


def _kept(results: Results, path: Path) -> Results:
    """The parts that were not measured now, from the last time they were."""
    if path.exists():
        before = pickle.loads(path.read_bytes())
        for part in before.parts.keys() - results.parts.keys():
            setattr(results, part, getattr(before, part))
            results.parts[part] = before.parts[part]
    return results


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def _size(leads: int, events: int) -> Size:
    folder = WORK / "learn" / f"size-{leads}"
    made(folder, leads, events)
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "said.json"
        busy = os.getloadavg()[0]
        took = run(["bench.learn.size_side", str(folder), str(out), "--every", "60"])
        return Size(leads, events, took, json.loads(out.read_text(encoding="utf-8")), busy)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.learn", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--offers", type=Path, default=os.environ.get(FOLDER))
    parser.add_argument("--only", help="parts, with commas between")
    parser.add_argument("--ebm", choices=["full", "small", "none"], default="full")
    parser.add_argument("--rest", action="store_true")
    options = parser.parse_args()
    parts = set(options.only.split(",")) if options.only else set(PARTS)
    if unheard := parts - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unheard))}: there are {', '.join(PARTS)}")
    console = Console()
    console.width = max(console.width, 150)
    folder = Path(options.offers) if options.offers else None
    sizes = QUICK if options.quick else STANDARD
    results = measure(console, parts, sizes, folder, ebm=options.ebm)
    if not options.quick:
        everything = _kept(replace(results, parts=dict(results.parts)), WORK / "learn" / "kept")
        (WORK / "learn").mkdir(parents=True, exist_ok=True)
        (WORK / "learn" / "kept").write_bytes(pickle.dumps(everything))
        results = everything if options.rest else results
    show(console, results, judge=not options.quick)
    if options.rest or not options.only:
        out = WORK / "performance.md" if options.quick else ROOT / "docs" / "performance.md"
        written(out, learn=page(results))
        console.print(f"written: {out.relative_to(ROOT)}")
    return 0 if options.quick or all(each.met for each in judged(results)) else 1


if __name__ == "__main__":
    sys.exit(main())
