"""Opening a store by its URL: the engines, the lanes of writing, the lock on a file."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from leadwise.engines.sqlite import add_missing_functions
from leadwise.errors import RemoteError, UserError
from leadwise.store.failures import said
from leadwise.store.writer import Writer

Result = TypeVar("Result")
Durability: TypeAlias = Literal["process", "power"]
Lane: TypeAlias = Literal["record", "scores", "playbooks"]

KEPT = "kept"
"""The option of reading connections that names what all of them keep: counts, with the state of the
record that they are of."""
BUSY_MS = 30_000
"""How long SQLite waits for another process's transaction."""
EMPTYING_S = 5
"""How long those who read are waited for where the log of writes is to be emptied."""
LOG_PAGES = 8_000
"""Pages (4 KiB) of SQLite's log of writes before they go to the file: eight times the usual, since
the same pages are written again and again."""
CACHE_KIB = 128 * 1024
"""SQLite's pages in memory, for each connection that writes; readers have a quarter."""

MAPPED_BYTES = 2_147_418_112
"""How much of SQLite's file a connection that writes reads by mapping it into memory (SQLite's own
bound). What an event needs of a large store is seldom in `CACHE_KIB`: 100,000 leads cost some 10
percent less of the processor so. Nothing is written that way."""


class Store:
    """The record. Reads are snapshots; writes go through a lane and are durable when they return.

    On SQLite both lanes are one thread. Use as a context manager, or `close`.
    """

    def __init__(self, url: str, *, durability: Durability | None = None, readers: int = 8) -> None:
        self.url = sqlite_url(url)
        self.dialect = make_url(self.url).get_backend_name()
        durability = durability or ("process" if self.embedded else "power")
        self.durability = durability
        self._reading = _engine(self.url, durability, size=readers, reading=True)
        self._reading.update_execution_options(**{KEPT: {}})
        self._writing = _engine(self.url, durability, size=2, reading=False)
        self._lanes: dict[str, Writer] = {}

    @property
    def embedded(self) -> bool:
        """Whether it is a file of SQLite's."""
        return self.dialect == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of an embedded store."""
        return Path(make_url(self.url).database or "") if self.embedded else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the record from its first query on."""
        try:
            with self._reading.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise said(error) from error
        except PoolTimeout as error:
            raise RemoteError(
                "All connections to the store are in use: try again.", permanent=False
            ) from error

    def write(
        self, work: Callable[[Connection], Result], lane: Lane = "record", *, alone: bool = False
    ) -> Result:
        """`work(connection)` in a transaction; returns after its commit.

        Raises what `work` raises, RemoteError where the database fails; then nothing is written.
        """
        return self.submit(work, lane, alone=alone).result()

    def submit(
        self, work: Callable[[Connection], Result], lane: Lane = "record", *, alone: bool = False
    ) -> Future[Result]:
        """The same without waiting."""
        return self.lane(lane).submit(work, alone=alone)

    def lane(self, lane: Lane) -> Writer:
        """The thread that writes what is handed to this lane, started when first asked for."""
        name = "record" if self.embedded else lane
        if name not in self._lanes:
            self._lanes[name] = Writer(self._writing, f"leadwise-{name}")
        return self._lanes[name]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of the calling thread, for commands that run by themselves."""
        try:
            with self._writing.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise said(error) from error

    def empty_log(self) -> bool:
        """Have what was deleted stand in the log of writes no more; True once that is empty.

        False where others read for long: then the log is written over in time. On PostgreSQL that
        is the database's own business.
        """
        if self.path is None:
            return True
        with closing(sqlite3.connect(self.path, timeout=EMPTYING_S)) as file:
            (busy, _, _) = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self, timeout_s: float | None = None) -> None:
        """Write what waits, then let go of everything."""
        for writer in self._lanes.values():
            writer.close(timeout_s)
        self._writing.dispose()
        self._reading.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sqlite_url(given: str) -> str:
    """A path as the URL of an embedded store; PostgreSQL's with the driver that we use."""
    if given.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + given.partition("://")[2]
    if "://" in given or given.startswith("sqlite:"):
        return given
    return f"sqlite:///{Path(given)}"


def _engine(url: str, durability: Durability, *, size: int, reading: bool) -> Engine:
    try:
        if make_url(url).get_backend_name() == "sqlite":
            return _sqlite(url, durability, size=size, reading=reading)
        engine = create_engine(
            url, poolclass=QueuePool, pool_size=size, max_overflow=size, pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "prepare_threshold": 3},
        )  # fmt: skip
    except (ArgumentError, ImportError) as error:
        raise UserError(
            "store-url", f"{url!r} is not the address of a store: {error}",
            hint="Give the path of a file, or postgresql://user:password@host/database.",
        ) from error  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        settings = ["jit = off", "timezone = 'UTC'"]
        if not reading:
            # What writes asks for a few rows by index, in statements that stay the same: planned
            # once, and never for a table as small as it was when the statistics were made.
            settings += ["plan_cache_mode = force_generic_plan", "enable_seqscan = off"]
            settings += ["enable_hashjoin = off", "enable_mergejoin = off"]
            settings.append(f"synchronous_commit = {'on' if durability == 'power' else 'off'}")
        for setting in settings:
            connection.execute(f"SET {setting}")
        connection.commit()

    return engine


class _SQLite(sqlite3.Connection):
    """With SQLite's own floor: SQLAlchemy puts Python's in its place, which is slower and fails
    beyond 64 bits."""

    def create_function(self, name: str, narg: int, func: Any, **more: Any) -> None:
        if func is not math.floor:
            super().create_function(name, narg, func, **more)


def _sqlite(url: str, durability: Durability, *, size: int, reading: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=size,
        connect_args={
            "check_same_thread": False, "isolation_level": None, "timeout": BUSY_MS / 1000,
            "cached_statements": 256, "factory": _SQLite,
        },
    )  # fmt: skip
    synchronous = "FULL" if durability == "power" else "NORMAL"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        for pragma in (
            "journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON",
            f"cache_size = -{CACHE_KIB // 4 if reading else CACHE_KIB}", "temp_store = MEMORY",
            f"journal_size_limit = {64 * 1024 * 1024}", f"wal_autocheckpoint = {LOG_PAGES}",
            "secure_delete = ON", f"mmap_size = {0 if reading else MAPPED_BYTES}",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        add_missing_functions(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: a reader that turns into one may have to give up.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
