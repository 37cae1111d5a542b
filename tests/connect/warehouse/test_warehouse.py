"""A warehouse by SQL, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Source, Target, Update
from leadwise.connect.warehouse import KIND
from leadwise.errors import RemoteError, UserError

NOW_US = 1_790_000_000_000_000
QUERY = "SELECT mail, plan, seats, secret, updated_at FROM users WHERE updated_at >= :since"
MAPPING = {"mail": "lead_id", "secret": "", "updated_at": ""}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'house.db'}"
    else:
        address = str(request.getfixturevalue("postgres_url"))
    engine = made(address)
    kind = "TIMESTAMPTZ" if request.param == "postgresql" else "TEXT"
    with engine.begin() as database:
        database.execute(text("DROP TABLE IF EXISTS users"))
        database.execute(text("DROP TABLE IF EXISTS leadwise_scores"))
        database.execute(text("CREATE TABLE users (mail TEXT, plan TEXT, seats NUMERIC(8,2), "
                              f"secret TEXT, updated_at {kind})"))  # fmt: skip
    yield address
    engine.dispose()


def made(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def add(url: str, mail: str, plan: str, at: str) -> None:
    with made(url).begin() as database:
        database.execute(
            text("INSERT INTO users VALUES (:mail, :plan, 2.5, 'x', :at)"),
            {"mail": mail, "plan": plan, "at": at},
        )


def opened(url: str, *, dry: bool = False, mapping: Any = None, **options: str) -> Any:
    given = {"query": QUERY, "table": "leadwise_scores", **options}
    connection = Connection(1, "house", "warehouse", given, {"url": url}, mapping or MAPPING)
    return KIND.open(connection, Http("house", dry=dry))


def update(lead_id: int, score: int, as_of_us: int) -> Update:
    return Update(
        lead_id, (("email", f"{lead_id}@acme.example"),), None, score, "hot", "A1",
        ("Demo +20", "CFO +10"), "What budget?", "bank 3", as_of_us,
    )  # fmt: skip


def test_what_is_new_is_pulled(url: str) -> None:
    house = opened(url)
    assert isinstance(house, Source)
    assert isinstance(house, Target)
    assert list(house.pull(None, NOW_US)) == []
    add(url, "Ana@Acme.example", "pro", "2026-01-01T10:00:00+00:00")
    add(url, "nobody", "pro", "2026-01-02T10:00:00+00:00")
    pages = list(house.pull(None, NOW_US))
    (one,) = [m for page in pages for m in page.messages]
    assert (one.type, one.email, one.document) == (
        "identify", "ana@acme.example", {"plan": "pro", "seats": 2.5, "seats#s": "2.5"},
    )  # fmt: skip
    assert [r.code for page in pages for r in page.refusals] == ["no-identity"]
    assert pages[0].cursor == ""
    cursor = pages[-1].cursor
    add(url, "ben@acme.example", "free", "2026-01-03T10:00:00+00:00")
    later = list(house.pull(cursor, NOW_US))
    assert [m.email for page in later for m in page.messages] == ["ben@acme.example"]
    again = list(house.pull(None, NOW_US))
    ids = [m.message_id for page in again for m in page.messages]
    assert one.message_id in ids
    assert "answers the query: mail" in house.test()


def test_a_changed_row_is_another_message_and_back_again_too(url: str) -> None:
    house = opened(url)
    add(url, "ana@acme.example", "pro", "2026-01-01T10:00:00+00:00")
    add(url, "ana@acme.example", "free", "2026-01-02T10:00:00+00:00")
    add(url, "ana@acme.example", "pro", "2026-01-03T10:00:00+00:00")
    ids = {m.message_id for page in house.pull(None, NOW_US) for m in page.messages}
    assert len(ids) == 3


def test_events_are_rows_too(url: str) -> None:
    query = ("SELECT mail AS lead_id, 'Plan Changed' AS event, updated_at AS timestamp, plan "
             "FROM users")  # fmt: skip
    add(url, "ana@acme.example", "pro", "2026-01-01T10:00:00+00:00")
    house = opened(url, query=query, holds="events", updated="timestamp", mapping={"x": "y"})
    (one,) = [m for page in house.pull(None, NOW_US) for m in page.messages]
    assert (one.type, one.event, one.at_us) == ("track", "plan_changed", 1_767_261_600_000_000)


def test_pulling_writes_nothing(url: str) -> None:
    query = "WITH gone AS (SELECT 1 AS x) SELECT * FROM gone"
    assert len(list(opened(url, query=query).pull(None, NOW_US))) == 1
    if "postgresql" in url:
        with made(url).begin() as database:
            database.execute(text("CREATE SEQUENCE IF NOT EXISTS counted"))
        query = "SELECT nextval('counted')"
        with pytest.raises(RemoteError, match="read-only transaction") as raised:
            list(opened(url, query=query).pull(None, NOW_US))
        assert raised.value.permanent
    for query in ("DELETE FROM users", "SELECT 1; DROP TABLE users", "  "):
        if query.strip():
            with pytest.raises(UserError, match="no single SELECT"):
                opened(url, query=query)


def test_scores_are_written_and_never_older_ones(url: str) -> None:
    house = opened(url)
    assert house.prepare() == ("leadwise_scores",)
    assert house.prepare() == ()
    first = house.push([update(1, 5050, 100), update(2, 10, 100)])
    assert [one.state for one in first] == ["sent", "sent"]
    assert [one.state for one in house.push([update(1, 6000, 200), update(2, 10, 100)])] == [
        "sent", "same",
    ]  # fmt: skip
    assert [one.state for one in house.push([update(1, 1, 150)])] == ["newer"]
    with made(url).connect() as database:
        found = database.execute(text("SELECT * FROM leadwise_scores ORDER BY lead_id")).mappings()
        rows = [dict(row) for row in found]
    assert [(float(r["score"]), r["as_of_us"]) for r in rows] == [(60.0, 200), (0.1, 100)]
    assert rows[0]["reasons"] == "Demo +20; CFO +10"
    assert rows[0]["email"] == "1@acme.example"
    blank = replace(update(1, 0, 300), blank=True)  # the person objected, or was erased
    done = house.push([blank, update(2, 90, 300)])
    assert sorted((one.lead_id, one.state) for one in done) == [(1, "sent"), (2, "sent")]
    with made(url).connect() as database:
        ids = list(database.scalars(text("SELECT lead_id FROM leadwise_scores")))
    assert ids == [2]


def test_a_dry_run_writes_nothing(url: str) -> None:
    house = opened(url, dry=True)
    assert house.prepare() == ("leadwise_scores",)
    house.push([update(1, 1, 1)])
    assert [one.method for one in house.http.would] == ["CREATE TABLE", "UPSERT"]
    with made(url).connect() as database:
        assert not inspect(database).has_table("leadwise_scores")


def test_what_is_wrong_is_said_without_the_password() -> None:
    with pytest.raises(RemoteError) as raised:
        opened("postgresql://me:hunter2@127.0.0.1:1/x").test()
    assert not raised.value.permanent
    assert "hunter2" not in str(raised.value)
    for url in ("nonsense hunter2", "nosuchdb://me:hunter2@x/y"):
        with pytest.raises(UserError) as wrong:
            opened(url)
        assert "hunter2" not in str(wrong.value) + wrong.value.hint
    for options in ({"table": "a; drop"}, {"holds": "ducks"}, {"since_is": "moon"}):
        with pytest.raises(UserError):
            opened("sqlite://", **options)
