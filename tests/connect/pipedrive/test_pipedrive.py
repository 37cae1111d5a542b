"""Pipedrive, at a company in memory."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import leadwise.connect.pipedrive.client as talking
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
from leadwise.errors import RemoteError, UserError
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.serving import served
from tests.connect.checking import checked
from tests.connect.pipedrive.company import DAY_US, HOSTILE, NOW_US, START, mail, opened
from tests.connect.pulled import Pulled, recorded, scored


@pytest.fixture
def company() -> Iterator[tuple[FakePipedrive, str]]:
    fake = FakePipedrive(now=START)
    with served(fake) as url:
        yield fake, url


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Pulled]:
    with recorded(tmp_path, "pipe", "pipedrive") as pulled:
        yield pulled


def test_who_we_are(company: tuple[FakePipedrive, str]) -> None:
    pipedrive = opened(company[1])
    for protocol in (Triable, Source, Target, Records, Hooks):
        assert isinstance(pipedrive, protocol)
    assert pipedrive.test() == "Ana (ana@acme.example) of Acme"
    with pytest.raises(RemoteError, match="unauthorized") as wrong:
        opened(company[1], token="a-wrong-token").test()
    assert wrong.value.permanent
    assert "a-wrong-token" not in str(wrong.value)


def test_persons_and_organizations(company: tuple[FakePipedrive, str], kept: Pulled) -> None:
    fake, url = company
    size = fake.add_field("organization", "Company size", "enum", ["Small", "Large"])
    topics = fake.add_field("person", "Topics", "set", ["Price", "Speed"])
    budget = fake.add_field("person", "Budget", "monetary")
    acme = fake.add(
        "organization", name=HOSTILE, website="https://www.acme.example/x", custom_fields={size: 2}
    )
    fake.add(
        "person",
        name=HOSTILE,
        emails=mail("ana@acme.example", "old@acme.example"),
        org_id=acme,
        phones=mail("+34 600"),
        job_title="CFO",
        custom_fields={topics: [1, 2], budget: {"value": 50_000, "currency": "EUR"}},
    )
    fake.add("person", name="No address")
    team = {"Topics": "interests", budget: "budget", "company.Company size": "size_class"}
    pipedrive = opened(url, mapping=team)
    assert kept.pull(pipedrive, NOW_US).refused == 0
    ana = kept.lead("crm", "pipe:person:1")
    assert ana == kept.lead("email", "ana@acme.example")
    facts = kept.facts(ana or 0)
    assert (facts["name"], facts["title"], facts["phone"]) == (HOSTILE, "CFO", "+34 600")
    assert (facts["interests"], facts["budget"]) == ("Price, Speed", 50_000)
    assert facts["crm_owner"] == "ana@acme.example"
    assert (facts["account.name"], facts["account.size_class"]) == (HOSTILE, "Large")
    assert facts["account.domain"] == "acme.example"
    assert kept.lead("crm", "pipe:person:2") not in (None, ana)
    # A company that changed reaches its people.
    fake.now += timedelta(hours=2)
    fake.put("organization", acme, name="Acme", custom_fields={size: 1})
    kept.pull(pipedrive, NOW_US + DAY_US)
    facts = kept.facts(ana or 0)
    assert (facts["account.name"], facts["account.size_class"]) == ("Acme", "Small")


def test_what_the_card_reads_is_asked_for(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    region = fake.add_field("person", "Region", "varchar")
    fake.add("person", name="A", custom_fields={region: "North"})
    pages = list(opened(url, wanted=("Region", "name", "nonsense")).pull(None, NOW_US))
    assert pages[0].messages[0].document["Region"] == "North"


def test_what_became_of_deals(company: tuple[FakePipedrive, str], kept: Pulled) -> None:
    fake, url = company
    for number in range(4):
        fake.add("person", name=f"P{number}")
    fake.add("deal", title="Won", person_id=1, value=99.995, currency="USD", status="won")
    fake.add("deal", title="Lost", person_id=2, value=5, status="lost", lost_reason="Too dear")
    fake.add("deal", title="Open", person_id=3, value=0, stage_id=2)
    fake.add("deal", title="Nobody's", value=7, status="won")
    pipedrive = opened(url)
    assert kept.pull(pipedrive, NOW_US).refused == 1
    found = {one.kind: one for one in kept.outcomes()}
    assert sorted(found) == ["lost", "opportunity", "won"]
    assert (found["won"].value, found["won"].currency) == (10_000, "USD")
    assert found["won"].at_us == microseconds(START, "then")
    assert (found["lost"].reason, found["lost"].value) == ("Too dear", None)
    assert (found["opportunity"].value, found["opportunity"].currency) == (None, None)
    assert kept.facts(kept.lead("crm", "pipe:person:3") or 0)["crm_stage"] == "Offer"
    fake.now += timedelta(hours=2)
    fake.put("deal", 1, title="Won, and renamed")
    assert kept.pull(pipedrive, NOW_US + DAY_US).outcomes == 0


def test_what_happened(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    fake.add("person", name="A")
    of = [{"person_id": 1, "primary": True}]
    fake.add("activity", subject="Call", type="call", done=True, participants=of,
             marked_as_done_time="2026-03-01T08:00:00Z", duration="00:30")  # fmt: skip
    fake.add("activity", subject="Demo", type="meeting", participants=of, due_date="2026-03-05",
             due_time="09:30:00")  # fmt: skip
    fake.add("activity", subject="To do", type="task", participants=of)
    fake.add("activity", subject="Nobody's", type="call", done=True)
    pipedrive = opened(url)
    said = [m for p in pipedrive.pull(None, NOW_US) for m in p.messages if m.type == "track"]
    assert [m.event for m in said] == ["crm_call", "crm_meeting_booked"]
    assert (said[0].at_us, said[0].document["minutes"]) == (NOW_US - 2 * 3_600_000_000, 30)
    assert said[1].document["starts_at"] == "2026-03-05T09:30:00Z"
    fake.now += timedelta(days=5)
    fake.put("activity", 2, done=True, marked_as_done_time="2026-03-05T10:00:00Z")
    later = [m for p in pipedrive.pull(str(NOW_US), NOW_US + 6 * DAY_US) for m in p.messages]
    assert [m.event for m in later] == ["crm_meeting_held"]


def test_a_pull_that_was_killed_goes_on(
    company: tuple[FakePipedrive, str], kept: Pulled, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = company
    monkeypatch.setattr(talking, "PAGE", 10)
    for number in range(22):
        fake.add("person", name=f"P{number}", emails=mail(f"p{number}@x.example"))
    pipedrive = opened(url)
    kept.pull(pipedrive, NOW_US, pages=1)
    assert kept.lead("email", "p9@x.example") is not None
    assert kept.lead("email", "p10@x.example") is None
    fake.now += timedelta(hours=3)
    fake.put("person", 3, name="Changed meanwhile")
    pages = list(opened(url).pull(kept.cursor, NOW_US))
    assert [page.done for page in pages] == [20, 22, 22]
    kept.pull(pipedrive, NOW_US)
    assert kept.lead("email", "p21@x.example") is not None
    after = list(pipedrive.pull(kept.cursor, NOW_US + DAY_US))
    assert [m.document["name"] for p in after for m in p.messages] == ["Changed meanwhile"]


def test_rates_are_held_and_troubles_told(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    slept: list[float] = []
    pipedrive = opened(url, slept=slept)
    fake.rate = 1
    pipedrive.client.call("GET", "/v1/users/me")
    fake.rate = None
    pipedrive.test()
    assert slept == [2.0]
    fake.fail(429, headers={"Retry-After": "3"})
    fake.fail(500)
    assert pipedrive.test().startswith("Ana")
    assert slept[1] == 3.0
    fake.rate = 0
    with pytest.raises(RemoteError, match="over limit") as full:
        list(pipedrive.pull(None, NOW_US))
    assert (full.value.permanent, full.value.after_s) == (False, 60.0)
    fake.rate = None
    fake.fail(0, times=3)
    with pytest.raises(RemoteError, match="could not be reached") as cut:
        list(pipedrive.pull(None, NOW_US))
    assert not cut.value.permanent


def told(body: bytes, password: str = "hush") -> Request:
    coded = base64.b64encode(f"leadwise:{password}".encode()).decode()
    headers = {"authorization": f"Basic {coded}"}
    return Request("POST", "https://us.example/connect/pipe", headers, body, NOW_US)


def test_webhooks_twice_and_out_of_order(company: tuple[FakePipedrive, str], kept: Pulled) -> None:
    fake, url = company
    fake.add("person", name="New", emails=mail("a@x.example"))
    fake.add("deal", title="D", person_id=1, value=10)
    first = fake.webhook("create", "person", 1)
    fake.now += timedelta(minutes=5)
    fake.put("person", 1, name="Newest")
    fake.put("deal", 1, status="won")
    second = fake.webhook("change", "person", 1)
    won = fake.webhook("change", "deal", 1)
    pipedrive = opened(url)
    for body in (second, won, first, first, won):
        page = pipedrive.receive(told(body))
        assert isinstance(page, Page)
        kept.take(page, NOW_US)
    lead = kept.lead("email", "a@x.example")
    assert kept.facts(lead or 0)["name"] == "Newest"
    assert [(one.kind, one.value) for one in kept.outcomes()] == [("won", 1000)]
    assert kept.pull(pipedrive, NOW_US).new == 0
    gone = fake.webhook("delete", "person", 1)
    fake.put("person", 1, is_deleted=True)
    for body in (gone, second):
        kept.take(pipedrive.receive(told(body)), NOW_US)
    assert kept.facts(lead or 0)["crm_deleted"] == "deleted"
    assert pipedrive.receive(told(b'{"meta": {"entity": "note", "entity_id": 1}}')) == Page("")


@pytest.mark.parametrize(
    "header", ["", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"leadwise:no").decode()]
)
def test_webhooks_of_others_are_not_taken(company: tuple[FakePipedrive, str], header: str) -> None:
    pipedrive = opened(company[1])
    with pytest.raises(UserError) as wrong:
        pipedrive.receive(Request("POST", "https://us.example/", {"authorization": header}, b"", 0))
    assert wrong.value.code == "webhook-signature"
    with pytest.raises(UserError, match="which record"):
        pipedrive.receive(told(b"[]"))


def test_the_fake_fits_what_pipedrive_says(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    # Pipedrive's own description says of what may be null that it is a text.
    nothing = ("None is not of type", "None for not nullable", "'title' is a required property")
    with checked(fake, "pipedrive/pipedrive-v2-openapi.yml", "/api/v2", forgiven=nothing):
        pipedrive = opened(url)
        pipedrive.prepare()
        org = pipedrive.create(Record("company", {"name": "Acme"}), "run-1-1")
        person = pipedrive.create(
            Record("contact", {"name": "A", "email": "a@x.example"}, {"company": org}), "run-1-2"
        )
        deal = pipedrive.create(
            Record("deal", {"title": "D", "value": "5"}, {"contact": person}), "run-1-3"
        )
        pipedrive.create(
            Record("task", {"subject": "Call"}, {"contact": person, "deal": deal}), "run-1-4"
        )
        pipedrive.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
        pipedrive.find("deal", [("email", "a@x.example")])
        list(pipedrive.pull(None, NOW_US))
        list(pipedrive.pull(str(NOW_US - DAY_US), NOW_US + DAY_US))


def test_an_address_that_is_none() -> None:
    with pytest.raises(UserError) as error:
        opened("acme.pipedrive.com")
    assert error.value.code == "connection-option"
