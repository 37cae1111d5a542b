"""A second process on a store is told so at once, before the seconds that a start takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.web.starting import one_process, require_unserved


def test_a_store_that_is_served_is_told(tmp_path: Path) -> None:
    store = tmp_path / "leadwise.db"
    require_unserved(None)
    require_unserved(store)
    assert not list(tmp_path.iterdir())  # nothing is made by asking
    with one_process(store):
        with pytest.raises(UserError) as caught:
            require_unserved(store, 0.2)
        assert caught.value.code == "store-in-use"
    require_unserved(store)


def test_what_asks_imports_nothing_large() -> None:
    asked = "import sys, leadwise.cli.serve, leadwise.settings, leadwise.web.starting"
    large = {"sqlalchemy", "fastapi", "duckdb", "uvicorn", "dbos", "sqlglot", "pyarrow"}
    found = subprocess.run(
        [sys.executable, "-c", f"{asked}; print(*sys.modules)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert not large & set(found.stdout.split())
