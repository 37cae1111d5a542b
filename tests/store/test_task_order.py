"""Lists of tasks come in order from an index, however many tasks there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from leadwise.store.opening import Store
from leadwise.store.schema import task
from leadwise.store.tasks import NEVER, list_tasks
from tests.databases import make_tables, postgres_database

TASKS = 3_000
PAGE = 50


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def many(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A record with tasks of 7 members and 500 leads, a fifth of them open."""
    if request.param == "sqlite":
        with Store(str(tmp_path_factory.mktemp("tasks") / "record.db")) as store:
            yield _filled(store)
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as store:
        yield _filled(store)


def _filled(store: Store) -> Store:
    make_tables(store)
    rows = [
        {
            "lead_id": n % 500 + 1, "kind": ("call", "review")[n % 2], "title": "t", "about": "",
            "member_id": n % 7 + 1 if n % 3 else None, "state": "done" if n % 5 else "open",
            "created_us": n, "due_us": None if n % 11 == 0 else 10**15 + n * 7_919 % 997,
            "ended_us": n if n % 5 else None, "doc": {},
        }
        for n in range(TASKS)
    ]  # fmt: skip
    store.write(lambda connection: connection.execute(insert(task), rows))
    store.write(lambda connection: connection.execute(text("ANALYZE task")))
    return store


ASKED: list[dict[str, Any]] = [
    {"state": "open"}, {"state": "open", "kind": "review"}, {"member_id": 3, "state": "open"}, {},
    {"member_id": 3}, {"lead_id": 77}, {"state": "done", "lead_id": 77},
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_pages_are_all_tasks_in_order(many: Store, asked: dict[str, Any]) -> None:
    with many.read() as connection:
        whole = list_tasks(connection, **asked, limit=TASKS)
        places = [((one.due_us or NEVER), one.id) for one in whole]
        assert places == sorted(places)
        found, after = [], None
        while page := list_tasks(connection, **asked, after=after, limit=PAGE):
            found += page
            after = page[-1].cursor
        assert [one.id for one in found] == [one.id for one in whole]
        for name, value in asked.items():
            assert {getattr(one, name) for one in whole} == {value}
        wanted = sum(
            all(
                {"state": "done" if n % 5 else "open", "kind": ("call", "review")[n % 2],
                 "member_id": n % 7 + 1 if n % 3 else None, "lead_id": n % 500 + 1}[key] == value
                for key, value in asked.items()
            )
            for n in range(TASKS)
        )  # fmt: skip
        assert len(whole) == wanted


@pytest.mark.parametrize(
    ("asked", "index"),
    [({"state": "open"}, "tasks_in_order"), ({}, "tasks_in_order"),
     ({"state": "open", "member_id": 3}, "tasks_of_member"),
     ({"state": "open", "lead_id": 77}, "tasks_of_lead")],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("after", [None, (10**15 + 500, 40)])
def test_no_page_sorts_or_reads_all_tasks(
    many: Store, asked: dict[str, Any], index: str, after: tuple[int, int] | None
) -> None:
    with many.read() as connection:
        if connection.dialect.name == "postgresql" and "lead_id" not in asked:
            # Of so few it would rather sort all: whether it has to is what is asked.
            for way in ("sort", "incremental_sort", "bitmapscan", "seqscan"):
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
        plans = _plans(connection, asked, after)
    assert plans
    for plan in plans:
        assert index in plan
        assert "Seq Scan" not in plan
        assert "SCAN task" not in plan
        if index != "tasks_of_lead":
            assert "B-TREE FOR ORDER" not in plan
            assert "Sort" not in plan


def _plans(
    connection: Connection, asked: dict[str, Any], after: tuple[int, int] | None
) -> list[str]:
    """How the database does each statement of the list."""
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, sql: str, given: Any, *___: Any) -> None:
        said.append((sql, given))

    event.listen(connection, "before_cursor_execute", note)
    list_tasks(connection, **asked, after=after, limit=PAGE)
    event.remove(connection, "before_cursor_execute", note)
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return [
        "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{word} {sql}", given))
        for sql, given in said
    ]
