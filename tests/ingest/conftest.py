"""A fresh recording on each store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database
from tests.ingest.recording import Recording
from tests.records import make_live


@pytest.fixture(params=["sqlite", "postgres"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recording]:
    """An empty store with the card `tests.records.CARD` live."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = str(tmp_path / "leadwise.db")
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_url")))
        store = stack.enter_context(Store(url))
        make_tables(store)
        store.write(make_live)
        yield Recording(store)
