"""What was sent since a backup is not sent again by restoring it: follow-up stands still."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from leadwise.jobs.plain import run_here
from leadwise.playbooks.runs.acting import Came, Go, House
from leadwise.playbooks.runs.jobs import move_runs_on, step_handler
from leadwise.playbooks.runs.ways import ways_of
from leadwise.playbooks.steps import inner_of
from leadwise.playbooks.versions import add, publish, resume
from leadwise.settings import Settings
from leadwise.store.backup import make_backup, read_backup
from leadwise.store.doctor import Patient, examine
from leadwise.store.opening import Store
from leadwise.store.restore import Restored, Target, restore_backup
from leadwise.store.runs import change_run, get_run, list_runs, start_run
from leadwise.store.schema import connection as connection_table
from leadwise.testing.playing import Bench
from tests.databases import make_tables
from tests.records import DAY_US, NOW_US, add_lead

PLAYBOOK = """
playbook: tells
version: 1
starts: {event: demo_requested}
steps:
  - notify: {text: Hello, to: team}
  - wait: 365 days
"""
LATER_US = NOW_US + DAY_US


def fill(connection: Connection) -> None:
    own = add(connection, PLAYBOOK, actor="test", now_us=NOW_US).version
    live = publish(connection, own.id, actor="test", now_us=NOW_US)
    for number in range(3):
        lead_id = add_lead(connection, f"{number}@acme.example")
        start_run(connection, live, lead_id, f"event:{number}", {}, NOW_US)
    change_run(connection, 2, state="working", due_us=NOW_US + 5_000_000,
               doc={"step": {}, "engine": {"asked": 1}})  # fmt: skip
    change_run(connection, 3, at=1, due_us=NOW_US + 300 * DAY_US)
    connection.execute(insert(connection_table).values(
        name="crm", kind="hubspot", options={}, secrets={}, mapping={}, created_us=1,
        created_by="t", pushes=1))  # fmt: skip


class Told:
    """A follow-up of which every step outside is counted."""

    def __init__(self, store: Store) -> None:
        self.keys: list[str] = []
        self.bench, self.store = Bench(), store
        settings = Settings()

        def act(_: House, here: Any) -> Came:
            self.keys.append(here.key)
            return Came("done")

        self.ways = replace(
            ways_of(settings), may_go=lambda *_: Go(),
            outer=lambda kind: None if inner_of(kind) else act,
        )  # fmt: skip
        house = House(store, settings, lambda _: None, lambda: LATER_US, {})
        self.handler = step_handler(house, self.ways)

    def turn(self) -> None:
        """All that is due, and the job that the backup had of run 2."""
        run_here(self.handler, {"run": 2, "number": 0, "asked": 1}, job_id="run-2-0")
        for _ in range(5):
            move_runs_on(self.store, self.bench, self.ways, lambda: LATER_US)
            self.bench.work(self.handler)


def restored(tmp_path: Path) -> tuple[Restored, str]:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    (data / "secret.key").write_text("5ec4e7")
    with Store(str(data / "leadwise.db")) as store:
        make_tables(store)
        store.write(fill)
        folder = tmp_path / "backup"
        make_backup(store, folder, NOW_US, data=data, secret=data / "secret.key")
    url = str(elsewhere / "leadwise.db")
    target = Target(url, elsewhere, elsewhere / "secret.key")
    return restore_backup(read_backup(folder), target, LATER_US, "ana"), url


def test_nothing_is_done_before_a_person_says_so(tmp_path: Path) -> None:
    done, url = restored(tmp_path)
    assert (done.playbooks, done.connections, done.due) == (("tells",), ("crm",), 2)
    with Store(url) as store:
        told = Told(store)
        told.turn()
        assert told.keys == []
        with store.read() as connection:
            assert [run.state for run in list_runs(connection)] == ["waiting", "held", "held"]
        findings = {f.check: f for f in examine(Patient(store, LATER_US))}
        assert findings["runs"].state == findings["follow-up"].state == "fine"
        # Somebody says to do it again: with the keys by which the others know it.
        store.write(lambda c: resume(c, "tells", actor="ana", now_us=LATER_US))
        told.turn()
        assert sorted(told.keys) == ["run-1-0", "run-2-0"]
        with store.read() as connection:
            assert get_run(connection, 2).at == 1
            row = connection.execute(connection_table.select()).one()
        assert row.paused_us == LATER_US  # neither pulled from nor pushed to
