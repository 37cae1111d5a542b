"""Bringing the mirror up to date: the buckets of changed leads are written anew, or everything."""

# ruff: noqa: S608 - the SQL is our own

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection, text

from leadwise.engines.duckdb import DuckDBEngine
from leadwise.store.bulk import listed_whole
from leadwise.store.mirror import record
from leadwise.store.mirror.building import LEADS_IN_BUCKET, Progress, build, stage
from leadwise.store.mirror.flat import keys_by_group, with_new_keys
from leadwise.store.mirror.folder import held, sweep
from leadwise.store.mirror.manifest import File, Layout, Manifest, read_manifest, swap
from leadwise.store.mirror.writing import flat_events, flat_facts, parquet, write_file
from leadwise.store.opening import Store

STAGING = "staging"
MOST_TAKEN = 1_000_000
"""Rows of `changed` that one run takes; the next takes the rest."""
_LEADS_AT_ONCE = 2_000
_DELETED_AT_ONCE = 20_000
_MOST_OF_ALL = 0.25
"""Where more of the leads than this have changed, reading everything in order is quicker."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What a run did: whether everything was read, how many leads changed, files written, and
    files removed that a crash had left."""

    whole: bool
    leads: int
    files: int
    swept: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of the log, and the leads to be read again: theirs and those that wait to be scored."""

    ids: tuple[int, ...]
    leads: frozenset[int]


def update(
    store: Store,
    folder: Path,
    now_us: int,
    progress: Progress,
    *,
    anew: bool = False,
    memory_limit: str | None = None,
) -> Updated:
    """Let the mirror be what the record is. All that was committed before the call is in it.

    `anew`: read everything. May be killed at any instant. Raises RemoteError where another process
    keeps the folder for very long.
    """
    with held(folder, alone=True):
        with store.read() as connection:
            manifest = read_manifest(connection)
        swept = sweep(folder, {file.name for file in manifest.files} if manifest else ())
        whole, leads, written = anew, 0, 0
        while True:
            with store.read() as connection:
                manifest = read_manifest(connection)
                taken = _take(connection)
                count = connection.execute(text("SELECT count(*) FROM lead")).scalar_one()
            files: list[File] = []
            if anew or manifest is None or _outgrown(folder, manifest, taken, count):
                files = _anew(store, folder, now_us, progress, memory_limit)
                whole, anew = True, False
            elif taken.leads:
                files = _follow(store, folder, manifest, taken, now_us, progress, memory_limit)
            _drop(store, taken.ids)
            leads, written = leads + len(taken.leads), written + len(files)
            if len(taken.ids) < MOST_TAKEN:
                return Updated(whole, leads, written, swept)


def _outgrown(folder: Path, manifest: Manifest, taken: Taken, leads: int) -> bool:
    if any(not (folder / file.name).is_file() for file in manifest.files):
        return True
    if leads > 2 * LEADS_IN_BUCKET * manifest.layout.buckets:
        return True
    return len(taken.leads) > max(_LEADS_AT_ONCE, int(manifest.leads * _MOST_OF_ALL))


def _take(connection: Connection) -> Taken:
    """What changed. One statement: a scorer may be moving leads from `touched` to `changed`."""
    rows = connection.execute(
        text(
            "SELECT id, lead_id FROM (SELECT id, lead_id FROM changed ORDER BY id LIMIT :most) AS c"
            " UNION ALL SELECT NULL, lead_id FROM (SELECT DISTINCT lead_id FROM touched) AS t"
        ),
        {"most": MOST_TAKEN},
    )
    ids: list[int] = []
    leads: set[int] = set()
    for id_, lead_id in rows:
        leads.add(lead_id)
        if id_ is not None:
            ids.append(id_)
    return Taken(tuple(ids), frozenset(leads))


def _drop(store: Store, ids: Sequence[int]) -> None:
    """Delete exactly what was taken."""
    for part in _parts(ids, _DELETED_AT_ONCE):
        listed = json.dumps(part)

        def work(connection: Connection, listed: str = listed) -> None:
            sql = f"DELETE FROM changed WHERE id IN {listed_whole(connection)}"
            connection.execute(text(sql), {"list": listed})

        store.write(work, "scores")


def _anew(
    store: Store, folder: Path, now_us: int, progress: Progress, memory_limit: str | None
) -> list[File]:
    with _workshop(folder, memory_limit) as (engine, staging):
        with snapshot(store) as connection:
            staged = stage(connection, engine, staging, progress)
        layout, files = build(engine, folder, staging, staged, progress)
    _swap(store, folder, layout, files, now_us, whole=True)
    return files


def _follow(
    store: Store, folder: Path, manifest: Manifest, taken: Taken, now_us: int, progress: Progress,
    memory_limit: str | None,
) -> list[File]:  # fmt: skip
    leads = sorted(taken.leads)
    with _workshop(folder, memory_limit) as (engine, _):
        with snapshot(store) as connection:
            for done, part in enumerate(_parts(leads, _LEADS_AT_ONCE)):
                progress(done * _LEADS_AT_ONCE, len(leads), "reading changed leads")
                found = record.rows_of(connection, part)
                for name, table in zip(
                    ("new_events", "new_facts", "new_leads"), found, strict=True
                ):
                    engine.load("batch", table)
                    append = f"INSERT INTO {name} FROM batch" if done else None
                    if append:
                        engine.connection.execute(append)
                    else:
                        engine.create(name, "FROM batch")
        events = with_new_keys(manifest.layout.events, keys_by_group(engine, "new_events", "event"))
        facts = with_new_keys(manifest.layout.facts, keys_by_group(engine, "new_facts", "'facts'"))
        layout = Layout(manifest.layout.buckets, events, facts)
        engine.load("again", pa.table({"lead_id": pa.array(leads, pa.int64())}))
        files: list[File] = []
        buckets = sorted({lead_id % layout.buckets for lead_id in leads})
        for done, bucket in enumerate(buckets):
            progress(done, len(buckets), "writing the mirror")
            files += _bucket(engine, folder, manifest, layout, bucket)
        progress(len(buckets), len(buckets), "writing the mirror")
    _swap(store, folder, layout, files, now_us, whole=False)
    return files


def _bucket(
    engine: DuckDBEngine, folder: Path, manifest: Manifest, layout: Layout, bucket: int
) -> list[File]:
    """The old files of a bucket without the changed leads, with what is now known of these."""
    files: list[File] = []
    for kind in ("events", "facts", "leads"):
        engine.create(
            "fresh", f"SELECT * FROM new_{kind} WHERE lead_id % {layout.buckets} = {bucket}"
        )
        if kind == "events":
            fresh = flat_events(engine, "fresh", layout, None)
        elif kind == "facts":
            fresh = flat_facts(engine, "fresh", layout, None)
        else:
            fresh = "SELECT lead_id FROM fresh"
        old = parquet(folder, manifest.names(kind, bucket))
        select = (
            f"(SELECT o.* FROM {old} AS o ANTI JOIN again USING (lead_id)) "
            f"UNION ALL BY NAME ({fresh})"
        )
        files.append(write_file(engine, folder, kind, bucket, select))
    return files


def _swap(
    store: Store, folder: Path, layout: Layout, files: Sequence[File], now_us: int, *, whole: bool
) -> None:
    """List the new files; then the old ones are listed nowhere, and removed."""

    def work(connection: Connection) -> set[str]:
        swap(connection, layout, files, now_us, whole=whole)
        manifest = read_manifest(connection)
        return {file.name for file in manifest.files} if manifest else set()

    sweep(folder, store.write(work, "scores", alone=True))


@contextmanager
def _workshop(folder: Path, memory_limit: str | None) -> Iterator[tuple[DuckDBEngine, Path]]:
    """An engine that spills into the folder, and room for files that are not listed."""
    staging = folder / STAGING
    spill = staging / "spill"
    spill.mkdir(parents=True)
    try:
        with DuckDBEngine(memory_limit=memory_limit, temp_directory=spill) as engine:
            yield engine, staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A connection that sees one state of the record in all its queries, on PostgreSQL too."""
    with store.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def _parts(items: Iterable[int], size: int) -> Iterator[list[int]]:
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
