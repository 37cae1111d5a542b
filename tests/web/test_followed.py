"""What a scrape is told of follow-up, with nobody following up."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert

from leadwise.store.opening import Store
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import mail, playbook_pending, playbook_run, task
from leadwise.web.followed import Followed
from leadwise.web.metrics import Metrics
from tests.databases import make_tables
from tests.records import NOW_US

MINUTE_US = 60_000_000


def fill(connection: Connection) -> None:
    run = {"playbook": "p", "version_id": 1, "at": 0, "number": 0, "began_us": 1, "doc": {}}
    for number, (state, minutes) in enumerate([("waiting", -3), ("held", -90), ("working", 5)]):
        due_us = NOW_US + minutes * MINUTE_US
        connection.execute(
            insert(playbook_run).values(**run, trigger=str(number), state=state, due_us=due_us)
        )
    connection.execute(insert(playbook_pending).values(
        playbook="p", trigger="t", why="full", since_us=1, due_us=NOW_US, doc={}))  # fmt: skip
    for number, state in enumerate(("ready", "unsure", "unsure", "sent")):
        connection.execute(insert(mail).values(
            message_id=str(number), address="a@b.example", domain="b.example", subject="s",
            state=state, created_us=1, due_us=1, doc={}))  # fmt: skip
    for state, due_us in (("open", 5), ("open", None), ("open", NOW_US + 1), ("done", 5)):
        connection.execute(insert(task).values(
            kind="call", title="Call", about="", state=state, created_us=1, due_us=due_us,
            doc={}))  # fmt: skip
    for name, trouble, paused_us in (("crm", "401", None), ("chat", None, None), ("old", "x", 1)):
        connection.execute(insert(connection_table).values(
            name=name, kind="hubspot", options={}, secrets={}, mapping={}, created_us=1,
            created_by="t", trouble=trouble, paused_us=paused_us))  # fmt: skip


def test_what_a_scrape_is_told(tmp_path: Path) -> None:
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        metrics = Metrics()
        Followed(store, lambda: NOW_US).watch(metrics)
        assert "leadwise_playbook_oldest_seconds 0.0" in metrics.text().decode()
        store.write(fill)
        text = metrics.text().decode()
    for line in (
        "leadwise_playbook_oldest_seconds 180.0", "leadwise_playbook_starts 1.0",
        "leadwise_tasks_overdue 1.0", 'leadwise_mails{state="ready"} 1.0',
        'leadwise_mails{state="unsure"} 2.0', 'leadwise_connection_trouble{connection="crm"} 1.0',
        'leadwise_connection_trouble{connection="chat"} 0.0',
    ):  # fmt: skip
        assert line in text
    assert 'connection="old"' not in text
