"""What to take from finished ledgers: the best leads, rows to be written, counts.

All of it reads the relations that `summarise` leaves behind.
"""

# ruff: noqa: S608 - the SQL is made of our own names and whole numbers

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from sqlglot import exp

from leadwise.asking.population import Population
from leadwise.asking.summary import LEDGERS, ledger_sql, summary_sql

WIDTHS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000)
RANGES = 12


@dataclass(frozen=True, slots=True)
class Tally:
    """How many leads there are, in each band, and in each range of scores.

    `ranges` counts the leads with `n * width <= score < (n + 1) * width` under `n` (`width` in
    hundredths), and is empty for a card with bands.
    """

    leads: int
    bands: Mapping[str | None, int]
    ranges: Mapping[int, int] = field(default_factory=dict)
    width: int = 100


def tally(of: Population) -> Tally:
    """Count the leads."""
    if of.card.bands:
        bands = _pairs(of, f'SELECT "band" AS k, count(*) AS n FROM "{LEDGERS}" GROUP BY 1')
        return Tally(sum(bands.values()), bands)
    edges = _pairs(of, f'SELECT min("score") AS k, max("score") AS n FROM "{LEDGERS}"')
    ((low, high),) = edges.items()
    if low is None:
        return Tally(0, {})
    width = next((w for w in WIDTHS if (high - low) // w < RANGES), (high - low) // RANGES + 1)
    ranges = _pairs(
        of,
        f'SELECT CAST(floor("score" / {width}) AS BIGINT) AS k, count(*) AS n '
        f'FROM "{LEDGERS}" GROUP BY 1',
    )
    return Tally(sum(ranges.values()), {}, ranges, width)


def best_ledgers(of: Population, top: int) -> list[dict[str, Any]]:
    """The raw ledgers of the best `top` leads, best first."""
    engine = of.read.engine
    order = f'SELECT * FROM "{LEDGERS}" ORDER BY "score" DESC, "lead_id" LIMIT {top}'
    engine.create("best", order)
    found: list[dict[str, Any]] = engine.query(exp.select("*").from_("best")).to_pylist()
    return found


def scored_rows(
    of: Population, *, ledger: bool = False, top: int | None = None
) -> pa.RecordBatchReader:
    """The rows of the summary (or of the whole ledger), best first; a stream."""
    engine = of.read.engine
    select = ledger_sql(of.card) if ledger else summary_sql(of.card)
    engine.create("rows", select + (f" LIMIT {top}" if top is not None else ""), view=True)
    return engine.stream(exp.select("*").from_(exp.to_table("rows", quoted=True)))


def _pairs(of: Population, select: str) -> dict[Any, int]:
    """The rows (k, n) of a SELECT; it groups by place, for a criterion may be called k too."""
    engine = of.read.engine
    engine.create("pairs", select)
    rows = engine.query(exp.select("*").from_("pairs")).to_pylist()
    return {row["k"]: row["n"] for row in rows}
