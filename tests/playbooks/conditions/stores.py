"""Empty stores of both kinds, for tests that hold on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A record with its tables and nothing in them."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as opened:
            make_tables(opened)
            yield opened
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as opened:
        make_tables(opened)
        yield opened
