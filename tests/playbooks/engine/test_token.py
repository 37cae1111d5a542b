"""A token that runs out overnight: runs wait until it is renewed, and none is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadwise.connect.setting_up import add as add_connection
from leadwise.playbooks.versions import add, publish
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.store.runs import list_runs
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.playing import MINUTE_US, Play
from leadwise.testing.serving import served
from tests.databases import make_tables
from tests.records import NOW_US, make_live

PLAYBOOK = """
playbook: tells
version: 1
starts: {event: demo_requested}
steps:
  - create: crm
    values: {email: '{{ lead.email }}'}
"""


def test_runs_wait_for_a_token(tmp_path: Path) -> None:
    crm = FakeHubSpot(token="new")
    with Store(str(tmp_path / "leadwise.db")) as store, served(crm) as address:
        make_tables(store)

        def set_up(connection: Any) -> None:
            make_live(connection)
            given = {"token": "old", "address": address}
            add_connection(connection, "crm", "hubspot", given, by="t", now_us=NOW_US)
            own = add(connection, PLAYBOOK, actor="t", now_us=NOW_US).version
            publish(connection, own.id, actor="t", now_us=NOW_US)

        store.write(set_up)
        play = Play(store, Settings(data=tmp_path), NOW_US)
        play.track("ana@acme.example", "demo_requested")
        play.turn()
        play.later(60 * MINUTE_US)
        with store.read() as connection:
            (run,) = list_runs(connection)
        assert run.state == "waiting"
        assert "401" in (run.why or "")
        assert not crm.objects["contacts"]

        crm.token = "old"
        play.later(120 * MINUTE_US)
        with store.read() as connection:
            (run,) = list_runs(connection)
        assert run.state == "done"
        assert len(crm.objects["contacts"]) == 1
