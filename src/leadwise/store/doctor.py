"""What is right and wrong with a store: every check by itself, none of them changes anything.

Nothing here repairs: what is derived (facts, scores) comes right by touching or folding again, and
what is not (events, identities) comes from a backup.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.store import migrations
from leadwise.store.doctor_facts import check_facts
from leadwise.store.doctor_follow_up import (
    check_lateness,
    check_mails,
    check_pushed,
    check_runs,
)
from leadwise.store.doctor_rows import (
    check_backlog,
    check_database,
    check_facts_in_time,
    check_identities,
    check_leads,
    check_mirror,
    check_owners_in_time,
    check_what_belongs_to_events,
)
from leadwise.store.findings import Finding, fine, warned, wrong
from leadwise.store.opening import Store

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many of how many leads are done."""
LEAST_FREE_BYTES = 200 * 1024**2
"""Below this much free disk writing may fail any minute: SQLite's log alone may take so much."""
LEAST_FREE_SHARE = 0.1
"""Below this share there is a warning: time enough to make room."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: the store, its data folder, and when. `every`: all leads' facts, and not
    only some of them where there are many."""

    store: Store
    now_us: int
    data: Path | None = None
    every: bool = False


def examine(of: Patient, progress: Progress | None = None) -> Iterator[Finding]:
    """The findings, each as soon as it is made. Those of the rows are all of one snapshot."""
    tables = check_version(of.store)
    yield tables
    yield from check_disk(of)
    if tables.state == "wrong":
        return
    with snapshot(of.store) as connection:
        database = check_database(connection)
        yield database
        if database.state == "wrong":
            return  # no answer could be trusted
        yield check_identities(connection)
        yield check_leads(connection)
        yield check_owners_in_time(connection)
        yield check_facts_in_time(connection)
        yield check_what_belongs_to_events(connection)
        yield check_facts(connection, every=of.every, progress=progress)
        yield check_backlog(connection)
        yield check_mirror(connection, of.now_us)
        yield check_runs(connection)
        yield check_lateness(connection, of.now_us)
        yield check_mails(connection, of.now_us)
        yield check_pushed(connection)


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A connection that sees one state of the store in all its queries, on PostgreSQL too."""
    with store.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def check_version(store: Store) -> Finding:
    """Whether the tables are those that this Leadwise works with."""
    try:
        migrations.require_current(store)
    except UserError as error:
        return wrong("version", error.message, hint=error.hint)
    return fine("version", f"the tables have version {migrations.head()}, which is the newest")


def check_disk(of: Patient) -> Iterator[Finding]:
    """Room on the disks of the data folder and of an embedded store."""
    folders = {
        folder.resolve()
        for folder in (of.data, of.store.path and of.store.path.parent)
        if folder is not None and folder.is_dir()
    }
    seen: set[int] = set()
    for folder in sorted(folders):
        if folder.stat().st_dev in seen:
            continue
        seen.add(folder.stat().st_dev)
        usage = shutil.disk_usage(folder)
        said = f"{usage.free / 1024**3:,.1f} GiB free of {usage.total / 1024**3:,.1f} for {folder}"
        if usage.free < LEAST_FREE_BYTES:
            yield wrong("disk", said, hint="Make room now: nothing is recorded on a full disk.")
        elif usage.free < LEAST_FREE_SHARE * usage.total:
            yield warned("disk", said, hint="Make room before it is full.")
        else:
            yield fine("disk", said)
