"""The tables of jobs, and where they lie: `jobs.db` in a folder, or a schema in PostgreSQL.

DBOS keeps its own tables beside them. A job that waits is one row here and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from leadwise.errors import UserError

SCHEMA = "leadwise_jobs"
"""In PostgreSQL; holds DBOS's tables too."""
FILE = "jobs.db"
BUSY_S = 30
"""How long a SQLite connection waits for another's transaction."""

METADATA = sa.MetaData()

JOB = sa.Table(
    "job",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    # How often it was begun. Whoever works on it writes only while this is what it was told, so
    # that a worker taken for dead which was only slow changes nothing any more.
    sa.Column("run", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    # How often it was begun again because its process had ended, since it last waited.
    sa.Column("recovered", sa.Integer, nullable=False, server_default="0"),
    # The step at which the next attempt goes on; the results of those before it are kept.
    sa.Column("again_from", sa.Integer, nullable=False, server_default="1"),
    sa.Column("cancel_us", sa.BigInteger),
    sa.Column("done", sa.BigInteger),
    sa.Column("total", sa.BigInteger),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("result", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("worker", sa.Text),
    sa.Column("schedule", sa.Text),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("updated_us", sa.BigInteger, nullable=False),
)


OVER = sa.text("state IN ('done', 'failed', 'cancelled')")
"""The condition of two of the indexes, in their own words."""


def _index(name: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    sa.Index(
        name,
        *(JOB.c[column] for column in columns),
        sqlite_where=condition,
        postgresql_where=condition,
    )


# The parts that a worker asks for every quarter of a second hold only what they need.
_index("job_due", "kind", "due_us", "id", where="state = 'waiting'")
_index("job_running", "worker", "kind", where="state = 'running'")
_index("job_scheduled", "schedule", "due_us", where="state = 'waiting' AND schedule IS NOT NULL")
_index("job_finished", "updated_us", where=OVER.text)
_index("job_over", "state", "created_us", "id", where=OVER.text)
_index("job_listed", "created_us", "id")
_index("job_listed_by_kind", "kind", "created_us", "id")

WORKER = sa.Table(
    "worker",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    # Counts up while it lives. Others time its silence by their own clocks, which need not agree.
    sa.Column("beat", sa.BigInteger, nullable=False),
    sa.Column("started_us", sa.BigInteger, nullable=False),
    sa.Column("seen_us", sa.BigInteger, nullable=False),
)


def is_postgres(place: str | Path) -> bool:
    """Whether `place` is the URL of a PostgreSQL; otherwise it is a folder."""
    text = str(place)
    if text.startswith(("postgresql:", "postgresql+psycopg:", "postgres:")):
        return True
    if "://" in text:
        raise UserError(
            "jobs-place",
            f"jobs cannot be kept in {text.split(':', 1)[0]}",
            hint="give a folder, or a URL that begins with postgresql://",
        )
    return False


def address(place: str | Path) -> sa.URL:
    """The URL of the database at `place`."""
    if is_postgres(place):
        url = str(place).replace("postgres:", "postgresql:", 1)
        return sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.URL.create("sqlite", database=str(Path(place) / FILE))


def open_engine(place: str | Path, connections: int) -> sa.Engine:
    """An engine with at most so many connections; nothing is connected yet."""
    if is_postgres(place):
        return sa.create_engine(
            address(place), pool_size=connections, max_overflow=4, pool_pre_ping=True,
            connect_args={"application_name": "leadwise-jobs", "connect_timeout": 10},
        )  # fmt: skip
    Path(place).mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address(place), pool_size=connections, max_overflow=4)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def own(engine: sa.Engine) -> sa.Engine:
    """The same engine, reading and writing the tables above."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(schema_translate_map={None: SCHEMA})


def create_tables(engine: sa.Engine) -> None:
    """Create what is missing; safe while others do the same."""
    schema = None if engine.dialect.name == "sqlite" else SCHEMA
    if sa.inspect(engine).has_table(WORKER.name, schema=schema):
        # Not even tried: who may use a schema need not be allowed to create one.
        return
    with own(engine).begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            lock = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(SCHEMA)))
            connection.execute(lock)
            connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        METADATA.create_all(connection)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # A transaction that begins by reading and then writes could fail at once: so none does.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: what is said to be done survives a power cut. It may have sent mail.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
