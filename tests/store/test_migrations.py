"""Migrating makes exactly the tables of the schema, on both kinds of store, once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from leadwise.errors import UserError
from leadwise.store import migrations
from leadwise.store.opening import Store
from leadwise.store.schema import metadata
from tests.databases import make_tables, postgres_database

POSTGRES_COLUMNS = text("""
    SELECT c.relname, c.relkind, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull, a.attidentity, l.collname, pg_get_expr(d.adbin, d.adrelid) AS usually
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'S')
        AND c.relname <> 'alembic_version'
    ORDER BY c.relname, a.attnum""")
POSTGRES_INDEXES = text("""
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename <> 'alembic_version' ORDER BY indexname""")
POSTGRES_CONSTRAINTS = text("""
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace
        AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2""")
SQLITE_TABLES = text("""
    SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE tbl_name <> 'alembic_version' ORDER BY type, name""")


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "leadwise.db")
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server, empty=True) as url:
            yield url


def shape(connection: Connection) -> list[object]:
    """Everything that the database knows of its tables."""
    if connection.dialect.name == "sqlite":
        return [tuple(row) for row in connection.execute(SQLITE_TABLES)]
    questions = (POSTGRES_COLUMNS, POSTGRES_INDEXES, POSTGRES_CONSTRAINTS)
    return [tuple(row) for asked in questions for row in connection.execute(asked)]


def test_makes_what_the_schema_says(address: str) -> None:
    """Columns, types, collations, defaults, indexes and constraints, in their order."""
    with Store(address) as store:
        migrations.upgrade(store)
        with store.transaction() as connection:
            made = shape(connection)
            names = [name for (name,) in connection.execute(text(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                if store.embedded else
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            ))]  # fmt: skip
            for name in names:
                connection.execute(text(f'DROP TABLE "{name}"'))
            metadata.create_all(connection)
            assert made == shape(connection)
            assert len(made) > len(metadata.tables)


def test_the_tables_of_the_tests_are_the_same(
    address: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Those of `make_tables`, which is quicker, and those of a copied database."""
    with Store(address) as store, ExitStack() as stack:
        migrations.upgrade(store)
        if store.embedded:
            own = str(tmp_path / "own.db")
        else:
            own = stack.enter_context(postgres_database(request.getfixturevalue("postgres_url")))
        other = stack.enter_context(Store(own))
        make_tables(other)
        with store.read() as one, other.read() as two:
            assert shape(one) == shape(two)
        assert migrations.current(other) == migrations.head()


def test_again_changes_nothing(address: str) -> None:
    with Store(address) as store:
        assert migrations.current(store) is None
        migrations.upgrade(store)
        with store.transaction() as connection:
            connection.execute(text("INSERT INTO meta VALUES ('kept', 'yes')"))
        migrations.upgrade(store)
        assert migrations.current(store) == migrations.head() == migrations.versions()[-1]
        with store.read() as connection:
            assert connection.execute(text("SELECT value FROM meta")).scalars().all() == ["yes"]
        migrations.require_current(store)


def test_at_the_same_time(address: str) -> None:
    """Two processes that start together: one migrates, the other waits and finds it done."""
    with Store(address) as one, Store(address) as other:
        # What the other does first is to wait for the lock, which the first has by then.
        with one.transaction() as connection, ThreadPoolExecutor(1) as pool:
            migrations.upgrade_in(connection)
            waiting = pool.submit(migrations.upgrade, other)
            connection.commit()
            waiting.result(timeout=20)
        assert migrations.current(other) == migrations.head()


def test_a_newer_store_is_refused(address: str) -> None:
    with Store(address) as store:
        migrations.upgrade(store)
        with store.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for refused in (migrations.upgrade, migrations.require_current):
            with pytest.raises(UserError, match="version 9999") as caught:
                refused(store)
            assert caught.value.code == "store-newer"
            assert "newer Leadwise" in caught.value.hint
        assert migrations.current(store) == "9999"


def test_an_empty_or_foreign_database_is_said(address: str) -> None:
    with Store(address) as store:
        with pytest.raises(UserError, match="no tables yet") as caught:
            migrations.require_current(store)
        assert caught.value.code == "store-version"
        with store.transaction() as connection:
            connection.execute(text("CREATE TABLE lead (name TEXT)"))
        with pytest.raises(UserError, match="'lead'") as caught:
            migrations.upgrade(store)
        assert caught.value.code == "store-foreign"
        assert migrations.current(store) is None


def test_a_step_that_fails_leaves_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps or none: also on SQLite, where Alembic by itself would leave half the tables."""
    from alembic.operations import Operations

    real = Operations.create_table

    def failing(self: Operations, name: str, *columns: object, **more: object) -> object:
        if name == "audit":
            raise RuntimeError("no more")
        return real(self, name, *columns, **more)

    with Store(address) as store:
        with monkeypatch.context() as patched:
            patched.setattr(Operations, "create_table", failing)
            with pytest.raises(RuntimeError, match="no more"):
                migrations.upgrade(store)
        assert migrations.current(store) is None
        with store.read() as connection:
            assert [row for row in shape(connection) if "lead" in str(row)] == []
        migrations.upgrade(store)
        assert migrations.current(store) == migrations.head()
