"""Empty databases for tests that need a store of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url

from leadwise.store.opening import sqlite_url


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of a new database on the server of `postgres_url`, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(sqlite_url(server), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        url = make_url(server).set(database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        engine.dispose()
