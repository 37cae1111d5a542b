"""Processes killed at random instants, in short; `tests/playbooks/kills.py` does it at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import postgres_database
from tests.playbooks.engine.killing import kill_over_and_over

RUNS = 12


def test_killed_on_sqlite_every_effect_is_there_once(tmp_path: Path) -> None:
    found = kill_over_and_over(
        str(tmp_path / "record.db"),
        str(tmp_path),
        runs=RUNS,
        processes=1,
        seed=1,
        most_seconds=60,
        most_kills=2,
    )
    assert found.wrong == ()
    assert found.done == RUNS
    assert found.kills >= 1
    assert found.unique == 3 * RUNS + RUNS // 2


def test_killed_on_postgresql_another_process_goes_on(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with postgres_database(request.getfixturevalue("postgres_url")) as url:
        found = kill_over_and_over(
            url, url, runs=RUNS, processes=2, seed=2, most_seconds=60, most_kills=2
        )
    assert found.wrong == ()
    assert found.done == RUNS
    assert found.kills >= 1
