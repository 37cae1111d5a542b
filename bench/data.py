"""The input of the benchmark: leads and events, made up, the same on every machine.

`make(folder, leads, events)` writes the canonical typed form, which is what every side reads:

- `leads.parquet`: `lead_id` text and the card's fields; times are microseconds since 1970
  UTC, booleans 0 and 1;
- `events.parquet`: `lead_id`, `event`, `at_us`, `received_us` and the card's properties, in order
  of time, as a log is.

`make_entry(folder)` writes the same again as a user would have it, with timestamp columns
(`entry_leads.parquet`, `entry_events.parquet`), for the row that times the whole command.

What is made up: a fifth of the leads never did anything; among the others the activity is skewed
(density 1/sqrt(x): the busiest hundredth does a tenth of everything); two in a hundred events
arrive late, up to five days; the log runs from a year before `AS_OF` to three days after it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY = 86_400_000_000
AS_OF = 1_782_777_600_000_000
"""2026-06-30T00:00:00Z, the moment of the standard run, in microseconds; also its `known_by`."""
START = AS_OF - 365 * DAY
SPAN = 368 * DAY
CHUNK = 1_000_000
SEED = 20260630

EVENTS: tuple[tuple[str, float], ...] = (
    ("page_viewed", 0.45),
    ("email_opened", 0.22),
    ("trial_login", 0.12),
    ("email_clicked", 0.06),
    ("content_downloaded", 0.05),
    ("call_logged", 0.025),
    ("webinar_attended", 0.02),
    ("form_submitted", 0.02),
    ("email_bounced", 0.015),
    ("meeting_held", 0.01),
    ("demo_requested", 0.005),
    ("unsubscribed", 0.004),
    ("spam_complaint", 0.001),
)
PATHS = (
    ("/", "/blog/post-1", "/blog/post-2", "/blog/post-3", "/about", "/careers")
    + ("/pricing", "/pricing/enterprise", "/docs/start", "/docs/api", "/docs/install")
    + ("/product", "/product/scoring", "/product/history")
)
CAMPAIGNS = tuple(f"campaign-{n:02d}" for n in range(40))
ASSETS = tuple(f"whitepaper-{n:02d}" for n in range(30))
TOPICS = ("scoring", "nurture", "forecast")
FORMS = ("contact", "newsletter", "event", "trial")
OUTCOMES = ("no_answer", "not_now", "interested", "wrong_person")

TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "path": (("page_viewed",), PATHS),
    "campaign": (("email_opened", "email_clicked"), CAMPAIGNS),
    "asset": (("content_downloaded",), ASSETS),
    "topic": (("webinar_attended",), TOPICS),
    "form": (("form_submitted",), FORMS),
    "outcome": (("call_logged",), OUTCOMES),
}
NUMBERS: dict[str, tuple[tuple[str, ...], float]] = {
    "seconds": (("page_viewed", "trial_login"), 90.0),
    "minutes": (("webinar_attended", "meeting_held"), 35.0),
}
"""Property -> the events that carry it, and its values (texts) or mean (numbers)."""

INDUSTRIES = ("software", "finance", "health", "retail", "manufacturing")
INDUSTRIES += ("education", "government", "other")
COUNTRIES = ("es", "pt", "fr", "it", "mx", "de", "gb", "us", "nl", "se")
ROLES = ("c_level", "vp", "director", "manager", "individual", "student")
DOMAINS = ("gmail.com", "hotmail.com", "yahoo.com", "mit.edu") + tuple(
    f"company-{n}.com" for n in range(400)
)
STACKS = ("Salesforce, Slack", "HubSpot", "salesforce;Jira", "SAP", "Odoo, Slack", "None")


def _choice(
    random: np.random.Generator, values: tuple[str, ...], size: int, unknown: float
) -> pa.Array:
    """Texts drawn evenly from `values`, a share of them unknown."""
    codes = random.integers(0, len(values), size, dtype=np.int32)
    return _texts(codes, values, random.random(size) < unknown)


def _texts(codes: np.ndarray, values: tuple[str, ...], unknown: np.ndarray) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=unknown)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values)).dictionary_decode()


def _lead_ids(numbers: np.ndarray) -> pa.Array:
    """`ld-000001234`: of one width, so that the order of texts is that of numbers."""
    digits = np.char.zfill(numbers.astype("U9"), 9)
    return pa.array(np.char.add("ld-", digits))


def _write_leads(path: Path, leads: int) -> None:
    random = np.random.default_rng([SEED, 1])
    writer: pq.ParquetWriter | None = None
    for start in range(0, leads, CHUNK):
        size = min(CHUNK, leads - start)
        people = np.floor(np.exp(random.normal(4.5, 1.8, size))).clip(1, 400_000)
        budget = np.round(np.exp(random.normal(9.5, 1.2, size)), 2)
        created = AS_OF - (random.random(size) * 1000 * DAY).astype(np.int64)
        opted = random.random(size) < 0.6
        table = pa.table(
            {
                "lead_id": _lead_ids(np.arange(start, start + size)),
                "company_size": pa.array(people, mask=random.random(size) < 0.15),
                "industry": _choice(random, INDUSTRIES, size, 0.05),
                "country": _choice(random, COUNTRIES, size, 0.03),
                "role": _choice(random, ROLES, size, 0.2),
                "budget": pa.array(budget, mask=random.random(size) < 0.6),
                "opted_in": pa.array(opted.astype(np.int64), mask=random.random(size) < 0.1),
                "email_domain": _choice(random, DOMAINS, size, 0.02),
                "tech_stack": _choice(random, STACKS, size, 0.4),
                "created_at": pa.array(created, mask=random.random(size) < 0.01),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=122_880)
    if writer:
        writer.close()


def _write_events(path: Path, leads: int, events: int) -> None:
    random = np.random.default_rng([SEED, 2])
    ids = pa.concat_arrays(
        [_lead_ids(np.arange(s, min(s + CHUNK, leads))) for s in range(0, leads, CHUNK)]
    )
    names = tuple(name for name, _ in EVENTS)
    edges = np.cumsum([share for _, share in EVENTS])
    # Neighbours in activity must not be neighbours in the file: a fixed shuffle of the numbers.
    shuffled = np.random.default_rng([SEED, 3]).permutation(leads)
    active = max(1, int(leads * 0.8))
    step = SPAN / events
    writer: pq.ParquetWriter | None = None
    for start in range(0, events, CHUNK):
        size = min(CHUNK, events - start)
        at = START + np.floor((np.arange(start, start + size) + random.random(size)) * step)
        at_us = at.astype(np.int64)
        late = random.random(size) < 0.02
        delay = np.where(late, random.random(size) * 5 * DAY, random.random(size) * 3_000_000)
        lead = shuffled[(active * random.random(size) ** 2).astype(np.int64)]
        kind = np.searchsorted(edges, random.random(size) * edges[-1], side="right")
        kind = kind.clip(0, len(names) - 1)
        none = np.zeros(size, dtype=bool)
        columns: dict[str, pa.Array] = {
            "lead_id": ids.take(pa.array(lead)),
            "event": _texts(kind, names, none),
            "at_us": pa.array(at_us),
            "received_us": pa.array(at_us + delay.astype(np.int64)),
        }
        for name, (kinds, values) in TEXTS.items():
            absent = ~np.isin(kind, [names.index(k) for k in kinds])
            codes = random.integers(0, len(values), size, dtype=np.int32)
            columns[name] = _texts(codes, values, absent | (random.random(size) < 0.01))
        for name, (kinds, mean) in NUMBERS.items():
            absent = ~np.isin(kind, [names.index(k) for k in kinds])
            number = np.round(random.exponential(mean, size))
            columns[name] = pa.array(number, mask=absent | (random.random(size) < 0.01))
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=122_880)
    if writer:
        writer.close()


def make(folder: Path, leads: int, events: int) -> None:
    """Write the two canonical files, unless both are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        folder / "leads.parquet": lambda path: _write_leads(path, leads),
        folder / "events.parquet": lambda path: _write_events(path, leads, events),
    }
    for path, write in writers.items():
        if not path.exists():
            unfinished = path.with_suffix(".part")
            write(unfinished)
            unfinished.rename(path)


def make_entry(folder: Path) -> None:
    """Write the same input with timestamp columns, as a file of a user has it."""
    import duckdb

    event_times = "make_timestamp(at_us) AS timestamp, make_timestamp(received_us) AS received_at"
    for name, times in (
        ("leads", "* REPLACE (make_timestamp(created_at) AS created_at)"),
        ("events", f"* EXCLUDE (at_us, received_us), {event_times}"),
    ):
        path = folder / f"entry_{name}.parquet"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            source = folder / f"{name}.parquet"
            duckdb.sql(f"COPY (SELECT {times} FROM '{source}') TO '{unfinished}' (FORMAT parquet)")
            unfinished.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--entry", action="store_true", help="also with timestamp columns")
    options = parser.parse_args()
    make(options.folder, options.leads, options.events)
    if options.entry:
        make_entry(options.folder)


if __name__ == "__main__":
    main()
