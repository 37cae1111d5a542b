"""Who may work at a place: one process a data folder, one process a worker's name in PostgreSQL.

Two that go by one name would each take up what the other is at.
"""

from __future__ import annotations

import time
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


def _hold_name(place: str | Path, worker: str) -> sa.Connection:
    engine = sa.create_engine(
        address(place), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT",
        connect_args={"application_name": "leadwise-jobs", "connect_timeout": 10},
    )  # fmt: skip
    connection = engine.connect()
    ask = sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtextextended(f"{SCHEMA} {worker}", 0)))
    until = time.monotonic() + PATIENCE_S
    while not connection.execute(ask).scalar():
        if time.monotonic() > until:
            connection.close()
            raise UserError(
                "worker-name-in-use", f"another process works under the name {worker}",
                hint="give each server a name of its own (the setting worker), and keep it",
            )  # fmt: skip
        time.sleep(TRY_EVERY_S)
    return connection
