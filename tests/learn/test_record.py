"""Rows out of the record, in one bucket or several, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.moments import Built, Watch
from leadwise.learn.record import Goal, record_rows, record_suspects
from leadwise.store.decided import outcomes_of
from leadwise.store.mirror import views
from leadwise.store.opening import Store
from leadwise.store.outcomes import OutcomeKind, add_outcome
from tests.databases import make_tables, postgres_database
from tests.records import CARD, DAY_US, NOW_US, add_lead

WATCH = Watch(30 * DAY_US, every_us=20 * DAY_US)


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        url = str(tmp_path / "leadwise.db")
        if request.param == "postgres":
            server = str(request.getfixturevalue("postgres_url"))
            url = stack.enter_context(postgres_database(server))
        opened = stack.enter_context(Store(url))
        make_tables(opened)
        yield opened


def card() -> Card:
    found = parse(CARD).card
    assert found is not None
    return found


def quiet(done: int, total: int, what: str) -> None:
    pass


def ago(days: float) -> int:
    return NOW_US - int(days * DAY_US)


def say(connection: Connection, lead_id: int, kind: OutcomeKind, days_ago: float) -> None:
    add_outcome(
        connection, lead_id, kind, at_us=ago(days_ago), now_us=NOW_US, source="test",
        message_id=f"{lead_id}-{kind}",
    )  # fmt: skip


def fill(connection: Connection) -> None:
    visits = [("visit", ago(90 - day), {}) for day in (5, 6, 25)]
    won = add_lead(connection, "won@acme.example", {"employees": 500}, visits, ago(90))
    say(connection, won, "sales_qualified", 75)
    say(connection, won, "won", 45)
    lost = add_lead(connection, "lost@acme.example", {"employees": 5}, (), ago(80))
    say(connection, lost, "lost", 55)
    add_lead(connection, "open@acme.example", {"employees": 500}, (), ago(50))
    add_lead(connection, "new@acme.example", {"employees": 500}, (), ago(3))


def built(store: Store, tmp_path: Path, goal: Goal = "won", watch: Watch = WATCH) -> Built:
    return record_rows(store, tmp_path / "mirror", card(), watch, NOW_US, quiet, goal=goal)


def plain(found: Built) -> list[tuple[int, int, str, bool, int]]:
    rows = found.rows
    days = ((NOW_US - rows.as_of_us) / DAY_US).round().astype(int).tolist()
    return list(
        zip(rows.lead.tolist(), days, rows.why.tolist(), rows.won.tolist(),
            (rows.score // 100).tolist(), strict=True)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("store", "in_bucket"), [("sqlite", 1), ("postgres", 50_000)], indirect=["store"]
)
def test_rows_of_the_record(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_bucket: int
) -> None:
    monkeypatch.setattr(views, "LEADS_IN_BUCKET", in_bucket)
    store.write(fill)
    found = built(store, tmp_path)
    rows = plain(found)
    lead = {name: row[0] for name, row in zip(("won", "lost"), rows, strict=False)}
    # Leads are numbered bucket by bucket; the first two rows are the two arrivals.
    assert rows == [
        (lead["won"], 90, "arrival", False, 20),
        (lead["lost"], 80, "arrival", False, 0),
        (lead["won"], 70, "open", True, 30),
        (lead["lost"], 60, "open", False, 0),
        (lead["won"], 50, "open", True, 35),
        (rows[5][0], 50, "arrival", False, 20),
        (rows[5][0], 30, "open", False, 20),
    ]
    assert len({row[0] for row in rows}) == 3
    assert found.rows.lead_id.to_pylist()[5] == "3"
    assert found.left_out.unfinished == 2  # the open one on day 10, the new one's arrival


def test_an_imported_history_counts_as_of_when_it_happened(store: Store, tmp_path: Path) -> None:
    store.write(fill)
    store.write(lambda c: c.execute(text(f"UPDATE event SET received_us = {NOW_US}")))
    found = built(store, tmp_path)
    assert next(row[4] for row in plain(found) if row[2] == "open") == 30
    assert any("an import" in note for note in found.notes)


def test_two_goals(store: Store) -> None:
    store.write(fill)
    with store.read() as connection:
        assert outcomes_of(connection, "won") == {1: (True, ago(45)), 2: (False, ago(55))}
        assert outcomes_of(connection, "sales_qualified") == {
            1: (True, ago(75)),
            2: (False, ago(55)),
        }


def test_nobody(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        built(store, tmp_path)
    assert error.value.code == "learn-rows"


def test_events_that_are_the_outcome(store: Store, tmp_path: Path) -> None:
    def many(connection: Connection) -> None:
        for number in range(50):
            asked = [("demo_requested", ago(20), {})] if number % 2 else []
            did = [("visit", ago(40), {}), *asked]
            lead_id = add_lead(connection, f"{number}@acme.example", {}, did, ago(60))
            say(connection, lead_id, "won" if number % 2 else "lost", 20)

    store.write(many)
    built(store, tmp_path)
    found = record_suspects(store, tmp_path / "mirror", card())
    assert [(suspect.name, suspect.kind) for suspect in found] == [
        ("demo_requested", "tells the outcome")
    ]
