"""Sales calls while processes are killed, in short; `make call-kills` does it at length."""

from __future__ import annotations

from pathlib import Path

from tests.databases import postgres_database
from tests.playbooks.calls.killing import Wanted, kill_calls

RUNS = 3
ONCE = (
    "contacts made in the CRM", "meetings booked", "guests told of a meeting",
    "mails taken by the server", "conversations kept", "leads given to somebody",
    "events that a mail was sent",
)  # fmt: skip


def test_a_sales_call_takes_place_once_though_processes_are_killed(
    tmp_path: Path, postgres_url: str
) -> None:
    wanted = Wanted(
        runs=RUNS, a_round=RUNS, processes=2, seed=4, alive_seconds=2, most_seconds=60,
        most_kills=2,
    )  # fmt: skip
    with postgres_database(postgres_url) as url:
        found = kill_calls(url, url, tmp_path, wanted)
    assert found.wrong == ()
    assert found.states == {"done": RUNS}
    assert found.kills >= 1
    assert {name: found.effects[name][1] for name in ONCE} == dict.fromkeys(ONCE, RUNS)
    # What is not asked for by a key of ours is not asked for twice: it is written in the record.
    for name in ("guests told of a meeting", "conversations kept", "events that a mail was sent"):
        assert found.effects[name][0] == RUNS
