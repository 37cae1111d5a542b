"""The doctor finds what was broken on purpose, and nothing in a store that is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from leadwise.plan.relations import FOREVER
from leadwise.store.doctor import Patient, examine, snapshot
from leadwise.store.doctor_facts import check_facts
from leadwise.store.doctor_rows import (
    check_facts_in_time,
    check_identities,
    check_leads,
    check_what_belongs_to_events,
)
from leadwise.store.doctor_scores import check_scores
from leadwise.store.findings import Finding
from leadwise.store.opening import Store
from leadwise.store.schema import identity, identity_lead, lead, lead_fact, score, touched
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US, add_lead, make_live, score_all


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with three leads that are scored."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as opened:
            _fill(opened)
            yield opened
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as opened:
            _fill(opened)
            yield opened


def _fill(store: Store) -> None:
    make_tables(store)
    with store.transaction() as connection:
        version = make_live(connection)
        for number in range(3):
            seen = [("visit", NOW_US - day * DAY_US, {}) for day in range(1, 2 + number)]
            asked = ("demo_requested", NOW_US - number * DAY_US, {})
            add_lead(connection, f"{number}@acme.example", {"employees": 90 + 10 * number},
                     [*seen, asked])  # fmt: skip
        score_all(connection, version)


def found(store: Store, **more: object) -> dict[str, Finding]:
    """The findings that are not fine."""
    patient = Patient(store, NOW_US, **more)
    return {f.check: f for f in examine(patient) if f.state != "fine"}


def test_a_store_that_is_well(store: Store, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    patient = Patient(store, NOW_US, data=tmp_path, every=True)
    findings = list(examine(patient, lambda done, total: seen.append((done, total))))
    assert [f.check for f in findings if f.state == "wrong"] == []
    assert {f.check for f in findings} == {
        "version", "disk", "database", "identities", "leads", "owners", "facts in time", "events",
        "facts", "backlog", "mirror", "runs", "follow-up", "mails", "pushed",
    }  # fmt: skip
    assert seen == [(3, 3)]
    assert next(f.said for f in findings if f.check == "leads").startswith("3 leads")


BROKEN = (
    ("DELETE FROM identity_lead WHERE lead_id = 2", "identities", "identity 2"),
    ("DELETE FROM identity WHERE id = 3", "identities", "event"),
    ("UPDATE identity_lead SET lead_id = 1 WHERE lead_id = 2", "leads", "lead 2 has no"),
    ("UPDATE lead SET merged_into = 1 WHERE id = 2", "leads", "lead 2 was merged into lead 1"),
    ("UPDATE lead SET account_id = 77 WHERE id = 3", "leads", "account 77"),
    ("UPDATE lead SET erased_us = 1 WHERE id = 3", "leads", "lead 3, which was erased"),
    ("UPDATE lead_fact SET until_us = 5 WHERE lead_id = 2", "facts in time", "lead 2 from"),
    ("DELETE FROM event WHERE type = 'identify' AND identity_id = 2", "facts", "lead 2"),
    ("INSERT INTO event_mark (event_id, reason, marked_us) VALUES (999, 'x', 1)",
     "events", "event 999"),
    ("UPDATE score SET card_version_id = 9 WHERE lead_id = 1", "events", "version 9"),
)  # fmt: skip
CHECKS = (
    check_identities, check_leads, check_facts_in_time, check_what_belongs_to_events,
    lambda connection: check_facts(connection, every=True),
)  # fmt: skip


def test_finds_what_is_broken(store: Store) -> None:
    with store.transaction() as connection:
        assert {check(connection).state for check in CHECKS} == {"fine"}
        for statement, name, example in BROKEN:
            tried = connection.begin_nested()
            connection.execute(text(statement))
            findings = {found.check: found for found in (check(connection) for check in CHECKS)}
            assert findings[name].state == "wrong", statement
            assert any(example in one for one in findings[name].examples), findings[name]
            tried.rollback()


def test_finds_owners_that_overlap(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(
            insert(identity_lead).values(identity_id=1, lead_id=2, from_us=NOW_US, until_us=FOREVER)
        )
    assert found(store)["owners"].examples[0].startswith("identity 1 from")
    with store.transaction() as connection:
        first = identity_lead.c.identity_id == 1
        connection.execute(update(identity_lead).where(first, identity_lead.c.lead_id == 1).values(
            until_us=NOW_US))  # fmt: skip
    assert "owners" not in found(store)


def test_an_older_and_a_missing_version(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    findings = list(examine(Patient(store, NOW_US)))
    assert findings[0].check == "version"
    assert findings[0].state == "wrong"
    assert "facts" not in {f.check for f in findings}


def test_little_room(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leadwise.store import doctor

    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 2**62)
    assert found(store, data=tmp_path)["disk"].state == "wrong"
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 0)
    monkeypatch.setattr(doctor, "LEAST_FREE_SHARE", 1.1)
    assert found(store, data=tmp_path)["disk"].state == "warning"


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "leadwise.db"
    with Store(str(path)) as store:
        _fill(store)
        with store.transaction() as connection:
            page = connection.exec_driver_sql(
                "SELECT rootpage FROM sqlite_master WHERE name = 'events_of_identity'"
            ).scalar_one()
            size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + size - 40)
        file.write(b"\x00" * 40)
    with Store(str(path)) as store:
        assert found(store)["database"].state == "wrong"


def test_scores_that_are_right_and_wrong(store: Store) -> None:
    with snapshot(store) as connection:
        checked = check_scores(connection)
    assert (checked.compared, checked.wrong, checked.unscored, checked.right) == (3, 0, 0, True)
    with store.transaction() as connection:
        connection.execute(update(score).where(score.c.lead_id == 1).values(score=1, band="hot"))
        connection.execute(update(score).where(score.c.lead_id == 2).values(ledger="[0]"))
        connection.execute(delete(score).where(score.c.lead_id == 3))
    with snapshot(store) as connection:
        checked = check_scores(connection)
    assert (checked.compared, checked.wrong, checked.unscored, checked.right) == (2, 2, 1, False)
    assert [(d.lead_id, d.what) for d in checked.first if d.lead_id == 1] == [
        (1, "score"), (1, "band"),
    ]  # fmt: skip
    assert {d.what for d in checked.first if d.lead_id == 2} >= {"large", "visits"}
    assert "1 is stored" in str(checked.first[0])


def test_scores_of_leads_that_wait_are_left_out(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(update(score).values(score=1))
        connection.execute(insert(touched), [
            {"lead_id": lead_id, "cause": "event", "at_us": NOW_US} for lead_id in (1, 2, 3, 3)
        ])  # fmt: skip
    with snapshot(store) as connection:
        checked = check_scores(connection)
    assert (checked.compared, checked.waiting, checked.right) == (0, 3, True)


def test_an_event_that_came_later_changes_no_score(store: Store) -> None:
    """Asked with what was known at the score's own moment."""
    with store.transaction() as connection:
        connection.execute(text(
            "INSERT INTO event (identity_id, source, message_id, type, event, at_us, received_us, "
            f"doc) VALUES (1, 's', 'm', 'track', 'visit', {NOW_US - 5}, {NOW_US + 5}, '{{}}')"
        ))  # fmt: skip
    with snapshot(store) as connection:
        assert check_scores(connection).right
    with store.transaction() as connection:
        connection.execute(text(f"UPDATE event SET received_us = {NOW_US} WHERE source = 's'"))
    with snapshot(store) as connection:
        assert check_scores(connection).wrong == 1


def test_the_doctor_sees_one_state(store: Store) -> None:
    with snapshot(store) as connection:
        before = connection.execute(text("SELECT count(*) FROM lead")).scalar_one()
        with store.transaction() as other:
            other.execute(insert(lead).values(created_us=1))
            other.execute(insert(identity).values(kind="user", value="x", created_us=1))
            other.execute(delete(lead_fact))
        assert connection.execute(text("SELECT count(*) FROM lead")).scalar_one() == before
    assert "identities" in found(store)
