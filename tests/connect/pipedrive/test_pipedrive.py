"""Pipedrive, at a company in memory."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import leadwise.connect.pipedrive.client as talking
from leadwise.asking.instants import microseconds
from leadwise.connect.http import Http
from leadwise.connect.model import (
    Connection,
    Hooks,
    Page,
    Record,
    Records,
    Request,
    Source,
    Target,
)
from leadwise.connect.model import Tested as Triable
from leadwise.connect.pipedrive import KIND
from leadwise.errors import RemoteError, UserError
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.serving import served
from tests.connect.checking import checked
from tests.connect.pulled import Pulled, recorded, scored

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW_US = microseconds(START + timedelta(hours=1), "now")
DAY_US = 86_400_000_000
HOSTILE = 'Ana "O\'Brien" <b>😀</b> & Söhne %_\\'


def mail(address: str, *more: str) -> list[dict[str, Any]]:
    return [{"value": one, "primary": one == address, "label": "work"} for one in (*more, address)]


@pytest.fixture
def company() -> Iterator[tuple[FakePipedrive, str]]:
    fake = FakePipedrive(now=START)
    with served(fake) as url:
        yield fake, url


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Pulled]:
    with recorded(tmp_path, "pipe", "pipedrive") as pulled:
        yield pulled


def opened(
    url: str, *, dry: bool = False, token: str = "pipedrive-token",
    mapping: Mapping[str, str] | None = None, wanted: tuple[str, ...] = (),
    slept: list[float] | None = None,
) -> Any:  # fmt: skip
    http = Http("Pipedrive", dry=dry, sleep=(slept if slept is not None else []).append)
    secrets = {"token": token, "webhook_password": "hush"}
    connection = Connection(1, "pipe", "pipedrive", {"url": url}, secrets, mapping or {}, wanted)
    return KIND.open(connection, http)


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


def test_scores(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    with pytest.raises(RemoteError, match="no field 'Leadwise score'"):
        pipedrive.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
    made = pipedrive.prepare()
    assert len(made) == 10
    assert "person: Leadwise score" in made
    assert pipedrive.prepare() == ()
    for letter in "abc":
        fake.add("person", name=letter, emails=mail(f"{letter}@x.example"))
    fake.add("person", name="a again", emails=mail("other@x.example", "a@x.example"))
    updates = [
        scored(("crm", "pipe:person:2"), as_of_us=NOW_US, lead_id=1, reasons=(HOSTILE,)),
        scored(("email", "a@x.example"), as_of_us=NOW_US, lead_id=2),
        scored(("crm", "pipe:person:99"), as_of_us=NOW_US, lead_id=3),
        scored(("email", "nobody@x.example"), as_of_us=NOW_US, lead_id=4),
    ]
    pushed = pipedrive.push(updates)
    assert [(one.state, one.remote_id) for one in pushed] == [
        ("sent", "person:2"), ("sent", "person:1"), ("unknown", None), ("unknown", None),
    ]  # fmt: skip
    codes = {one["field_name"]: code for code, one in fake.fields["person"].items()}
    stands = fake.rows["person"][2]["custom_fields"]
    assert stands[codes["Leadwise score"]] == 47.5
    assert stands[codes["Leadwise reasons"]] == HOSTILE
    assert [one.state for one in pipedrive.push(updates[:2])] == ["same", "same"]
    older = scored(("crm", "pipe:person:2"), as_of_us=NOW_US - 1, score=0)
    assert pipedrive.push([older])[0].state == "newer"
    assert stands[codes["Leadwise score"]] == 47.5
    newer = scored(("crm", "pipe:person:2"), as_of_us=NOW_US + 1, score=0, band=None)
    assert pipedrive.push([newer])[0].state == "sent"
    assert fake.rows["person"][2]["custom_fields"][codes["Leadwise band"]] is None
    # Our own fields are no facts.
    pages = list(opened(url, wanted=("Leadwise score",)).pull(None, NOW_US + DAY_US))
    assert not any("Leadwise" in name for p in pages for m in p.messages for name in m.document)


def test_one_refused_record_holds_up_no_other(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    pipedrive.prepare()
    for letter in "abc":
        fake.add("person", name=letter)
    fake.fail(400, method="PATCH", path="/persons/2", body={"success": False, "error": "Too long"})
    fake.fail(500, method="PATCH", path="/persons/3")
    pushed = pipedrive.push([
        scored(("crm", f"pipe:person:{n}"), as_of_us=NOW_US, lead_id=n) for n in (1, 2, 3)
    ])  # fmt: skip
    assert [one.state for one in pushed] == ["sent", "refused", "later"]
    assert "Too long" in pushed[1].why


def test_fields_without_the_right_to_make_them(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    fake.admin = False
    with pytest.raises(RemoteError, match="Company settings, Data fields") as error:
        opened(url).prepare()
    assert error.value.permanent


def test_records_are_made_once(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    pipedrive = opened(url)
    fake.admin = False
    with pytest.raises(RemoteError, match="make the field 'Leadwise key'"):
        pipedrive.create(Record("contact", {"name": "A"}), "run-1-0")
    fake.admin = True
    fake.add_field("deal", "Source", "enum", ["Web", "Fair"])
    acme = pipedrive.create(Record("company", {"name": "Acme"}), "run-1-1")
    person = Record("contact", {"name": HOSTILE, "email": "ana@x.example"}, {"company": acme})
    fake.fail(0, method="POST", path="/persons", taken=True)
    with pytest.raises(RemoteError) as lost:
        pipedrive.create(person, "run-1-2")
    assert not lost.value.permanent
    fake.blind = {1}  # the search does not find it yet
    ana = pipedrive.create(person, "run-1-2")
    assert list(fake.rows["person"]) == [int(ana)]
    fake.blind = set()
    row = fake.rows["person"][1]
    assert (row["name"], row["org_id"], row["emails"][0]["value"]) == (HOSTILE, 1, "ana@x.example")
    deal = pipedrive.create(
        Record("deal", {"title": "Demo", "value": "1200.50", "stage_id": "offer", "Source": "fair"},
               {"contact": ana}), "run-1-3",
    )  # fmt: skip
    made = fake.rows["deal"][int(deal)]
    assert (made["value"], made["stage_id"], made["person_id"]) == (1200.5, 2, 1)
    assert 2 in made["custom_fields"].values()
    task = Record(
        "task", {"subject": "Call", "note": "Soon", "done": "no"}, {"contact": ana, "deal": deal}
    )
    first, again = pipedrive.create(task, "run-1-4"), pipedrive.create(task, "run-1-4")
    other = pipedrive.create(task, "run-1-40")
    assert first == again != other
    activity = fake.rows["activity"][int(first)]
    assert (activity["type"], activity["person_id"], activity["deal_id"]) == ("task", 1, 1)
    names = [("email", "ana@x.example")]
    assert pipedrive.find("contact", names) == ana
    assert pipedrive.find("company", names) == acme
    assert pipedrive.find("deal", names) == deal
    pipedrive.change("deal", deal, {"status": "lost", "lost_reason": "Price"}, "run-1-5")
    assert fake.rows["deal"][1]["lost_reason"] == "Price"
    for values, why in (
        ({"stage_id": "Nowhere"}, "no stages 'Nowhere'"),
        ({"value": "much"}, "'much' is none"),
        ({"Source": "Sea"}, "no choice 'Sea'"),
        ({"Nonsense": "1"}, "no field 'Nonsense'"),
    ):
        with pytest.raises(RemoteError, match=why):
            pipedrive.change("deal", deal, values, "run-1-6")


def test_a_dry_run_changes_nothing(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    opened(url).prepare()
    fake.add("person", name="A", emails=mail("a@x.example"))
    before = {noun: {k: dict(v) for k, v in rows.items()} for noun, rows in fake.rows.items()}
    dry = opened(url, dry=True)
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("contact", {"name": "B"}), "run-1-1") == ""
    dry.change("contact", "1", {"name": "C"}, "run-1-2")
    assert fake.rows == before
    assert [one.method for one in dry.client.http.would] == ["PATCH", "POST", "PATCH"]


def test_a_dry_run_before_anything_was_made(company: tuple[FakePipedrive, str]) -> None:
    fake, url = company
    fake.add("person", name="A", emails=mail("a@x.example"))
    dry = opened(url, dry=True)
    assert len(dry.prepare()) == 10
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("deal", {"title": "A"}), "run-1-1") == ""
    assert [one.method for one in dry.client.http.would[10:13]] == ["PATCH", "POST", "POST"]
    assert not any(one["is_custom_field"] for one in fake.fields["person"].values())


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
