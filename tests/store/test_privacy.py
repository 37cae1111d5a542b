"""What a person may ask for is done in full, and to nobody else; what is old goes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update

from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.merging import merge_leads
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.ingest.record import record
from leadwise.jobs import Jobs, run_here
from leadwise.jobs.forgetting import forget_names
from leadwise.live.overrides import add_override
from leadwise.live.retention import retention_handler
from leadwise.live.scoring import score_touched
from leadwise.settings import RetentionSettings
from leadwise.store.audit import audit
from leadwise.store.doctor import Patient, examine, snapshot
from leadwise.store.doctor_scores import check_scores
from leadwise.store.documents import canonical
from leadwise.store.export import export_person, text_of_export
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.person import find_person, lead_called
from leadwise.store.privacy import erase_person, object_to_scoring, withdraw_objection
from leadwise.store.schema import account_touched, changed, event, lead, metadata, score, touched
from leadwise.store.schema import audit as audit_table
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US, make_live

ANN, BOB = "ann.secret@acme.example", "bob@acme.example"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Ann (of a browser that is Bob's now, with a second lead merged in) and Bob, both scored."""
    if request.param == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as opened:
            _fill(opened)
            yield opened
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as opened:
            _fill(opened)
            yield opened


def _message(number: int, type_: Any, event_: str, **more: Any) -> Message:
    document = canonical(more.pop("document", {}))
    at_us = NOW_US - 20 * DAY_US + number * DAY_US
    return Message(
        type_, "site", f"m{number}", event_, at_us, at_us, document=document,
        context={"ip": f"192.0.2.{number}", "user_agent": "Mozilla/5.0"}, **more,
    )  # fmt: skip


def _fill(store: Store) -> None:
    make_tables(store)
    with store.transaction() as connection:
        version = make_live(connection)
    said = {"employees": 200, "email": ANN, "name": "Ann Secret"}
    company = {"name": "Acme", "employees": 200, "domain": "acme.example"}
    batches = [
        [
            _message(1, "page", "visit", anonymous_id="browser-77"),
            _message(2, "identify", "identify", anonymous_id="browser-77", user_id="ann-0001",
                     email=ANN, document=said),
            _message(3, "group", "group", user_id="ann-0001", group_id="acme", document=company),
            _message(4, "track", "demo_requested", user_id="ann-0001"),
        ],
        [
            _message(5, "identify", "identify", user_id="bob-0002", email=BOB,
                     anonymous_id="browser-77", document={"employees": 50, "email": BOB}),
            _message(6, "track", "visit", anonymous_id="browser-77"),
            _message(7, "identify", "identify", anonymous_id="phone-88", crm_id="crm-ann",
                     document={"country": "SE"}),
            _message(8, "track", "visit", crm_id="crm-ann"),
        ],
    ]  # fmt: skip
    refusals = (
        Refusal(0, "x", "no", json.dumps({"traits": {"email": ANN.upper()}})),
        Refusal(1, "x", "no", json.dumps({"userId": "ann-0001"})),
        Refusal(2, "x", "no", json.dumps({"userId": "ann-00019", "email": BOB})),
    )
    for messages in batches:
        received = Received(tuple(messages))
        store.write(lambda c, got=received: record(c, got, GateRules(), NOW_US))
    store.write(lambda c: record(c, Received((), refusals, "site"), GateRules(), NOW_US))
    with store.transaction() as connection:
        ann, other = (lead_called(connection, *n) for n in (("email", ANN), ("crm", "crm-ann")))
        merge_leads(connection, ann, other, "person", "ops", NOW_US)
        add_outcome(connection, ann, "opportunity", at_us=NOW_US, now_us=NOW_US, value=100_00,
                    currency="EUR", source="crm", message_id="o1")  # fmt: skip
        audit(connection, "key:x", "read", "lead", ann, f"looked for {ANN}", NOW_US)
        add_override(connection, version.card, ann, band="hot", points=None, reason="knows her",
                     until_us=None, actor="ops", now_us=NOW_US)  # fmt: skip
    while store.write(lambda c: score_touched(c, NOW_US)).taken:
        pass


def ids(store: Store) -> tuple[int, int]:
    with store.read() as connection:
        return lead_called(connection, "email", ANN), lead_called(connection, "email", BOB)


def everything(connection: Connection) -> str:
    """All that the record holds, as text."""
    return "\n".join(
        str(tuple(row))
        for table in metadata.sorted_tables
        for row in connection.execute(select(table))
    )


def well(store: Store) -> bool:
    """Whether the doctor finds nothing wrong; scores are brought up to date first."""
    while store.write(lambda c: score_touched(c, NOW_US)).taken:
        pass
    bad = [f for f in examine(Patient(store, NOW_US, every=True)) if f.state == "wrong"]
    with snapshot(store) as connection:
        checked = check_scores(connection)
    assert bad == []
    assert checked.right, checked.first
    return True


