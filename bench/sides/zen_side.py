"""GoRules' zen-engine: the same card as a decision, asked lead by lead, on a sample.

Its language has no sorting, no different values and no grouping, so it cannot work out the whole
card from events. Two ways are measured, both with all data in memory before the clock starts:

- `--mode events`: a lead's events are given to the decision, which counts, sums and ages them
  itself (filter, map, sum, max); what its language cannot do is given to it ready-made: the days of
  the pricing page, the different assets, the five latest clicks;
- `--mode numbers`: every number of a lead is given ready-made (by the hand-written SQL, in time
  that is not counted), and the decision only goes from numbers to the ledger.

The decision is one graph of expression nodes, compiled once; the ledger is whole in both.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import zen

from bench.data import DAY
from bench.ledger import COLUMNS
from bench.sides.floor import query
from bench.sides.run_side import Task, report, sample_of, task
from bench.sides.zen_decision import LEDGER, counting

FIELDS = (
    "lead_id, company_size, industry, country, role, budget, opted_in, email_domain, tech_stack"
)
READY = "pricing_days, assets, recent_assets"
NUMBERS = (
    "n_visits, n_docs, longest_visit, n_opens, contacts, n_bounced, meeting_minutes, "
    "webinar_worth, trial_worth, demos, unsubscriptions, last_outcome, click_worth, days_quiet"
)


def decision(steps: list[list[tuple[str, str]]]) -> zen.ZenDecision:
    """A graph of expression nodes, one after the other, each passing on what it was given."""
    nodes: list[dict[str, Any]] = [{"id": "in", "name": "in", "type": "inputNode", "content": {}}]
    for number, step in enumerate(steps):
        expressions = [{"id": k, "key": k, "value": v} for k, v in step]
        content = {"expressions": expressions, "passThrough": True}
        name = f"step{number}"
        nodes.append({"id": name, "name": name, "type": "expressionNode", "content": content})
    nodes.append({"id": "out", "name": "out", "type": "outputNode", "content": {}})
    ids = [node["id"] for node in nodes]
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in pairwise(ids)
    ]
    content = json.dumps({"nodes": nodes, "edges": edges})
    return zen.ZenEngine().create_decision(zen.ZenDecisionContent(content))


def numbers_of(asked: Task) -> list[dict[str, Any]]:
    """The sampled leads with every number ready-made, from the floor's own SQL."""
    sql = query(asked)
    known = sql[: sql.index(",\npoints AS (")]
    with duckdb.connect() as connection:
        # A number that shares its name with a line of the ledger is called n_ here.
        asked_for = NUMBERS
        for name in ("visits", "docs", "opens", "bounced"):
            asked_for = asked_for.replace(f"n_{name}", f"{name} AS n_{name}")
        rows = connection.sql(
            f"{known} SELECT {FIELDS}, {READY}, {asked_for}, days_old FROM known "
            f"WHERE {sample_of(asked)} ORDER BY lead_id"
        )
        return rows.to_arrow_table().to_pylist()


def events_of(asked: Task) -> dict[str, list[dict[str, Any]]]:
    """The events that count of the sampled leads, in order of time, with their age."""
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"SELECT lead_id, event, {asked.as_of} - at_us AS age, path, form, outcome, seconds, "
            f"minutes FROM '{asked.events}' WHERE at_us <= {asked.as_of} "
            f"AND received_us <= {asked.known_by} AND {sample_of(asked)} ORDER BY at_us"
        )
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows.to_arrow_table().to_pylist():
            found.setdefault(row.pop("lead_id"), []).append(row)
    return found


def with_events(asked: Task, leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same leads with their events instead of what the language can count itself."""
    events = events_of(asked)
    given = []
    for lead in leads:
        own = events.get(lead["lead_id"], [])
        clicks = [e["age"] for e in own if e["event"] == "email_clicked"][-5:]
        kept = {name: value for name, value in lead.items() if name not in NUMBERS.split(", ")}
        given.append({**kept, "events": own, "click_ages": clicks})
    return given


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--mode", choices=["events", "numbers"], default="events")
    mode = parser.parse_known_args()[0].mode
    asked = task(parser)
    leads = numbers_of(asked)
    steps = LEDGER
    if mode == "events":
        leads = with_events(asked, leads)
        steps = [*counting(DAY), *LEDGER]
    compiled = decision(steps)
    compiled.evaluate(leads[0])
    start = time.perf_counter()
    answers = [compiled.evaluate(lead)["result"] for lead in leads]
    seconds = time.perf_counter() - start
    columns = {name: [answer[name] for answer in answers] for name in COLUMNS}
    for name, values in columns.items():
        columns[name] = [int(v) if isinstance(v, float) else v for v in values]
    pq.write_table(pa.table(columns), asked.out)
    report(len(leads), seconds, mode=mode)


if __name__ == "__main__":
    main()
