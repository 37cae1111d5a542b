"""Empty stores of both kinds, for tests that hold on each. That of PostgreSQL is emptied for each
test, which is quicker than to make another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.store.opening import Store
from leadwise.store.schema import metadata
from tests.databases import make_tables, postgres_database


@pytest.fixture(scope="module")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """A record on PostgreSQL with its tables."""
    with postgres_database(postgres_url) as url, Store(url) as opened:
        make_tables(opened)
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A record with its tables and nothing in them."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as opened:
            make_tables(opened)
            yield opened
        return
    found: Store = request.getfixturevalue("postgres_store")
    yield found
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with found.transaction() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
