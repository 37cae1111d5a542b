"""Where to write to a lead is found without going through everybody's addresses."""

from __future__ import annotations

from pathlib import Path

from leadwise.playbooks.whole_lead import addresses
from leadwise.store.opening import Store
from tests.databases import make_tables
from tests.records import add_lead

LEADS = 300


def test_the_addresses_of_one_lead_cost_the_same_among_many(tmp_path: Path) -> None:
    steps: list[int] = []
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        for first in (True, False):
            for number in range(1 if first else LEADS):
                store.write(lambda c, n=number, f=first: add_lead(c, f"{n}-{f}@acme.example"))
            with store.read() as connection:
                own = connection.connection.driver_connection
                assert own is not None
                count = [0]
                own.set_progress_handler(lambda c=count: c.__setitem__(0, c[0] + 1), 1)
                found = addresses(connection, [1])
                own.set_progress_handler(None, 0)
            assert found == {1: {"0-True@acme.example"}}
            steps.append(count[0])
    assert steps[1] < 2 * steps[0]
