"""Sales calls while processes are killed, in short; `kills_of_calls.py` does it at length."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.databases import postgres_database
from tests.playbooks.calls.killing import Counted, Wanted, kill_calls

pytestmark = pytest.mark.skipif(
    "LEADWISE_KILLS" not in os.environ, reason="takes minutes on a busy machine: set LEADWISE_KILLS"
)
ONCE = (
    "contacts made in the CRM", "meetings booked", "guests told of a meeting",
    "mails taken by the server", "conversations kept", "leads given to somebody",
    "events that a mail was sent",
)  # fmt: skip


def test_killed_on_sqlite_a_sales_call_takes_place_once(tmp_path: Path) -> None:
    wanted = Wanted(
        runs=6, a_round=6, processes=1, seed=3, alive_seconds=3, most_seconds=60, most_kills=2
    )
    found = kill_calls(str(tmp_path / "record.db"), str(tmp_path), tmp_path, wanted)
    _is_well(found, 6)


def test_killed_on_postgresql_another_process_goes_on_with_sales_calls(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    wanted = Wanted(
        runs=4, a_round=4, processes=2, seed=4, alive_seconds=3, most_seconds=60, most_kills=2
    )
    with postgres_database(request.getfixturevalue("postgres_url")) as url:
        found = kill_calls(url, url, tmp_path, wanted)
    _is_well(found, 4)


def _is_well(found: Counted, runs: int) -> None:
    assert found.wrong == ()
    assert found.states == {"done": runs}
    assert found.kills >= 1
    assert {name: found.effects[name][1] for name in ONCE} == dict.fromkeys(ONCE, runs)
    raw = {name: found.effects[name][0] for name in found.effects}
    # What the other side did without being asked twice for it, and what the record has.
    for name in ("guests told of a meeting", "conversations kept", "events that a mail was sent"):
        assert raw[name] == runs
