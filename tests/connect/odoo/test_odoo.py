"""Odoo, at a database in memory: by all three protocols."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import leadwise.connect.odoo.pull as pulling
from leadwise.asking.instants import microseconds
from leadwise.connect.model import (
    Hooks,
    Page,
    Record,
    Records,
    Request,
    Source,
    Target,
)
from leadwise.connect.model import Tested as Triable
from leadwise.connect.odoo.wire import xmlrpc_result
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


@pytest.mark.parametrize("protocol", ["json2", "jsonrpc", "xmlrpc"])
def test_every_protocol_says_the_same(database: tuple[FakeOdoo, str], protocol: str) -> None:
    fake, url = database
    company = fake.add("res.partner", name="Café & Søn “GmbH”", is_company=True)
    ana = fake.add("res.partner", name="Ana 😀", email="Ana <ANA@acme.example>", parent_id=company)
    fake.add("crm.lead", name="50 % off_", partner_id=ana, expected_revenue=1200.505, stage_id=3)
    odoo = opened(url, protocol=protocol)
    for protocol_ in (Triable, Source, Target, Records, Hooks):
        assert isinstance(odoo, protocol_)
    assert odoo.test() == "Ana (ana@acme.example) of Acme; sees 1 leads"
    pages = list(odoo.pull(None, NOW_US))
    said = {m.message_id.split(":20")[0]: m for page in pages for m in page.messages}
    assert said[f"partner:{ana}"].document["name"] == "Ana 😀"
    assert said[f"partner:{ana}"].email == "ana@acme.example"
    group = next(m for m in said.values() if m.type == "group")
    assert (group.group_id, group.document["name"]) == (
        f"odoo:company:{company}",
        "Café & Søn “GmbH”",
    )
    (won,) = [one for page in pages for one in page.became]
    assert (won.kind, won.value, won.currency) == ("won", 120051, "EUR")
    assert won.name == ("crm", f"odoo:partner:{ana}")
    made = odoo.prepare()
    assert "crm.lead.x_leadwise_score" in made
    assert "mail.activity.x_leadwise_key" in made
    assert odoo.prepare() == ()
    update = scored(("crm", f"odoo:partner:{ana}"), ("crm", "odoo:lead:1"), as_of_us=NOW_US)
    assert [one.state for one in odoo.push([update])] == ["sent"]
    assert fake.rows["crm.lead"][1]["x_leadwise_score"] == 47.5
    assert fake.rows["res.partner"][ana]["x_leadwise_reasons"].startswith("Asked for a demo")
    made_by = odoo.create(
        Record("deal", {"name": "A", "stage_id": "qualified"}, {"contact": str(ana)}), "run-1-1"
    )
    assert fake.rows["crm.lead"][int(made_by)]["stage_id"] == 2
    with pytest.raises(RemoteError, match=r"key|Invalid|Access") as wrong:
        opened(url, protocol=protocol, key="other").test()
    assert wrong.value.permanent
    assert "other" not in str(wrong.value)


def test_one_person_with_many_leads_there_is_one_here(
    database: tuple[FakeOdoo, str], kept: Pulled
) -> None:
    fake, url = database
    company = fake.add("res.partner", name="Beta", is_company=True, website="www.beta.example/x")
    ana = fake.add("res.partner", name="Ana", email="ana@beta.example", parent_id=company)
    fake.add("crm.lead", name="First", email_from="bob@gamma.example", contact_name="Bob")
    fake.add("crm.lead", name="Again", email_from="Bob <bob@gamma.example>")
    fake.add("crm.lead", name="Hers", partner_id=ana)
    fake.add("crm.lead", name="Of the company", partner_id=company, email_from="eve@beta.example")
    fake.add("crm.lead", name="By phone", phone="+34 600")
    odoo = opened(url)
    assert kept.pull(odoo, NOW_US).refused == 0
    bob = kept.lead("email", "bob@gamma.example")
    assert bob is not None
    assert bob == kept.lead("crm", "odoo:lead:1") == kept.lead("crm", "odoo:lead:2")
    assert kept.facts(bob)["name"] == "Bob"
    of_ana = kept.lead("crm", f"odoo:partner:{ana}")
    assert of_ana == kept.lead("crm", "odoo:lead:3") == kept.lead("email", "ana@beta.example")
    assert kept.facts(of_ana or 0)["account.domain"] == "beta.example"
    eve = kept.lead("email", "eve@beta.example")
    assert eve not in (of_ana, None)
    assert kept.facts(eve or 0)["account.name"] == "Beta"
    caller = kept.lead("crm", "odoo:lead:5")
    assert caller is not None
    # The one who called turns out to be Bob.
    fake.now += timedelta(hours=2)
    fake.put("crm.lead", 5, email_from="bob@gamma.example")
    kept.pull(odoo, NOW_US + DAY_US)
    assert kept.lead("crm", "odoo:lead:5") == bob


def test_what_became_of_leads(database: tuple[FakeOdoo, str], kept: Pulled) -> None:
    fake, url = database
    reason = fake.add("crm.lost.reason", name="Too dear")
    fake.add("crm.lead", name="Won", email_from="a@x.example", stage_id=3, expected_revenue=99.995,
             date_closed=START - timedelta(days=1))  # fmt: skip
    fake.add("crm.lead", name="Lost", email_from="b@x.example", active=False, probability=0,
             lost_reason_id=reason, date_closed=START - timedelta(days=2))  # fmt: skip
    fake.add("crm.lead", name="Put away", email_from="c@x.example", active=False, probability=40.0)
    fake.add("crm.lead", name="Taken on", email_from="d@x.example",
             date_conversion=START - timedelta(days=3))  # fmt: skip
    odoo = opened(url)
    kept.pull(odoo, NOW_US)
    found = {one.kind: one for one in kept.outcomes()}
    assert sorted(found) == ["lost", "opportunity", "won"]
    assert (found["won"].value, found["won"].currency) == (10_000, "EUR")
    assert (found["lost"].reason, found["lost"].value) == ("Too dear", None)
    assert found["opportunity"].at_us == microseconds(START - timedelta(days=3), "then")
    fake.now += timedelta(hours=3)
    fake.put("crm.lead", 1, name="Won, and renamed")
    kept.pull(odoo, NOW_US + DAY_US)
    assert len(kept.outcomes()) == 3


def test_ones_own_people_and_what_was_put_away_are_no_leads(
    database: tuple[FakeOdoo, str], kept: Pulled
) -> None:
    fake, url = database
    fake.add("res.partner", name="Ana of ours", email="ana@us.example", partner_share=False)
    fake.add("res.partner", name="Old", email="old@x.example", active=False)
    bob = fake.add("res.partner", name="Bob", email="bob@x.example")
    odoo = opened(url)
    kept.pull(odoo, NOW_US)
    assert kept.lead("email", "ana@us.example") is kept.lead("email", "old@x.example") is None
    fake.now += timedelta(hours=2)
    fake.put("res.partner", bob, active=False, city="Bilbao")
    kept.pull(odoo, NOW_US + DAY_US)
    assert kept.facts(kept.lead("email", "bob@x.example") or 0)["city"] == "Bilbao"


def test_meetings_of_leads(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.add("crm.lead", name="A", email_from="a@x.example")
    fake.add(
        "calendar.event", name="Lunch", start="2026-03-02 12:00:00", stop="2026-03-02 13:00:00"
    )
    fake.add("calendar.event", name="Demo", opportunity_id=1, start="2026-03-05 09:00:00",
             stop="2026-03-05 09:30:00")  # fmt: skip
    found = [m for p in opened(url).pull(None, NOW_US) for m in p.messages if m.type == "track"]
    (booked,) = found
    assert (booked.event, booked.email) == ("crm_meeting_booked", "a@x.example")
    assert booked.document["starts_at"] == "2026-03-05T09:00:00Z"
    assert booked.document["minutes"] == 30


def test_a_pull_that_was_killed_goes_on(
    database: tuple[FakeOdoo, str], kept: Pulled, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = database
    monkeypatch.setattr(pulling, "PAGE", 20)
    for number in range(45):
        fake.add("crm.lead", name=f"L{number}", email_from=f"l{number}@x.example")
    odoo = opened(url)
    kept.pull(odoo, NOW_US, pages=1)
    before = len(fake.calls)
    fake.put("crm.lead", 3, name="Changed meanwhile")
    fake.now += timedelta(hours=2)
    fake.put("crm.lead", 4, name="Changed later")
    pages = list(odoo.pull(kept.cursor, NOW_US + 60_000_000))
    assert [page.done for page in pages[:-1]] == [40, 45, 46]
    assert pages[-2].total == 46
    assert sum(m.type == "identify" for p in pages for m in p.messages) == 25
    assert len(fake.calls) - before < 20
    kept.pull(odoo, NOW_US)
    assert kept.lead("email", "l44@x.example") is not None
    after = list(odoo.pull(kept.cursor, NOW_US + DAY_US))
    changed = [m for p in after for m in p.messages if m.type == "identify"]
    assert [m.document["crm_title"] for m in changed] == ["Changed later"]


def test_two_changes_within_a_second_are_both_seen(
    database: tuple[FakeOdoo, str], kept: Pulled
) -> None:
    fake, url = database
    fake.now = START + timedelta(milliseconds=500)
    fake.add("crm.lead", name="One", email_from="a@x.example")
    odoo = opened(url)
    kept.pull(odoo, microseconds(START, "now") + 1_000_000)
    fake.put("crm.lead", 1, name="Two")
    kept.pull(odoo, microseconds(START, "now") + 2_000_000)
    lead = kept.lead("email", "a@x.example")
    assert kept.facts(lead or 0)["crm_title"] == "Two"
    assert kept.pull(odoo, NOW_US).new == 0


def test_troubles(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    odoo = opened(url)
    fake.fail(429, headers={"Retry-After": "1"})
    fake.fail(500)
    assert odoo.test().startswith("Ana")
    fake.fail(429, headers={"Retry-After": "900"}, body={"message": "Too many"})
    with pytest.raises(RemoteError) as later:
        list(odoo.pull(None, NOW_US))
    assert (later.value.permanent, later.value.after_s) == (False, 900.0)
    fake.fail(0, times=9, path="/crm.lead/")
    with pytest.raises(RemoteError, match="could not be reached"):
        odoo.test()


def test_passing_and_lasting_errors_by_json_2(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    odoo = opened(url, database="another")
    with pytest.raises(RemoteError, match=r"No such database .* protocol is jsonrpc"):
        odoo.test()
    odoo = opened(url)
    with pytest.raises(RemoteError, match="Invalid field 'nonsense'") as lasting:
        odoo.client.search("crm.lead", [], ("nonsense",))
    assert lasting.value.permanent
    fake.fail(500, times=3, body={"name": "psycopg2.OperationalError", "message": "busy"})
    with pytest.raises(RemoteError, match="busy") as passing:
        odoo.test()
    assert not passing.value.permanent


def test_passing_and_lasting_errors_by_json_rpc(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    odoo = opened(url, protocol="jsonrpc")
    odoo.test()
    told = {"code": 200, "message": "Odoo Server Error", "data": {
        "name": "psycopg2.errors.SerializationFailure",
        "message": "could not serialize access due to concurrent update"}}  # fmt: skip
    fake.fail(299, body={"jsonrpc": "2.0", "id": 1, "error": told})
    with pytest.raises(RemoteError, match="serialize") as passing:
        odoo.test()
    assert not passing.value.permanent
    told["data"]["name"] = "psycopg2.errors.UniqueViolation"
    fake.fail(299, body={"jsonrpc": "2.0", "id": 1, "error": {**told, "message": "x"}})
    with pytest.raises(RemoteError) as lasting:
        odoo.test()
    assert lasting.value.permanent


def test_xml_with_a_document_type_is_not_read() -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = declared + b"<methodResponse/>"
    with pytest.raises(RemoteError, match="declares a type"):
        xmlrpc_result(bomb)
    with pytest.raises(RemoteError, match="no XML-RPC"):
        xmlrpc_result(b"<html>")


def test_webhooks_in_any_order(database: tuple[FakeOdoo, str], kept: Pulled) -> None:
    fake, url = database
    fake.add("crm.lead", name="New", email_from="a@x.example")
    fake.put("crm.lead", 1, name="Newest")
    odoo = opened(url)

    def told(name: str, secret: str = "hush", model: str = "crm.lead") -> Request:
        body = f'{{"_model": "{model}", "_id": 1, "name": "{name}"}}'.encode()
        return Request("POST", f"https://us.example/in/odoo?secret={secret}", {}, body, NOW_US)

    for name in ("Newest", "New", "New"):
        page = odoo.receive(told(name))
        assert isinstance(page, Page)
        kept.take(page, NOW_US)
    lead = kept.lead("email", "a@x.example")
    assert kept.facts(lead or 0)["crm_title"] == "Newest"
    assert kept.pull(odoo, NOW_US).events == 0
    assert odoo.receive(told("x", model="account.move")) == Page("")
    with pytest.raises(UserError) as wrong:
        odoo.receive(told("x", secret="guess"))
    assert wrong.value.code == "webhook-signature"
    by_header = Request(
        "POST", "https://us.example/in/odoo", {"x-leadwise-secret": "hush"}, b"{}", 0
    )
    with pytest.raises(UserError, match="which record"):
        odoo.receive(by_header)


def test_the_team_names_fields(database: tuple[FakeOdoo, str]) -> None:
    fake, url = database
    fake.add("res.partner", name="A", email="a@x.example", city="Bilbao")
    pages = list(opened(url, mapped="yes").pull(None, NOW_US))
    (said,) = [m.document for p in pages for m in p.messages if m.type == "identify"]
    assert said["town"] == "Bilbao"
    assert "city" not in said


@pytest.mark.parametrize(
    ("options", "hint"), [({"url": "acme.odoo.com"}, "https://"), ({"protocol": "soap"}, "json2")]
)
def test_options_that_make_no_sense(options: dict[str, str], hint: str) -> None:
    with pytest.raises(UserError) as error:
        opened(**{"url": "http://x.example", **options})
    assert (error.value.code, hint in error.value.hint) == ("connection-option", True)
