"""What is pulled from Gong becomes part of the record: leads, events, conversations, each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from leadwise.connect.opening import opened
from leadwise.connect.pulling import Pulling
from leadwise.errors import RemoteError
from leadwise.ingest.gate.rules import GateRules
from leadwise.store.connections import add_connection
from leadwise.store.opening import Store
from leadwise.store.schema import conversation, event, lead
from leadwise.testing.gong import FakeGong
from leadwise.testing.serving import served
from tests.databases import make_tables

HOUR = 3_600_000_000
NOON = 1_795_521_600_000_000  # 2026-11-24T12:00:00Z
PEOPLE = [("rep@us.example", "Rob", "Internal"), ("ana@acme.example", "Ana", "External")]
SAID = [("rep@us.example", "Your budget?"), ("ana@acme.example", "We have 80,000 euros.")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "record.db")) as found:
        make_tables(found)
        yield found


def counts(store: Store) -> tuple[int, int, int]:
    """Leads, calls and conversations."""
    held = select(func.count()).select_from(event).where(event.c.event == "call_held")
    with store.read() as c:
        leads = c.execute(select(func.count()).select_from(lead)).scalar_one()
        talks = c.execute(select(func.count()).select_from(conversation)).scalar_one()
        return leads, c.execute(held).scalar_one(), talks


def test_a_pull_that_fails_half_way_goes_on_and_nothing_is_there_twice(store):
    gong = FakeGong(page=2)
    for number in range(5):
        gong.call(str(number), f"2026-11-2{number}T10:00:00Z", PEOPLE, title=f"Call {number}")
        gong.transcribe(str(number), [*SAID, ("rep@us.example", f"This was call {number}.")])
    read: list[int] = []
    with served(gong) as url:
        row = store.write(
            lambda c: add_connection(
                c, "calls", "gong", options={"api": url},
                secrets={"access_key": "key", "access_key_secret": "env:GONG_SECRET"},
                by="test", now_us=NOON,
            )
        )  # fmt: skip
        at = [NOON]
        pulling = Pulling(store, GateRules(), lambda: at[0],
                          read=lambda id_, _frame, _reader: read.append(id_))  # fmt: skip

        def pull() -> None:
            line = opened(row, {"GONG_SECRET": "secret"})
            line.to.client.http.pace_s = 0.0
            line.to.client.http.sleep = lambda _: None
            try:
                pulling.pull(row, line.to)
            finally:
                line.to.client.http.close()

        plain, asked = gong.handle, []

        def handle(method, path, headers, query, body):
            asked.append(path)
            if len(asked) in (3, 4, 5):
                return 500, {}, {"errors": ["Down"]}
            return plain(method, path, headers, query, body)

        gong.handle = handle
        with pytest.raises(RemoteError):
            pull()
        assert counts(store) == (1, 2, 2)
        pull()
        assert counts(store) == (1, 5, 5)
        at[0] += HOUR
        pull()
        assert counts(store) == (1, 5, 5)
    assert len(set(read)) == 5
