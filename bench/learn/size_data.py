"""The input of the size benchmark: the leads and events of `bench/data.py`, and what came of them.

Leads come within the log's year. Who wins is drawn from what a lead is and did in the log's first
60 days (company size, role, demos, pricing pages), when it was decided falls evenly on the rest of
the year. A third has no outcome.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import AS_OF, DAY, START, make, make_entry

SEED = 20260701
FROM = START + 60 * DAY
OLDEST = AS_OF - 1000 * DAY
"""When the first lead of `bench/data.py` was made."""


def outcomes_of(folder: Path) -> dict[str, tuple[bool, int | None]]:
    """For each decided lead whether it was won and when (microseconds), as `read_outcomes` gives
    it."""
    table = pq.read_table(folder / "outcomes.parquet")
    columns = (table[name].to_pylist() for name in ("lead_id", "won", "decided_us"))
    return {lead: (won, at) for lead, won, at in zip(*columns, strict=True)}


def made(folder: Path, leads: int, events: int) -> None:
    """Write leads, events and outcomes below `folder`, unless they are there already."""
    make(folder, leads, events)
    _came_within_the_year(folder / "leads.parquet")
    make_entry(folder)
    path = folder / "outcomes.parquet"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        pq.write_table(_outcomes(folder), unfinished)
        unfinished.rename(path)


def _came_within_the_year(path: Path) -> None:
    table = pq.read_table(path)
    old = table["created_at"].combine_chunks()
    at = old.fill_null(AS_OF).to_numpy()
    if len(at) and at.min() < START:
        within = START + (at - OLDEST) * 3 // 10
        place = table.schema.get_field_index("created_at")
        made = pa.array(within, mask=old.is_null().to_numpy(zero_copy_only=False))
        pq.write_table(table.set_column(place, "created_at", made), path)


def _outcomes(folder: Path) -> pa.Table:
    import duckdb

    found = duckdb.sql(
        f"""
        SELECT l.lead_id, coalesce(ln(company_size), 3) AS size,
          coalesce(role IN ('c_level', 'vp', 'director'), false) AS senior,
          coalesce(demos, 0) AS demos, coalesce(pricing, 0) AS pricing
        FROM '{folder}/leads.parquet' l LEFT JOIN (
          SELECT lead_id, count(*) FILTER (event = 'demo_requested') AS demos,
            count(*) FILTER (path LIKE '/pricing%') AS pricing
          FROM '{folder}/events.parquet' WHERE at_us < {FROM} GROUP BY lead_id
        ) e ON e.lead_id = l.lead_id ORDER BY l.lead_id
        """
    ).fetchnumpy()
    draw = np.random.default_rng(SEED)
    odds = -3.5 + 0.25 * found["size"] + 0.8 * found["senior"]
    odds = odds + 0.5 * np.minimum(found["demos"], 3) + 0.03 * np.minimum(found["pricing"], 40)
    many = len(odds)
    won = draw.random(many) < 1 / (1 + np.exp(-odds))
    decided = FROM + (draw.random(many) * (AS_OF - FROM)).astype(np.int64)
    kept = draw.random(many) < 2 / 3
    table = pa.table({"lead_id": found["lead_id"].astype(str), "won": won, "decided_us": decided})
    return table.filter(pa.array(kept))
