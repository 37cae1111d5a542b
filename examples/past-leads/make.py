"""Makes leads.csv, events.csv and outcomes.csv: a year of a small firm's leads, made up.

    python examples/past-leads/make.py

600 leads, made by a random number generator with a fixed seed; nobody's data. What drives a win is
written below, so that what is learned can be held against it: demo requests and pricing visits of
the last weeks count, being in manufacturing or retail counts, a large firm counts, a student does
not buy, reading the blog means nothing.
"""

from __future__ import annotations

import csv
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS, LEADS = 365, 600
INDUSTRIES = ("manufacturing", "retail", "software", "education", "other")
KINDS = {"blog_read": 5.0, "pricing_viewed": 1.2, "webinar_attended": 0.5, "demo_requested": 0.25}
"""How many of each event a lead has on average in its first 60 days."""
FIT = {"manufacturing": 0.9, "retail": 0.6, "software": 0.0, "education": -0.6, "other": -0.3}
INTEREST = {"demo_requested": 2.2, "pricing_viewed": 0.5, "webinar_attended": 0.6}
BASE = -4.2


def main() -> None:
    """Write the three files beside this one."""
    chance = random.Random(20250101)
    leads, events, outcomes = [], [], []
    for number in range(1, LEADS + 1):
        lead_id = f"L{number:03d}"
        came = START + timedelta(days=chance.uniform(0, DAYS - 1))
        industry = chance.choice(INDUSTRIES)
        employees = round(math.exp(chance.gauss(4, 1.5))) if chance.random() < 0.85 else ""
        title = chance.choice(["Manager", "Director", "Owner", "Analyst", "Student", ""])
        own = [
            (came + timedelta(days=chance.uniform(0, 60)), kind)
            for kind, mean in KINDS.items()
            for _ in range(_number(chance, mean))
        ]
        own.append((came, "form_sent"))
        drive = BASE + FIT[industry] + (0.8 if employees and employees >= 50 else 0.0)
        drive -= 2.5 if title == "Student" else 0.0
        drive += sum(INTEREST.get(kind, 0.0) for _, kind in own)
        won = chance.random() < 1 / (1 + math.exp(-drive))
        decided = came + timedelta(days=chance.uniform(20, 75) if won else chance.uniform(30, 90))
        leads.append((lead_id, _written(came), industry, employees, title))
        events += [(lead_id, kind, _written(at)) for at, kind in own if at <= decided]
        if decided < START + timedelta(days=DAYS):
            outcomes.append((lead_id, "won" if won else "lost", _written(decided)))
    _write("leads.csv", ("lead_id", "created_at", "industry", "employees", "title"), leads)
    _write("events.csv", ("lead_id", "event", "timestamp"), sorted(events, key=lambda row: row[2]))
    _write("outcomes.csv", ("lead_id", "outcome", "decided_at"), outcomes)


def _number(chance: random.Random, mean: float) -> int:
    """From Poisson's distribution (D. Knuth, The art of computer programming 2, 3.4.1)."""
    least, product, count = math.exp(-mean), chance.random(), 0
    while product > least:
        count, product = count + 1, product * chance.random()
    return count


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
