"""Which playbooks have runs under way is read off an index, whatever PostgreSQL thinks of it."""

from __future__ import annotations

from sqlalchemy import insert, text

from leadwise.playbooks.triggers.taking import _ACTIVE
from leadwise.store.opening import Store
from leadwise.store.playbooks import add_playbook, set_playbook_status
from leadwise.store.schema import playbook_run
from tests.databases import make_tables, postgres_database

RUNS = 3_000


def test_a_version_without_runs_is_no_reason_to_read_all_runs(postgres_url: str) -> None:
    with postgres_database(postgres_url) as url, Store(url) as store:
        make_tables(store)
        with store.transaction() as connection:
            for name in ("busy", "idle"):
                version = add_playbook(connection, playbook=name, number=1, digest=name,
                                       text=name, by="t", now_us=1)  # fmt: skip
                set_playbook_status(connection, version.id, "live", published_us=1)
            run = {"playbook": "busy", "version_id": 1, "state": "waiting", "at": 0, "number": 0,
                   "due_us": 9, "began_us": 1, "doc": {}}  # fmt: skip
            rows = [{**run, "trigger": str(number)} for number in range(RUNS)]
            connection.execute(insert(playbook_run), rows)
        with store.transaction() as connection:
            connection.execute(text("ANALYZE"))
            assert connection.scalars(text(_ACTIVE)).all() == [1]
            plan = "\n".join(connection.scalars(text(f"EXPLAIN {_ACTIVE}")))
    assert "Seq Scan on playbook_run" not in plan
    assert plan.count("runs_of_version") == 3
