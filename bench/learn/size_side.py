"""The whole chain on one population, in a process of its own: its stages and what each took.

    python -m bench.learn.size_side FOLDER OUT --every DAYS [--widened N] [--bands]

Writes one JSON object to OUT: `stages` (name, seconds, processor seconds, bytes held at most by
its end), `moments`, `won`, `columns` of values, `auc` of the orders, `page` (its length) and
`verdict`.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.data import DAY
from bench.learn.size_data import outcomes_of
from bench.sides.leadwise_side import CARD
from leadwise.asking.population import population
from leadwise.card import load
from leadwise.learn.backtest.page import backtest_page
from leadwise.learn.backtest.run import Options as Held
from leadwise.learn.backtest.run import backtest
from leadwise.learn.backtest.splits import last_part
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.moments import Watch, training_rows, widened
from leadwise.learn.scorecard import learn_card

HORIZON = 60 * DAY

Stage = tuple[str, float, float, int]


class Clock:
    """Seconds of each stage, processor seconds, and the peak of memory after it."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began, worked = time.perf_counter(), time.process_time()
        yield
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        took, work = time.perf_counter() - began, time.process_time() - worked
        self.stages.append((name, took, work, peak))
        print(name, round(took, 1), round(work, 1), file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=float, required=True)
    parser.add_argument("--widened", type=int, default=0)
    parser.add_argument("--bands", action="store_true")
    options = parser.parse_args()
    clock, folder = Clock(), options.folder
    card = widened(load(CARD), most=options.widened)
    watch = Watch(HORIZON, every_us=int(options.every * DAY), bands=options.bands)
    files = str(folder / "entry_leads.parquet"), str(folder / "entry_events.parquet")
    with clock.stage("reading outcomes"):
        became = outcomes_of(folder)
    with clock.stage("reading files: typed, checked"):
        holding = population(card, *files)
        of = holding.__enter__()
    with clock.stage("moments and features"):
        built = training_rows(of, became, watch)
        holding.__exit__(None, None, None)
    rows = built.rows
    with clock.stage("training: the learned card"):
        cut = last_part(rows, 0.2, HORIZON)
        learned = learn_card(rows.take(cut.known))
    score = learned.scorer(rows)
    ahead = rows.take(cut.ahead)
    with clock.stage("calibration"):
        calibrate(learned.scorer(ahead), ahead.won, ahead.lead, horizon_us=HORIZON)
    with clock.stage("report"):
        others = {"learned card": score[cut.ahead]}
        held = backtest(ahead, (), Held(HORIZON, per_day=200), others, built.notes)
        page = backtest_page(held, card)
    options.out.write_text(
        json.dumps(
            {
                "stages": clock.stages,
                "moments": len(rows),
                "won": int(rows.won.sum()),
                "columns": rows.values.num_columns,
                "auc": {order.name: order.auc.value for order in held.orders},
                "page": len(page),
                "verdict": held.verdict,
            }
        )
    )


if __name__ == "__main__":
    main()
