"""Who may work at a place: one process a data folder, one process a worker's name in PostgreSQL.

Two that go by one name would each take up what the other is at.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from leadwise.errors import UserError
from leadwise.jobs.tables import SCHEMA, address, is_postgres

PATIENCE_S = 10.0
"""How long to wait for one that is just ending."""
TRY_EVERY_S = 0.1


def hold(place: str | Path, worker: str) -> sa.Connection:
    """A connection that holds the right to work there until it is closed, or the process ends."""
    if is_postgres(place):
        return _hold_name(place, worker)
    # A lock of a database file of its own, for that exists on every system. Nothing is written.
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(Path(place) / "jobs.lock")),
        poolclass=sa.NullPool, connect_args={"timeout": PATIENCE_S, "check_same_thread": False},
    )  # fmt: skip
    connection = engine.connect()
    try:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    except sa.exc.OperationalError as error:
        connection.close()
        if "locked" not in str(error):
            raise
        raise UserError(
            "jobs-folder-in-use", f"another process works on the jobs in {place}",
            hint="stop it first; several servers need PostgreSQL",
        ) from error  # fmt: skip
    return connection


def let_go(connection: sa.Connection, names: Collection[str]) -> set[str]:
    """Those of the names that no process holds, or can take before the transaction of `connection`
    ends; that is one to the tables of jobs, of a process that holds this place."""
    if connection.dialect.name == "sqlite":
        return set(names)  # the place is ours, so nobody else is there
    # Shared: so those who ask at one time do not take each other for the holder.
    return {
        name
        for name in names
        if connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock_shared(_key(name))))
    }


def held_still(held: sa.Connection, place: str | Path, worker: str) -> sa.Connection:
    """The connection that holds, made anew where it broke. UserError where another process took the
    name meanwhile."""
    if not is_postgres(place):
        return held
    try:
        held.execute(sa.select(1))
    except sa.exc.SQLAlchemyError:
        with suppress(sa.exc.SQLAlchemyError):
            held.close()
        return _hold_name(place, worker, patience_s=0)
    return held


def _key(worker: str) -> sa.ColumnElement[int]:
    return sa.func.hashtextextended(f"{SCHEMA} {worker}", 0)


def _hold_name(place: str | Path, worker: str, patience_s: float | None = None) -> sa.Connection:
    engine = sa.create_engine(
        address(place), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT",
        connect_args={"application_name": "leadwise-jobs", "connect_timeout": 10},
    )  # fmt: skip
    connection = engine.connect()
    ask = sa.select(sa.func.pg_try_advisory_lock(_key(worker)))
    until = time.monotonic() + (PATIENCE_S if patience_s is None else patience_s)
    while not connection.execute(ask).scalar():
        if time.monotonic() > until:
            connection.close()
            raise UserError(
                "worker-name-in-use", f"another process works under the name {worker}",
                hint="give each server a name of its own (the setting worker), and keep it",
            )  # fmt: skip
        time.sleep(TRY_EVERY_S)
    return connection
