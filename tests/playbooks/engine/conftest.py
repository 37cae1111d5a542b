"""Worlds on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database
from tests.playbooks.engine.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """On SQLite."""
    with Store(str(tmp_path / "record.db")) as store:
        make_tables(store)
        yield World(store)


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """On each of the two."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as store:
            make_tables(store)
            yield World(store)
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as store:
        make_tables(store)
        yield World(store)
