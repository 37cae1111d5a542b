"""A version that this Leadwise cannot read: its runs wait for whoever moves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import update

from leadwise.playbooks.versions import add, publish
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.store.runs import RunRow, list_runs
from leadwise.store.schema import playbook_version
from leadwise.testing.playing import MINUTE_US, Play
from tests.databases import make_tables
from tests.records import NOW_US, make_live

PLAYBOOK = """
playbook: calls
version: 1
starts: {event: demo_requested}
steps:
  - wait: 1 hours
  - task: {title: Call, to: team}
"""


def test_runs_of_a_version_that_cannot_be_read_wait(tmp_path: Path) -> None:
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)

        def set_up(connection: Any) -> None:
            make_live(connection)
            own = add(connection, PLAYBOOK, actor="t", now_us=NOW_US).version
            publish(connection, own.id, actor="t", now_us=NOW_US)

        def text(words: str) -> None:
            store.write(lambda c: c.execute(update(playbook_version).values(text=words)))

        def run() -> RunRow:
            with store.read() as connection:
                (found,) = list_runs(connection)
            return found

        store.write(set_up)
        play = Play(store, Settings(data=tmp_path), NOW_US)
        play.track("ana@acme.example", "demo_requested")
        play.turn()
        text(PLAYBOOK.replace("wait:", "pause:"))
        play.later(120 * MINUTE_US)
        assert run().state == "waiting"
        assert "cannot read the version" in (run().why or "")
        text(PLAYBOOK)
        play.later(30 * MINUTE_US)
        assert run().state == "done"
