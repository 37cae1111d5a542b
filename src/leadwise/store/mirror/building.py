"""The whole mirror from the whole record: read once in the order of the tables, then bucket by
bucket. What is held in memory at once is a batch, then a bucket; the rest waits on the disk.
"""

# ruff: noqa: S608 - names are quoted, texts are literals

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection, func, select

from leadwise.engines.duckdb import DuckDBEngine, literal
from leadwise.store.mirror import record
from leadwise.store.mirror.flat import keys_by_group, with_new_keys
from leadwise.store.mirror.manifest import File, Layout
from leadwise.store.mirror.writing import flat_events, flat_facts, write_file
from leadwise.store.schema import event, lead_fact

Progress = Callable[[int, int, str], None]

LEADS_IN_BUCKET = 50_000
FEWEST_BUCKETS = 4
_BATCH_ROWS = 1_000_000
Counts = Counter[tuple[str, str]]


def buckets_for(leads: int) -> int:
    """How many buckets so many leads want."""
    return max(FEWEST_BUCKETS, -(-leads // LEADS_IN_BUCKET))


def stage(
    connection: Connection, engine: DuckDBEngine, staging: Path, progress: Progress
) -> tuple[int, Counts, Counts]:
    """Read the record into `staging`: files of events and facts by bucket, and in the engine the
    relation `active` of the leads. Returns the number of buckets and the keys of both.
    """
    engine.load("active", record.active_leads(connection))
    ((leads,),) = engine.connection.execute("SELECT count(*) FROM active").fetchall()
    buckets = buckets_for(leads)
    engine.load("owners", record.owners(connection))
    engine.load("marked", record.marked(connection))
    expected = connection.execute(select(func.max(event.c.id))).scalar() or 0
    facts = connection.execute(select(func.count()).select_from(lead_fact)).scalar_one()
    events = _stage(
        engine, record.all_events(connection), staging / "events", "event", buckets,
        "SELECT w.lead_id, e.event, e.at_us, e.received_us, e.doc FROM batch AS e "
        "JOIN owners AS w ON w.identity_id = e.identity_id AND e.at_us >= w.from_us "
        "AND e.at_us < w.until_us JOIN active AS a ON a.lead_id = w.lead_id "
        "ANTI JOIN marked AS m ON m.id = e.id",
        lambda done: progress(done, expected + facts, "reading events"),
    )  # fmt: skip
    known = _stage(
        engine, record.all_facts(connection), staging / "facts", "'facts'", buckets,
        "SELECT f.* FROM batch AS f JOIN active AS a ON a.lead_id = f.lead_id",
        lambda done: progress(expected + done, expected + facts, "reading facts"),
    )  # fmt: skip
    return buckets, events, known


def build(
    engine: DuckDBEngine, folder: Path, staging: Path, staged: tuple[int, Counts, Counts],
    progress: Progress,
) -> tuple[Layout, list[File]]:  # fmt: skip
    """Make the files of every bucket from what was staged."""
    buckets, of_events, of_facts = staged
    layout = Layout(buckets, with_new_keys((), of_events), with_new_keys((), of_facts))
    files: list[File] = []
    for bucket in range(buckets):
        progress(bucket, buckets, "writing the mirror")
        _bucket(engine, staging / "events", bucket, record.EVENTS_OF_LEADS)
        select_ = flat_events(engine, "bucket", layout, None)
        files.append(write_file(engine, folder, "events", bucket, select_))
        _bucket(engine, staging / "facts", bucket, record.FACTS)
        select_ = flat_facts(engine, "bucket", layout, None)
        files.append(write_file(engine, folder, "facts", bucket, select_))
        leads = f"SELECT lead_id FROM active WHERE lead_id % {buckets} = {bucket}"
        files.append(write_file(engine, folder, "leads", bucket, leads))
    for name in ("bucket", "flat_raw"):
        engine.drop(name)
    progress(buckets, buckets, "writing the mirror")
    return layout, files


def _stage(
    engine: DuckDBEngine,
    rows: pa.RecordBatchReader,
    target: Path,
    group: str,
    buckets: int,
    select_: str,
    told: Callable[[int], None],
) -> Counts:
    """Write the rows, each to the folder of its bucket; how often each group has each key."""
    target.mkdir(parents=True)
    counts: Counts = Counter()
    done = 0
    for number, batch in enumerate(_large(rows)):
        engine.load("batch", batch)
        engine.create("placed", f"SELECT *, lead_id % {buckets} AS bucket FROM ({select_})")
        counts += keys_by_group(engine, "placed", group)
        path = literal(str(target / f"{number:06}"))
        engine.connection.execute(
            f"COPY placed TO {path} (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (bucket))"
        )
        done += batch.num_rows
        told(done)
    for name in ("batch", "placed"):
        engine.drop(name)
    return counts


def _large(rows: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The same rows in tables of about `_BATCH_ROWS`, the next being read while one is used."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(_next, rows)
        while (table := coming.result()) is not None:
            coming = reader.submit(_next, rows)
            yield table


def _next(rows: pa.RecordBatchReader) -> pa.Table | None:
    batches: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        batches.append(batch)
        count += batch.num_rows
        if count >= _BATCH_ROWS:
            break
    return pa.Table.from_batches(batches) if batches else None


def _bucket(engine: DuckDBEngine, staged: Path, bucket: int, columns: Sequence[str]) -> None:
    """The relation `bucket`: what was staged of one bucket, removed from the disk."""
    files = sorted(staged.glob(f"*/bucket={bucket}/*.parquet"))
    named = ", ".join(columns)
    if not files:
        types = {"event": "VARCHAR", "doc": "VARCHAR"}
        none = ", ".join(f"CAST(NULL AS {types.get(n, 'BIGINT')}) AS {n}" for n in columns)
        engine.create("bucket", f"SELECT {none} WHERE false")
        return
    listed = ", ".join(literal(str(file)) for file in files)
    engine.create(
        "bucket", f"SELECT {named} FROM read_parquet([{listed}], hive_partitioning = false)"
    )
    for file in files:
        file.unlink()
