"""Writing to Odoo: scores, fields, records, dry runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadwise.connect.model import (
    Record,
)
from leadwise.errors import RemoteError, UserError
from leadwise.testing.odoo import FakeOdoo
from leadwise.testing.serving import served
from tests.connect.odoo.database import DAY_US, NOW_US, START, opened
from tests.connect.pulled import Pulled, recorded, scored


@pytest.fixture
def database() -> Iterator[tuple[FakeOdoo, str]]:
    fake = FakeOdoo(now=START)
    with served(fake) as url:
        yield fake, url


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Pulled]:
    with recorded(tmp_path, "odoo", "odoo") as pulled:
        yield pulled


def test_a_newer_score_there_stays(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.add("crm.lead", name="A", email_from="a@x.example")
    fake.add("crm.lead", name="B", email_from="b@x.example")
    odoo = opened(url, tags="yes", stars="hot=3, cold=0")
    odoo.prepare()
    of_a = scored(("email", "a@x.example"), as_of_us=NOW_US)
    (sent,) = odoo.push([of_a])
    assert (sent.state, sent.remote_id) == ("sent", "lead:1")
    row = fake.rows["crm.lead"][1]
    assert (row["priority"], row["tag_ids"]) == ("3", [1])
    assert fake.rows["crm.tag"][1]["name"] == "Leadwise: hot"
    older = scored(("email", "a@x.example"), as_of_us=NOW_US - DAY_US, score=100, band="cold")
    nobody = scored(("email", "c@x.example"), as_of_us=NOW_US)
    states = [odoo.push([one])[0].state for one in (of_a, older, nobody)]
    assert states == ["same", "newer", "unknown"]
    assert row["x_leadwise_score"] == 47.5
    cold = scored(("email", "a@x.example"), as_of_us=NOW_US + DAY_US, score=0, band="cold")
    assert [one.state for one in odoo.push([cold])] == ["sent"]
    assert (row["x_leadwise_score"], row["priority"], row["tag_ids"]) == (0.0, "0", [2])


def test_one_refused_record_holds_up_no_other(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    for letter in "abc":
        fake.add("crm.lead", name=letter, email_from=f"{letter}@x.example")
    odoo = opened(url)
    odoo.prepare()
    fake.refused[2] = "A closed quarter is not changed."
    pushed = odoo.push([
        scored(("email", f"{letter}@x.example"), as_of_us=NOW_US, lead_id=number)
        for number, letter in enumerate("abc")
    ])  # fmt: skip
    assert [(one.lead_id, one.state) for one in pushed] == [
        (0, "sent"),
        (1, "refused"),
        (2, "sent"),
    ]
    assert "closed quarter" in pushed[1].why


def test_two_contacts_of_one_mailbox(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    one = fake.add("res.partner", name="One", email="info@x.example")
    two = fake.add("res.partner", name="Two", email="info@x.example")
    odoo = opened(url)
    odoo.prepare()
    names = (("crm", f"odoo:partner:{two}"), ("email", "info@x.example"))
    assert odoo.push([scored(*names, as_of_us=NOW_US)])[0].state == "sent"
    assert "x_leadwise_score" not in fake.rows["res.partner"][one]
    assert odoo.find("contact", names) == str(two)


def test_a_lead_that_came_to_another_contact(database: tuple[FakeOdoo, str], kept: Pulled) -> None:
    fake, url = database
    one = fake.add("res.partner", name="One", email="one@x.example")
    two = fake.add("res.partner", name="Two", email="two@x.example")
    fake.add("crm.lead", name="L", partner_id=one)
    odoo = opened(url)
    odoo.prepare()
    kept.pull(odoo, NOW_US)
    fake.now += timedelta(hours=2)
    fake.put("crm.lead", 1, partner_id=two)
    kept.pull(odoo, NOW_US + DAY_US)
    first, second = (kept.lead("crm", f"odoo:partner:{id_}") for id_ in (one, two))
    assert first != second
    assert kept.facts(second or 0)["crm_title"] == "L"
    for lead, score in ((second, 9000), (first, 1000)):
        odoo.push([scored(*kept.names(lead or 0), as_of_us=NOW_US, score=score)])
    assert fake.rows["crm.lead"][1]["x_leadwise_score"] == 90.0
    assert fake.rows["res.partner"][one]["x_leadwise_score"] == 10.0


def test_fields_without_the_right_to_make_them(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.admin = False
    fake.add("crm.lead", name="A", email_from="a@x.example")
    odoo = opened(url)
    with pytest.raises(RemoteError, match="Administration: Settings") as error:
        odoo.prepare()
    assert error.value.permanent
    with pytest.raises(RemoteError, match="no field x_leadwise_score"):
        odoo.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
    with pytest.raises(RemoteError, match="make the field x_leadwise_key"):
        odoo.create(Record("contact", {"name": "A"}), "run-1-1")


def test_records_are_made_once(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    odoo = opened(url)
    odoo.prepare()
    contact = odoo.create(Record("contact", {"name": "Ana", "email": "ana@x.example"}), "run-1-1")
    deal = odoo.create(
        Record("deal", {"name": 'Demo "x"', "expected_revenue": "1200.50"}, {"contact": contact}),
        "run-1-2",
    )
    task = Record("task", {"summary": "Call", "date_deadline": "2026-03-05"}, {"deal": deal})
    first, again = odoo.create(task, "run-1-3"), odoo.create(task, "run-1-3")
    assert first == again
    assert len(fake.rows["mail.activity"]) == 1
    activity = fake.rows["mail.activity"][int(first)]
    assert fake.rows["ir.model"][activity["res_model_id"]]["model"] == "crm.lead"
    event = Record(
        "meeting",
        {"name": "Demo", "start": "2026-03-05T10:00:00+01:00", "stop": "2026-03-05T10:30:00+01:00"},
        {"deal": deal, "contact": contact},
    )
    meeting = fake.rows["calendar.event"][int(odoo.create(event, "run-1-4"))]
    assert meeting["start"] == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert meeting["partner_ids"] == [int(contact)]
    odoo.change("deal", deal, {"stage_id": "Won", "probability": "100"}, "run-1-5")
    assert fake.rows["crm.lead"][int(deal)]["stage_id"] == 3
    assert odoo.find("deal", [("email", "ana@x.example")]) == deal
    assert odoo.find("company", [("email", "ana@x.example")]) is None
    with pytest.raises(RemoteError, match="no single record named '100% sure'"):
        odoo.change("deal", deal, {"stage_id": "100% sure"}, "run-1-6")
    with pytest.raises(RemoteError, match="no field 'nonsense'"):
        odoo.change("deal", deal, {"nonsense": "1"}, "run-1-7")
    with pytest.raises(UserError, match="stands at a contact"):
        odoo.create(Record("task", {"summary": "Call"}), "run-1-8")


def test_a_record_whose_answer_was_lost_is_found(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    odoo = opened(url)
    odoo.prepare()
    fake.fail(0, path="/create", taken=True)
    record = Record("contact", {"name": "Ana"})
    with pytest.raises(RemoteError) as lost:
        odoo.create(record, "run-2-1")
    assert not lost.value.permanent
    assert odoo.create(record, "run-2-1") == "2"


def test_a_dry_run_changes_nothing(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.add("crm.lead", name="A", email_from="a@x.example")
    opened(url).prepare()
    for protocol in ("json2", "jsonrpc", "xmlrpc"):
        odoo = opened(url, dry=True, protocol=protocol)
        before = {model: {k: dict(v) for k, v in rows.items()} for model, rows in fake.rows.items()}
        odoo.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
        assert odoo.create(Record("contact", {"name": "A"}), "run-1-1") == ""
        assert fake.rows == before
        would = odoo.client.http.would
        assert [one.path.rsplit("/", 1)[-1] for one in would] == ["write", "create"]
        assert "odoo-key" not in str(would)


def test_a_dry_run_before_anything_was_made(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.add("crm.lead", name="A", email_from="a@x.example")
    odoo = opened(url, dry=True)
    assert len(odoo.prepare()) == 2 * 7 + 4
    assert odoo.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert odoo.create(Record("contact", {"name": "A"}), "run-1-1") == ""
    assert "/json/2/crm.lead/write" in {one.path for one in odoo.client.http.would}
    assert "x_leadwise_score" not in fake.types["crm.lead"]
