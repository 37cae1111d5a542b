"""The doctor finds what is wrong with follow-up, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from leadwise.plan.relations import FOREVER
from leadwise.playbooks.versions import add, pause, publish
from leadwise.store.doctor import Patient, examine
from leadwise.store.findings import Finding
from leadwise.store.opening import Store
from leadwise.store.runs import PAUSED, put_step, start_run
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import mail, playbook_pending, playbook_run, pushed, task
from leadwise.store.tasks import open_task
from tests.databases import make_tables, postgres_database
from tests.records import NOW_US, add_lead, change, make_live, score_all

HOUR_US = 3_600_000_000
PLAYBOOK = """
playbook: calls
version: 1
starts: {event: demo_requested}
steps:
  - task: {title: Call, to: team, wait: true}
"""


BOTH = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with a lead, a playbook, and a run of it that waits for its task."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as opened:
            make_tables(opened)
            opened.write(_fill)
            yield opened
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as opened:
            make_tables(opened)
            opened.write(_fill)
            yield opened


def _fill(connection: Connection) -> None:
    version = make_live(connection)
    lead_id = add_lead(connection, "ana@acme.example")
    score_all(connection, version)
    own = add(connection, PLAYBOOK, actor="test", now_us=NOW_US).version
    live = publish(connection, own.id, actor="test", now_us=NOW_US)
    run_id = start_run(connection, live, lead_id, "event:1", {}, NOW_US)
    assert run_id is not None
    open_task(
        connection, kind="call", title="Call", about="", lead_id=lead_id, now_us=NOW_US,
        run_id=run_id, number=0, doc={},
    )  # fmt: skip
    waits(connection, awaits="task", due_us=FOREVER)


def waits(connection: Connection, **values: Any) -> None:
    change(connection, playbook_run, **values)


def found(store: Store, later_us: int = 0) -> dict[str, Finding]:
    """Findings of follow-up that are not fine."""
    names = ("runs", "follow-up", "mails", "pushed")
    findings = [f for f in examine(Patient(store, NOW_US + later_us)) if f.check in names]
    assert len(findings) == len(names)
    return {f.check: f for f in findings if f.state != "fine"}


@BOTH
def test_follow_up_that_is_well(store: Store) -> None:
    assert found(store) == {}
    (runs,) = [f for f in examine(Patient(store, NOW_US)) if f.check == "runs"]
    assert runs.said == "1 run under way, 0 held for a person"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"version_id": 99}, "run 1 is of version 99"),
        ({"lead_id": 99}, "run 1 is of lead 99"),
        ({"awaits": None}, "run 1 waits for ever"),
        ({"awaits": "run"}, "run 1 waits for a run"),
        ({"state": "held", "why": PAUSED}, "run 1 is held by a pause"),
    ],
)
def test_runs_that_nothing_moves_on(store: Store, values: dict[str, Any], said: str) -> None:
    store.write(lambda c: waits(c, **values))
    assert said in found(store)["runs"].examples[0]


def test_runs_without_their_task(store: Store) -> None:
    store.write(lambda c: change(c, task, state="dropped"))
    assert "waits for its task" in found(store)["runs"].examples[0]
    store.write(lambda c: waits(c, state="held", why="The mail server said no."))
    assert "is held, and nobody is asked" in found(store)["runs"].examples[0]


def test_a_step_of_no_run(store: Store) -> None:
    step = {"run_id": 7, "number": 0, "step": "x", "kind": "wait", "began_us": 1,
            "ended_us": None, "state": "done", "why": None, "doc": {}}  # fmt: skip
    store.write(lambda c: put_step(c, step))
    assert found(store)["runs"].examples == ("step 0 of run 7 is of no run",)


@BOTH
def test_what_is_late(store: Store) -> None:
    store.write(lambda c: waits(c, due_us=NOW_US, awaits=None))
    assert found(store, HOUR_US // 60) == {}
    late = found(store, HOUR_US)["follow-up"]
    assert (late.state, late.said) == ("warning", "1 run due, the longest for 1:00:00")

    def wait(connection: Connection) -> None:
        values = {"playbook": "calls", "trigger": "event:2", "why": "full", "since_us": 1,
                  "due_us": NOW_US, "doc": {}}  # fmt: skip
        connection.execute(insert(playbook_pending).values(values))
        pause(connection, "calls", actor="test", now_us=NOW_US)

    store.write(wait)  # a run of a playbook that is paused is not late
    assert found(store, HOUR_US)["follow-up"].said == "1 start due, the longest for 1:00:00"


@pytest.mark.parametrize(("state", "said"), [("unsure", "nobody knows"), ("ready", "on their way")])
def test_mails(store: Store, state: str, said: str) -> None:
    values = {"message_id": "m", "address": "a@b.example", "domain": "b.example", "subject": "s",
              "state": state, "created_us": NOW_US, "due_us": NOW_US, "doc": {}}  # fmt: skip
    store.write(lambda c: c.execute(insert(mail).values(values)))
    assert said in found(store, 2 * HOUR_US)["mails"].said


@BOTH
def test_a_system_that_has_later_scores(store: Store) -> None:
    def tell(connection: Connection) -> None:
        values = {"name": "crm", "kind": "hubspot", "options": {}, "secrets": {}, "mapping": {},
                  "created_us": 1, "created_by": "t"}  # fmt: skip
        connection.execute(insert(connection_table).values(values))
        connection.execute(insert(pushed).values(
            connection_id=1, lead_id=1, as_of_us=NOW_US + 1, digest="d", state="done",
            at_us=NOW_US))  # fmt: skip

    store.write(tell)
    assert "1 lead at crm" in found(store)["pushed"].said
