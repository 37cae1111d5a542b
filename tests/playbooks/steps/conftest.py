"""A record on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.store.opening import Store
from tests.databases import make_tables
from tests.playbooks.steps.standing import Standing


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    with Store(str(tmp_path / "record.db")) as store:
        make_tables(store)
        yield Standing(store)
