"""What is asked of one lead for each mail costs the same however many others there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from leadwise.playbooks.conditions.whole_lead import addresses
from leadwise.store.opening import Store
from leadwise.store.suppression import suppress, wants_nothing
from tests.databases import make_tables
from tests.records import NOW_US, add_lead

LEADS = 300


def _suppressed(connection: Connection, leads: list[int]) -> dict[int, Any]:
    return {lead_id: {one.address} for lead_id, one in wants_nothing(connection, leads).items()}


@pytest.mark.parametrize("ask", [addresses, _suppressed], ids=["addresses", "suppressed"])
def test_one_lead_costs_the_same_among_many(
    tmp_path: Path, ask: Callable[[Connection, list[int]], dict[int, Any]]
) -> None:
    steps: list[int] = []
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)

        def add(connection: Connection, numbers: range) -> None:
            for number in numbers:
                address = f"{number}@acme.example"
                add_lead(connection, address)
                suppress(connection, address, "unsubscribed", by="lead", now_us=NOW_US)

        for numbers in (range(1), range(1, LEADS)):
            store.write(lambda c, n=numbers: add(c, n))
            with store.read() as connection:
                own = connection.connection.driver_connection
                assert own is not None
                count = [0]
                own.set_progress_handler(lambda c=count: c.__setitem__(0, c[0] + 1), 1)
                found = ask(connection, [1])
                own.set_progress_handler(None, 0)
            assert found == {1: {"0@acme.example"}}
            steps.append(count[0])
    assert steps[1] < 2 * steps[0]