def test_export_has_everything(store: Store) -> None:
    ann, _ = ids(store)
    with store.transaction() as connection:
        document = export_person(connection, ann, NOW_US, "key:y")
    document = json.loads(text_of_export(document))
    assert {i["value"] for i in document["identities"]} >= {ANN, "ann-0001", "crm-ann", "phone-88"}
    assert [e["message_id"] for e in document["events"]] == ["m1", "m2", "m3", "m4", "m7", "m8"]
    assert document["events"][1]["properties"]["name"] == "Ann Secret"
    assert document["events"][1]["context"]["ip"] == "192.0.2.2"
    assert document["facts"][-1]["values"]["country"] == "SE"
    assert document["account"]["name"] == "Acme"
    (scored,) = document["scores"]
    assert scored["ledger"]["large"] == 20
    assert sum(scored["ledger"].values()) == pytest.approx(scored["score"], abs=0.011)
    assert document["overrides"][0]["reason"] == "knows her"
    assert document["outcomes"][0]["kind"] == "opportunity"
    assert len(document["merges"]) == 2
    assert len(document["refused"]) == 2
    assert [a["action"] for a in document["audit"]] == ["read", "export"]
    assert document["band_changes"]
    assert document["score_history"]
    assert BOB not in json.dumps(document)
    assert "m6" not in json.dumps(document)


def test_erasure_leaves_nothing_of_the_person(store: Store) -> None:
    ann, bob = ids(store)
    with store.read() as connection:
        person = find_person(connection, ann)
        before = export_of(store, bob)
        assert ANN in everything(connection)
    erased = store.write(lambda c: erase_person(c, ann, NOW_US, "key:dpo"))
    assert set(erased.lead_ids) == set(person.lead_ids)
    assert len(erased.lead_ids) == 3
    assert (erased.events, erased.refused) == (5, 2)
    with store.read() as connection:
        left = everything(connection)
        for name in (ANN, ANN.upper(), "ann-0001'", "crm-ann", "phone-88", "Ann Secret",
                     "192.0.2.2", "'m3'", "knows her"):  # fmt: skip
            assert name not in left, name
        assert set(connection.scalars(select(changed.c.lead_id))) >= set(person.lead_ids)
        assert connection.execute(select(func.count()).select_from(account_touched)).scalar_one()
        trail = connection.execute(select(audit_table).order_by(audit_table.c.id)).all()
        assert [(r.action, r.subject_id, r.detail) for r in trail if r.subject == "lead"] == [
            ("read", str(ann), None), ("export", str(bob), None),
            ("erase", str(ann), "5 events"),
        ]  # fmt: skip
    after = export_of(store, bob)
    for part in ("identities", "events", "outcomes", "refused"):
        assert after[part] == before[part]
    # What Ann said of the company is Acme's, and still known of Bob.
    assert after["facts"][-1]["values"]["account.employees"] == 200
    assert after["facts"] == before["facts"]
    assert well(store)
    with store.read() as connection, pytest.raises(UserError) as gone:
        find_person(connection, ann)
    assert gone.value.code == "gone"


def export_of(store: Store, lead_id: int) -> dict[str, Any]:
    with store.transaction() as connection:
        return export_person(connection, lead_id, NOW_US, "test")


def test_who_comes_again_is_somebody_new(store: Store) -> None:
    ann, _ = ids(store)
    store.write(lambda c: erase_person(c, ann, NOW_US, "key:dpo"))
    again = Received((_message(9, "identify", "identify", user_id="ann-0001", email=ANN),))
    store.write(lambda c: record(c, again, GateRules(), NOW_US))
    assert ids(store)[0] not in (ann, None)
    assert well(store)


def test_all_or_nothing(store: Store) -> None:
    """Erasure is one transaction: what fails leaves all as it was."""
    ann, _ = ids(store)
    with store.read() as connection:
        before = everything(connection)

    def fails(connection: Connection) -> None:
        erase_person(connection, ann, NOW_US, "key:dpo")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        store.write(fails, alone=True)
    with store.read() as connection:
        assert everything(connection) == before


def test_objection_and_its_withdrawal(store: Store) -> None:
    ann, bob = ids(store)
    assert store.write(lambda c: object_to_scoring(c, ann, NOW_US, "key:dpo")) == ann
    visit = Received((_message(10, "track", "visit", user_id="ann-0001"),))
    store.write(lambda c: record(c, visit, GateRules(), NOW_US))
    assert well(store)
    with store.read() as connection:
        assert connection.scalars(select(score.c.lead_id)).all() == [bob]
        assert connection.execute(select(lead.c.objected_us).where(lead.c.id == ann)).scalar()
        for table in ("score_history", "band_change"):
            rows = connection.execute(text(f"SELECT lead_id FROM {table}")).scalars().all()
            assert set(rows) == {bob}
        assert connection.execute(select(func.count()).select_from(event)).scalar_one() == 9
    store.write(lambda c: withdraw_objection(c, ann, NOW_US, "key:dpo"))
    assert well(store)
    with store.read() as connection:
        assert set(connection.scalars(select(score.c.lead_id))) == {ann, bob}


