"""Databases for tests that need a store of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from leadwise.store import migrations
from leadwise.store.opening import Store, sqlite_url
from leadwise.store.schema import metadata


@contextmanager
def postgres_database(server: str, *, empty: bool = False) -> Iterator[str]:
    """The URL of a new database on the server of `postgres_url`, dropped at the end.

    It has the tables of `make_tables`, and no rows: a copy of a database that has them is there in
    a tenth of the time in which they are made. `empty`: it has nothing, for those who make them.
    """
    name = f"test_{uuid.uuid4().hex[:12]}"
    like = "" if empty else f' TEMPLATE "{_with_tables(server)}"'
    engine = _administrator(server)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"{like}')
        yield _url_of(server, name)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        engine.dispose()


def make_tables(store: Store) -> None:
    """Make of an empty database what `migrations.upgrade` does, in a fifth of the time.

    Nothing where `postgres_database` has copied it. tests/store/test_migrations.py holds that all
    of them are the same.
    """
    with store.transaction() as connection:
        if not store.embedded:
            made = connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar()
            if made is not None:
                return
        for statement in _statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


@cache
def _with_tables(server: str) -> str:
    """The name of the server's database that others are copies of; nobody is connected to it."""
    name = f"tables_{uuid.uuid4().hex[:12]}"
    engine = _administrator(server)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    with Store(_url_of(server, name)) as store:
        make_tables(store)
    return name


def _administrator(server: str) -> Engine:
    return create_engine(sqlite_url(server), isolation_level="AUTOCOMMIT")


def _url_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@cache
def _statements(dialect: str) -> tuple[str, ...]:
    own = {"sqlite": sqlite, "postgresql": postgresql}[dialect].dialect()
    tables = [str(CreateTable(table).compile(dialect=own)) for table in metadata.sorted_tables]
    indexes = [
        str(CreateIndex(index).compile(dialect=own))
        for table in metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    version = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    return (
        *tables, *indexes, version, f"INSERT INTO alembic_version VALUES ('{migrations.head()}')",
    )  # fmt: skip
