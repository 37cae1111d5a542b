"""Lists of runs are read off an index, the newest first: a million runs are sorted for nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from leadwise.store.opening import Store
from leadwise.store.runs import list_runs
from tests.databases import make_tables


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"playbook": "calls"},
        {"state": "failed"},
        {"playbook": "calls", "before_id": 5},
        {"state": "waiting", "before_id": 5},
    ],
    ids=str,
)
def test_nothing_is_sorted(tmp_path: Path, asked: dict[str, Any]) -> None:
    said: list[tuple[str, Any]] = []
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        with store.read() as connection:

            def told(_c: Any, _cursor: Any, sql: str, given: Any, *_: Any) -> None:
                said.append((sql, given))

            event.listen(connection, "before_cursor_execute", told)
            list_runs(connection, **asked)
            event.remove(connection, "before_cursor_execute", told)
            ((sql, given),) = said
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
    assert plan
    assert not [row[3] for row in plan if "B-TREE" in row[3]]
