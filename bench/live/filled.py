"""Stores that hold a population already, written by bulk: leads, what they did, their scores.

An event stands where a log has it: in the order of time, so that those of one lead are far apart.
Message ids grow with them and yet cover the whole range of UUIDs, so new ones fall everywhere among
them. Every lead has a user id, one row of facts, a score and one row of its history; the scores are
made up (the first real one of a lead is a change of band more often than usual).
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench.data import COUNTRIES, DOMAINS, INDUSTRIES, ROLES, STACKS
from bench.live import naive
from bench.live.loading import bulk, kind_of_store, set_up
from bench.live.stream import BROWSER, KINDS, SHARES, properties, user_id
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store import schema
from leadwise.store.bulk import insert_rows
from leadwise.store.documents import canonical, text_of

DAY_US = 86_400_000_000
CHUNK = 20_000
POOL = 4_000
"""Different documents; every event has one of them."""
ON_PAGE = json.dumps({"ip": "198.51.100.7", "user_agent": BROWSER, "library": "analytics.js/4.1"})
BY_SERVER = '{"library":"analytics-python/2.3.5"}'

_COLUMNS = {
    schema.lead: ("id", "created_us", "known"),
    schema.identity: ("id", "kind", "value", "created_us"),
    schema.identity_lead: ("identity_id", "lead_id", "from_us", "until_us"),
    schema.lead_fact: ("lead_id", "from_us", "until_us", "doc"),
    schema.event: (
        "id", "identity_id", "source", "message_id", "type", "event", "at_us", "received_us", "doc",
        "context",
    ),
    schema.score: (
        "card_version_id", "lead_id", "as_of_us", "score", "band", "grade", "unknown", "ledger",
        "totals", "shown_score", "shown_band", "band_since_us", "stable_until_us", "due_us",
    ),
    schema.score_history: (
        "lead_id", "card_version_id", "as_of_us", "score", "band", "shown_score", "shown_band",
    ),
}  # fmt: skip

Rows = list[tuple[Any, ...]]


def filled(folder: Path, leads: int, events_each: int) -> Path:
    """A data folder with such a store, copied from `folder/kept` so that each run begins alike.

    The store is made where it is missing; the copy has the same key for tracking (`key.txt`).
    """
    kept = folder / f"kept-{leads}-{events_each}-{kind_of_store()}"
    if not kept.exists():
        unfinished = kept.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        key = fill(str(unfinished / "leadwise.db"), leads, events_each)
        (unfinished / "key.txt").write_text(key)
        unfinished.rename(kept)
    used = folder / "used"
    shutil.rmtree(used, ignore_errors=True)
    shutil.copytree(kept, used)
    return used


def fill(url: str, leads: int, events_each: int) -> str:
    """Fill a new store, with the card live; returns the secret of a key for tracking."""
    now_us = time.time_ns() // 1000
    version_id, key = set_up(url, now_us)
    with bulk(url) as connection:
        for start in range(0, leads, CHUNK):
            numbers = range(start, min(start + CHUNK, leads))
            _insert_leads(connection, numbers, now_us)
            _insert_scores(connection, numbers, version_id, now_us)
        for rows in _events(leads, leads * events_each, now_us):
            insert_rows(connection, schema.event, _COLUMNS[schema.event], rows)
    return key


def _insert_leads(connection: Connection, numbers: range, now_us: int) -> None:
    begun_us = now_us - 200 * DAY_US
    ids = [number + 1 for number in numbers]
    documents = [text_of(facts(number, now_us)) for number in numbers]
    rows: dict[Any, Rows] = {
        schema.lead: [(id_, begun_us, 1) for id_ in ids],
        schema.identity: [(id_, "user", user_id(id_ - 1), begun_us) for id_ in ids],
        schema.identity_lead: [(id_, id_, ALWAYS, FOREVER) for id_ in ids],
        schema.lead_fact: [
            (id_, begun_us, FOREVER, document) for id_, document in zip(ids, documents, strict=True)
        ],
    }
    for table, values in rows.items():
        insert_rows(connection, table, _COLUMNS[table], values)


def facts(number: int, now_us: int) -> dict[str, Any]:
    """What an identify call said of the lead of that number."""
    source = random.Random(number)
    created = time.gmtime(now_us // 1_000_000 - source.randrange(1000) * 86_400)
    said = {
        "company_size": source.randrange(1, 5_000), "industry": source.choice(INDUSTRIES),
        "country": source.choice(COUNTRIES), "role": source.choice(ROLES),
        "budget": source.randrange(1_000, 90_000), "opted_in": source.random() < 0.6,
        "email_domain": source.choice(DOMAINS), "tech_stack": source.choice(STACKS),
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", created),
    }  # fmt: skip
    return dict(canonical({key: value for key, value in said.items() if source.random() < 0.85}))


def _insert_scores(connection: Connection, numbers: range, version_id: int, now_us: int) -> None:
    scores, history = Rows(), Rows()
    for number in numbers:
        points = number * 7919 % 10_000
        band = "cold" if points < 2_000 else "warm" if points < 4_500 else "hot"
        scores.append(
            (version_id, number + 1, now_us, points, band, "C3", "", "[" + "0," * 29 + "0]",
             "[0,0,0]", points, band, now_us, FOREVER, FOREVER)
        )  # fmt: skip
        history.append((number + 1, version_id, now_us, points, band, points, band))
    insert_rows(connection, schema.score, _COLUMNS[schema.score], scores)
    insert_rows(connection, schema.score_history, _COLUMNS[schema.score_history], history)


def _events(leads: int, count: int, now_us: int) -> Iterator[Rows]:
    source = random.Random(leads)
    kinds = source.choices(KINDS, SHARES, k=POOL)
    documents = [(kind, text_of(canonical(properties(kind, source)))) for kind in kinds]
    step, apart = (1 << 128) // (count + 1), 200 * DAY_US // (count + 1)
    begun_us = now_us - 200 * DAY_US
    for start in range(0, count, CHUNK):
        numbers = range(start + 1, min(start + CHUNK, count) + 1)
        owners = source.choices(range(1, leads + 1), k=len(numbers))
        drawn = source.choices(documents, k=len(numbers))
        yield [
            (
                number, owner, "bench", _uuid(number * step), *_type(kind),
                begun_us + number * apart, begun_us + number * apart, document,
                ON_PAGE if kind == "page_viewed" else BY_SERVER,
            )
            for number, owner, (kind, document) in zip(numbers, owners, drawn, strict=True)
        ]  # fmt: skip


def _type(kind: str) -> tuple[str, str]:
    return ("page" if kind == "page_viewed" else "track"), kind


def _uuid(number: int) -> str:
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fill_naive(database: str, leads: int, events_each: int) -> None:
    """The peer's tables with the same leads and events."""
    now_us = time.time_ns() // 1000
    connection = naive.connect(database, "process")
    sign = "%s" if "://" in database else "?"
    cursor = connection.cursor()
    for table in naive.TABLES[:2]:
        cursor.execute(table)
    known = [(user_id(number), 0) for number in range(leads)]
    cursor.executemany(f"INSERT INTO lead VALUES ({sign}, {sign})", known)
    signs = ", ".join([sign] * 6)
    for rows in _events(leads, leads * events_each, now_us):
        said = [(row[3], user_id(row[1] - 1), row[5], str(row[6]), *row[8:10]) for row in rows]
        cursor.executemany(f"INSERT INTO event VALUES ({signs})", said)
    cursor.execute(naive.TABLES[2])
    connection.commit()
    connection.close()
