"""A plain Python loop, lead by lead, on a sample: one pass over a lead's events, then its ledger.

All data is in memory, as tuples grouped by lead, before the clock starts.
"""

from __future__ import annotations

import math
import time
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DAY
from bench.ledger import COLUMNS, ENGAGEMENT, FIT, INTENT
from bench.sides.run_side import Task, report, sample_of, task

Did = dict[str, Any]
OUTCOMES = {"interested": 1500, "wrong_person": -1000, "no_answer": 100, "not_now": 100}
ROLES = {"c_level": 2000, "vp": 1500, "director": 1500, "manager": 800, "student": -2000}
INDUSTRIES = {
    "software": 1500,
    "finance": 1500,
    "health": 800,
    "manufacturing": 800,
    "government": -500,
}


def count(events: list[tuple[Any, ...]], as_of: int) -> Did:  # noqa: C901 - a branch for each kind
    """One pass over what a lead did, in order of time."""
    did = dict.fromkeys(("visits", "docs", "opens", "contacts", "bounced", "demos", "gone"), 0)
    minutes = webinar = trial = 0.0
    longest = outcome = last_at = None
    pricing, clicks, assets, recent = set(), [], set(), set()
    for event, at, path, asset, form, result, seconds, length in events:
        age = as_of - at
        last_at = at
        if event == "page_viewed":
            if age < 30 * DAY:
                did["visits"] += 1
                if path and path.startswith("/docs/") and seconds is not None and seconds > 30:
                    did["docs"] += 1
            if age < 90 * DAY and path and path.startswith("/product") and seconds is not None:
                longest = seconds if longest is None else max(longest, seconds)
            if age < 14 * DAY and path and path.startswith("/pricing"):
                pricing.add(at // DAY)
        elif event == "email_opened":
            did["opens"] += age < 30 * DAY
        elif event == "trial_login":
            if age < 60 * 7 * DAY:
                trial += 0.5 ** (age / (7 * DAY))
        elif event == "email_clicked":
            clicks.append(age)
        elif event == "content_downloaded":
            if asset is not None:
                assets.add(asset)
                if age < 180 * DAY:
                    recent.add(asset)
        elif event == "call_logged":
            if result is not None:
                # Of two at one instant the greatest text, as the language has it.
                outcome = max(outcome or (at, result), (at, result))
        elif event in {"webinar_attended", "meeting_held"}:
            if age < 180 * DAY and length is not None:
                minutes += length
            if event == "webinar_attended" and age < 60 * 30 * DAY:
                webinar += 0.5 ** (age / (30 * DAY))
        elif event == "form_submitted":
            did["contacts"] += form == "contact" and age < 60 * DAY
        elif event in {"email_bounced", "spam_complaint"}:
            did["bounced"] += age < 90 * DAY
        elif event == "demo_requested":
            did["demos"] += 1
        elif event == "unsubscribed":
            did["gone"] += 1
    worth = sum(0.5 ** (age / (14 * DAY)) for age in clicks[-5:] if age < 60 * 14 * DAY)
    return did | {
        "minutes": minutes,
        "webinar": webinar,
        "trial": trial,
        "clicks": worth,
        "longest": longest,
        "outcome": outcome[1] if outcome else None,
        "pricing_days": len(pricing),
        "assets": len(assets),
        "recent": len(recent),
        "quiet": None if last_at is None else (as_of - last_at) / DAY,
    }


def hundredths(points: float) -> int:
    return math.floor(points * 100 + 0.5000001)


def first_reached(value: float | None, *steps: tuple[float, int]) -> int:
    """The points of the first step that the value reaches."""
    for edge, points in steps:
        if value is not None and value >= edge:
            return points
    return 0


def fit(lead: Did) -> dict[str, int]:
    size, role, mail = lead["company_size"], lead["role"], lead["email_domain"]
    seat = None if lead["budget"] is None or size is None else lead["budget"] / size
    free = mail and (mail in {"gmail.com", "hotmail.com", "yahoo.com"} or mail.endswith(".edu"))
    stack = lead["tech_stack"]
    return {
        "size": 300
        if size is None
        else first_reached(size, (1000, 2500), (200, 1800), (50, 1000), (-math.inf, 200)),
        "industry": INDUSTRIES.get(lead["industry"], 0),
        "country": 1000 if lead["country"] in {"es", "pt", "fr", "it", "mx"} else 0,
        "role": 200 if role is None else ROLES.get(role, 100),
        "value_per_seat": 750 if seat is not None and 50 <= seat <= 5000 else 0,
        "opted_in": 500 if lead["opted_in"] == 1 else 0,
        "free_mail": -1200 if free else 0,
        "uses_crm": 600 if stack and "salesforce" in stack.lower() else 0,
    }


def engagement(did: Did, opted_in: int | None) -> dict[str, int]:
    line = {
        "pricing": 500 * did["pricing_days"],
        "docs": 75 * did["docs"],
        "webinar": hundredths(20 * did["webinar"]),
        "downloads": 400 * did["recent"],
        "opens": 100 * min(did["opens"], 5),
        "clicks": hundredths(3 * did["clicks"]),
        "demo": 3000 * min(did["demos"], 1),
        "contact_form": 1500 * did["contacts"] if opted_in == 1 else 0,
        "unsubscribed": -1000 * did["gone"],
        "bounced": -250 * did["bounced"],
    }
    for name, limit in (("pricing", 2000), ("docs", 1200), ("downloads", 2400)):
        line[f"{name}__limit"] = min(0, limit - line[name])
    line["unsubscribed__limit"] = max(0, -2000 - line["unsubscribed"])
    return line


def intent(did: Did) -> dict[str, int]:
    quiet, trial = did["quiet"], hundredths(2 * did["trial"])
    recency = -100 if quiet is None else 1000 if quiet <= 7 else 500 if quiet <= 30 else 0
    return {
        "visits": first_reached(did["visits"], (10, 1000), (3, 500)),
        "breadth": first_reached(did["assets"], (5, 800), (2, 400)),
        "meetings": first_reached(did["minutes"], (120, 1200), (30, 600)),
        "depth": 400 if did["longest"] is not None and did["longest"] > 300 else 0,
        "last_call": OUTCOMES.get(did["outcome"], 0),
        "recency": recency,
        "trial": trial,
        "trial__limit": min(0, 1500 - trial),
    }


def percent_of(total: int, percent: int, *, applies: object) -> int:
    return math.floor(total * percent / 100 + 0.5000001) if applies and total > 0 else 0


def unknown(lead: Did, did: Did, old: float | None) -> str:
    opted, size, quiet = lead["opted_in"], lead["company_size"], did["quiet"]
    over = None if old is None else old > 700
    against = None if opted is None else opted == 0
    stale = False not in (over, against) and None in (over, against)
    undecided = {
        "size": size is None,
        "industry": lead["industry"] is None,
        "country": lead["country"] is None,
        "role": lead["role"] is None,
        "value-per-seat": lead["budget"] is None or size is None,
        "opted-in": opted is None,
        "free-mail": lead["email_domain"] is None,
        "uses-crm": lead["tech_stack"] is None,
        "contact-form": opted is None,
        "quiet": quiet is None,
        "depth": did["longest"] is None,
        "last-call": did["outcome"] is None,
        "recency": quiet is None,
        "home-market": lead["country"] is None,
        "stale-record": stale,
    }
    return " ".join(name for name, is_so in undecided.items() if is_so)


def ledger(lead: Did, events: list[tuple[Any, ...]], as_of: int) -> Did:
    """The whole ledger of one lead."""
    did = count(events, as_of)
    created = lead["created_at"]
    old = None if created is None else (as_of - created) / DAY
    line: Did = fit(lead) | engagement(did, lead["opted_in"]) | intent(did)
    of_fit = sum(line[name] for name in FIT if name in line)
    line["fit__min"] = max(0, -of_fit)
    line["fit__max"] = min(0, 6000 - of_fit - line["fit__min"])
    line["fit__total"] = of_fit + line["fit__min"] + line["fit__max"]
    of_engagement = sum(line[name] for name in ENGAGEMENT if name in line)
    quiet = did["quiet"]
    line["quiet"] = percent_of(of_engagement, -50, applies=quiet is not None and quiet > 60)
    line["engagement__max"] = min(0, 6000 - of_engagement - line["quiet"])
    line["engagement__total"] = of_engagement + line["quiet"] + line["engagement__max"]
    line["intent__total"] = sum(line[name] for name in INTENT)
    total = line["fit__total"] + line["engagement__total"] + line["intent__total"]
    line["home_market"] = percent_of(total, 10, applies=lead["country"] == "es")
    total += line["home_market"]
    stale = old is not None and old > 700 and lead["opted_in"] == 0
    line["stale_record"] = percent_of(total, -20, applies=stale)
    total += line["stale_record"]
    line["score__min"] = max(0, -total)
    line["score__max"] = min(0, 10000 - total - line["score__min"])
    line["score"] = score = total + line["score__min"] + line["score__max"]
    line["lead_id"] = lead["lead_id"]
    line["band"] = (
        "call" if score > 7000 else "hot" if score >= 4500 else "warm" if score >= 2000 else "cold"
    )
    of_fit, of_engagement = line["fit__total"], line["engagement__total"]
    letter = "A" if of_fit >= 4500 else "B" if of_fit >= 3000 else "C" if of_fit >= 1500 else "D"
    number = "1" if of_engagement >= 4000 else "2" if of_engagement >= 1500 else "3"
    line["grade"] = letter + number
    line["unknown"] = unknown(lead, did, old)
    return line


def read(asked: Task) -> tuple[list[Did], dict[str, list[tuple[Any, ...]]]]:
    """The sampled leads, and the events that count of each, in order of time."""
    with duckdb.connect() as connection:
        leads = connection.sql(
            f"SELECT * FROM '{asked.leads}' WHERE {sample_of(asked)} ORDER BY lead_id"
        ).to_arrow_table()
        rows = connection.execute(
            "SELECT lead_id, event, at_us, path, asset, form, outcome, seconds, minutes "
            f"FROM '{asked.events}' WHERE at_us <= {asked.as_of} "
            f"AND received_us <= {asked.known_by} AND {sample_of(asked)} ORDER BY at_us"
        ).fetchall()
    events: dict[str, list[tuple[Any, ...]]] = {}
    for lead_id, *event in rows:
        events.setdefault(lead_id, []).append(tuple(event))
    return leads.to_pylist(), events


def main() -> None:
    asked = task()
    leads, events = read(asked)
    start = time.perf_counter()
    rows = [ledger(lead, events.get(lead["lead_id"], []), asked.as_of) for lead in leads]
    seconds = time.perf_counter() - start
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in COLUMNS}), asked.out)
    report(len(leads), seconds)


if __name__ == "__main__":
    main()