def test_jobs_forget_too(tmp_path: Path) -> None:
    with Jobs(tmp_path) as jobs:
        jobs.enqueue("look", {"of": "änn@acme.example", "n": 1}, id="a")
        jobs.enqueue("look", {"of": BOB}, id="b")
        assert forget_names(str(tmp_path), ["änn@acme.example"]) == 1
        assert jobs.get("a").arguments == {"of": "(erased)", "n": 1}
        assert jobs.get("b").arguments == {"of": BOB}


def test_retention(store: Store, tmp_path: Path) -> None:
    """Old events of a kind go, with their part of the score; what is known of leads stays."""
    with store.transaction() as connection:
        connection.execute(update(audit_table).values(at_us=NOW_US - 800 * DAY_US))
        connection.execute(
            insert(audit_table).values(at_us=1, actor="x", action="publish", subject="card")
        )
        total = connection.execute(select(func.count()).select_from(event)).scalar_one()
    settings = RetentionSettings(
        events=(("demo_requested", 10),), events_days=13, refused_days=1, access_days=700
    )
    told: list[tuple[int, int | None, str]] = []

    class AtNow:
        job_id = "x"

        def now_us(self) -> int:
            return NOW_US + 2 * DAY_US

        def step(self, name: str, fn: Any) -> Any:
            return fn()

        def cancelled(self) -> bool:
            return False

        def progress(self, done: int, total: int | None = None, message: str = "") -> None:
            told.append((done, total, message))

    uploads = tmp_path / "uploads"
    uploads.mkdir()
    for name, days in (("old", 31), ("new", 29)):
        (uploads / name).touch()
        seconds = (NOW_US + 2 * DAY_US - days * DAY_US) / 1e6
        os.utime(uploads / name, (seconds, seconds))
    handler = retention_handler(store, settings, uploads)
    result = handler(AtNow(), {})
    # Visits of day 1, 6 and 8 (of 20) are older than 13 days in two days; demo_requested of day 4.
    assert result == {
        "events": 4, "refused": 3, "reads": 1, "conversations": 0, "replies": 0, "exchanges": 0,
        "runs": 0, "left_out": 0, "attachments": 0, "tasks": 0,
        "scores": 0, "studies": 0, "uploads": 1,
    }  # fmt: skip
    assert [path.name for path in uploads.iterdir()] == ["new"]
    assert told[-1] == (total, total, "4 events deleted")
    with store.read() as connection:
        kinds = connection.scalars(select(event.c.event).order_by(event.c.id)).all()
        assert kinds == ["identify", "group", "identify", "identify"]
        causes = set(connection.scalars(select(touched.c.cause)))
        assert causes == {"correction"}
        assert connection.scalars(select(audit_table.c.action)).all() == ["publish"]
    assert well(store)
    ann, _ = ids(store)
    with store.read() as connection:
        assert (
            connection.execute(select(score.c.score).where(score.c.lead_id == ann)).scalar() == 2000
        )
    known = RetentionSettings(events=(("identify", 1), ("group", 1)))
    assert retention_handler(store, known)(AtNow(), {})["events"] == 4
    assert well(store)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM lead_fact")).scalar_one() == 0
    assert run_here(retention_handler(store, RetentionSettings()), {}) == {
        "events": 0, "refused": 0, "reads": 0, "conversations": 0, "replies": 0, "exchanges": 0,
        "runs": 0, "left_out": 0, "attachments": 0, "tasks": 0,
        "scores": 0, "studies": 0, "uploads": 0,
    }  # fmt: skip


def test_nothing_of_the_person_is_in_the_files(tmp_path: Path) -> None:
    """Neither in pages that are free now nor in the log of writes."""
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        said = [
            Message(
                type="identify", source="test", message_id=f"m{n}", event="identify", at_us=NOW_US,
                received_us=NOW_US, user_id="u1", email="ann@acme.example",
                document=canonical({"note": f"Rumpelstilzchen {n} " * 400}),
            )
            for n in range(30)
        ]  # fmt: skip
        for each in said:
            store.write(lambda c, each=each: record(c, Received((each,)), GateRules(), NOW_US))
        files = [tmp_path / name for name in ("leadwise.db", "leadwise.db-wal")]
        assert any(b"Rumpelstilzchen" in file.read_bytes() for file in files)
        store.write(lambda c: erase_person(c, lead_called(c, "user", "u1"), NOW_US, "me"))
        assert store.empty_log()
        for file in files:
            held = file.read_bytes()
            assert b"Rumpelstilzchen" not in held
            assert b"ann@acme.example" not in held
