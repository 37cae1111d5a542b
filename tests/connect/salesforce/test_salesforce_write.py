"""Writing to Salesforce: fields, scores, records; and its fake held to what is said of it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import leadwise.connect.salesforce.pull as pulling
import leadwise.connect.salesforce.push as pushing
from leadwise.connect.model import Record
from leadwise.connect.salesforce.soql import quoted, select
from leadwise.errors import RemoteError, UserError
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import served
from leadwise.testing.soql import MalformedError, parsed
from tests.connect.checking import checked
from tests.connect.pulled import scored
from tests.connect.salesforce.organisation import DAY_US, NOW_US, START, opened


@pytest.fixture
def organisation() -> Iterator[tuple[FakeSalesforce, str]]:
    fake = FakeSalesforce(now=START)
    with served(fake) as url:
        yield fake, url


@pytest.mark.parametrize(
    "text",
    ["O'Brien", "\\", "\\'", "x' OR Name != '", 'say "hi"', "a\nb\r\t", "😀 % _", "\x00null"],
)
def test_texts_in_queries_stay_texts(text: str) -> None:
    query = parsed(select(("Id",), "Lead", [f"Name = {quoted(text)}"]))
    assert query.where == [("Name", "=", text.replace("\x00", ""))]
    with pytest.raises(MalformedError):
        parsed(f"SELECT Id FROM Lead WHERE Name = 'O'Brien'{text}")


def test_fields_are_made_and_seen(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    with pytest.raises(RemoteError, match="no field Leadwise_Score__c"):
        salesforce.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])
    made = salesforce.prepare()
    assert len(made) == 2 * 7 + 5
    assert "Activity.Leadwise_Key__c" in made
    assert "Leadwise_Key__c" in salesforce.client.fields("Event")
    assert salesforce.prepare() == ()
    key = next(
        c.json
        for c in fake.made("POST", "CustomField")
        if c.json["FullName"] == "Lead.Leadwise_Key__c"
    )
    assert key["Metadata"]["externalId"] is True
    assert len(fake.rows["PermissionSet"]) == len(fake.rows["PermissionSetAssignment"]) == 1


def test_fields_that_are_there_and_not_seen(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    opened(url).prepare()
    fake.rows["PermissionSetAssignment"].clear()
    assert len(opened(url).prepare()) == 19
    assert opened(url).prepare() == ()


def test_without_the_right_it_says_what_to_click(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    fake.may_make_fields = False
    with pytest.raises(RemoteError, match="Object Manager, Lead, Fields & Relationships") as error:
        opened(url).prepare()
    assert error.value.permanent


def test_scores_of_many_in_one_call(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    salesforce.prepare()
    leads = [
        fake.add("Lead", LastName="L", Company="C", Email=f"l{n}@x.example") for n in range(250)
    ]
    contact = fake.add("Contact", LastName="C", Email="l0@x.example")
    fake.refused[leads[3]] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not on Sundays.")
    fake.refused[leads[4]] = ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
    fake.put("Lead", leads[5], IsConverted=True)
    updates = [
        scored(
            ("email", f"l{n}@x.example"), as_of_us=NOW_US, lead_id=n, reasons=("O'Brien\nsaid 😀",)
        )
        for n in range(251)
    ]
    pushed = salesforce.push(updates)
    assert [one.lead_id for one in pushed] == list(range(251))
    assert [(n, one.state) for n, one in enumerate(pushed) if one.state != "sent"] == [
        (3, "refused"), (4, "later"), (5, "unknown"), (250, "unknown"),
    ]  # fmt: skip
    assert "Not on Sundays" in pushed[3].why
    assert pushed[1].remote_id == f"lead:{leads[1]}"
    assert len(fake.made("PATCH", "/composite/sobjects")) == 3
    assert fake.rows["Lead"][leads[0]]["Leadwise_Score__c"] == 47.5
    assert fake.rows["Contact"][contact]["Leadwise_Reasons__c"] == "O'Brien\nsaid 😀"
    again = salesforce.push(updates[:3])
    assert [one.state for one in again] == ["same"] * 3


def test_a_newer_score_there_stays(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    salesforce.prepare()
    lead = fake.add("Lead", LastName="L", Company="C", Email="a@x.example")
    name = ("crm", f"crm:lead:{lead}")
    assert salesforce.push([scored(name, as_of_us=NOW_US)])[0].state == "sent"
    older = scored(name, as_of_us=NOW_US - 1000, score=0)
    assert salesforce.push([older])[0].state == "newer"
    assert fake.rows["Lead"][lead]["Leadwise_Score__c"] == 47.5
    later = scored(name, as_of_us=NOW_US + 1000, score=0, band=None)
    assert salesforce.push([later])[0].state == "sent"
    assert fake.rows["Lead"][lead]["Leadwise_Band__c"] is None


def test_very_many_scores_by_a_job(
    organisation: tuple[FakeSalesforce, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = organisation
    monkeypatch.setattr(pushing, "BULK_FROM", 10)
    salesforce = opened(url)
    salesforce.prepare()
    leads = [
        fake.add("Lead", LastName="L", Company="C", Email=f"l{n}@x.example") for n in range(12)
    ]
    fake.refused[leads[3]] = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", 'Not, on "Sundays".')
    pushed = salesforce.push([
        scored(("crm", f"crm:lead:{id_}"), as_of_us=NOW_US, lead_id=n, band=None,
               reasons=('a,\n"b"',))
        for n, id_ in enumerate(leads)
    ])  # fmt: skip
    assert [one.state for one in pushed] == ["sent"] * 3 + ["refused"] + ["sent"] * 8
    assert 'Not, on "Sundays".' in pushed[3].why
    row = fake.rows["Lead"][leads[0]]
    assert (row["Leadwise_Reasons__c"], row["Leadwise_Band__c"]) == ('a,\n"b"', None)
    assert not fake.made("PATCH", "/composite")


def test_records_are_made_once(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url, person="Contact")
    fake.may_make_fields = False
    with pytest.raises(RemoteError, match="Leadwise_Key__c"):
        salesforce.create(Record("contact", {"LastName": "A"}), "run-1-0")
    fake.may_make_fields = True
    account = salesforce.create(Record("company", {"Name": "Acme"}), "run-1-1")
    contact = salesforce.create(
        Record("contact", {"LastName": "O'Brien", "Email": "ana@x.example"}, {"company": account}),
        "run-1-2",
    )  # fmt: skip
    values = {
        "Name": "Demo",
        "StageName": "New",
        "CloseDate": "2026-05-01T12:00:00Z",
        "Amount": "1200.50",
    }
    record = Record("deal", values, {"contact": contact})
    deal, again = (salesforce.create(record, "run-1-3") for _ in range(2))
    assert deal == again
    row = fake.rows["Opportunity"][deal]
    assert (row["Amount"], row["CloseDate"], row["AccountId"]) == (1200.5, "2026-05-01", account)
    assert len(fake.rows["OpportunityContactRole"]) == 1
    task = Record(
        "task",
        {"Subject": "Call", "ActivityDate": "2026-03-05"},
        {"contact": contact, "deal": deal},
    )
    fake.fail(0, method="POST", path="/sobjects/Task", taken=True)
    with pytest.raises(RemoteError):
        salesforce.create(task, "run-1-4")
    made = salesforce.create(task, "run-1-4")
    assert list(fake.rows["Task"]) == [made]
    assert (fake.rows["Task"][made]["WhoId"], fake.rows["Task"][made]["WhatId"]) == (contact, deal)
    names = [("email", "ana@x.example")]
    assert salesforce.find("contact", names) == contact
    assert salesforce.find("company", names) == account
    assert salesforce.find("deal", names) == deal
    salesforce.change("deal", deal, {"StageName": "Closed Won"}, "run-1-5")
    assert fake.rows["Opportunity"][deal]["StageName"] == "Closed Won"
    with pytest.raises(RemoteError, match="takes a currency, and 'much' is none"):
        salesforce.change("deal", deal, {"Amount": "much"}, "run-1-6")
    with pytest.raises(RemoteError, match="no field 'Nonsense__c'"):
        salesforce.change("deal", deal, {"Nonsense__c": "1"}, "run-1-7")


def test_a_person_is_a_lead_there_unless_told(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    salesforce.prepare()
    names = [("email", "x' OR Email != '@x.example")]
    assert salesforce.find("contact", names) is None
    with pytest.raises(RemoteError, match="REQUIRED_FIELD_MISSING") as lasting:
        salesforce.create(Record("contact", {"LastName": "Ana"}), "run-2-0")
    assert lasting.value.permanent
    lead = salesforce.create(Record("contact", {"LastName": "Ana", "Company": "A"}), "run-2-1")
    assert lead.startswith("00Q")
    task = salesforce.create(
        Record("task", {"Subject": "Call"}, {"contact": lead, "deal": "006x"}), "run-2-2"
    )
    assert fake.rows["Task"][task].get("WhatId") is None
    salesforce.change("contact", lead, {"Status": "Working"}, "run-2-3")
    assert fake.rows["Lead"][lead]["Status"] == "Working"


def test_a_dry_run_changes_nothing(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    opened(url).prepare()
    lead = fake.add("Lead", LastName="L", Company="C", Email="a@x.example")
    before = {of: {k: dict(v) for k, v in rows.items()} for of, rows in fake.rows.items()}
    dry = opened(url, dry=True)
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("contact", {"LastName": "A", "Company": "B"}), "run-1-1") == ""
    dry.change("contact", lead, {"Status": "Working"}, "run-1-2")
    assert fake.rows == before
    assert [one.method for one in dry.client.http.would] == ["PATCH", "PATCH", "PATCH"]
    assert len(list(dry.pull(None, NOW_US))) == 2


def test_a_dry_run_before_anything_was_made(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    fake.add("Lead", LastName="L", Company="C", Email="a@x.example")
    dry = opened(url, dry=True)
    assert len(dry.prepare()) == 19
    assert dry.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
    assert dry.create(Record("deal", {"Name": "A"}), "run-1-1") == ""
    assert dry.client.http.would[19].path == "/services/data/v62.0/composite/sobjects"
    assert "Leadwise_Score__c" not in fake.types["Lead"]


def test_the_fake_fits_what_is_said_of_salesforce(
    organisation: tuple[FakeSalesforce, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = organisation
    monkeypatch.setattr(pulling, "BULK_FROM", 1)
    monkeypatch.setattr(pushing, "BULK_FROM", 2)
    salesforce = opened(url)
    salesforce.prepare()
    fake.add("Lead", LastName="L", Company="C", Email="a@x.example")
    # Tables are left out: the descriptions' reader knows no CSV.
    jobs = checked(
        fake,
        "salesforce/salesforce-bulk-api-2-openapi.yml",
        "/services/data/v62.0/jobs",
        applies=lambda path: not path.lower().endswith(("results", "/batches")),
    )
    with jobs:
        list(salesforce.pull(None, NOW_US))
        ids = [fake.add("Lead", LastName="L", Company="C") for _ in range(2)]
        salesforce.push([scored(("crm", f"crm:lead:{id_}"), as_of_us=NOW_US) for id_ in ids])
    composite = checked(
        fake, "salesforce/salesforce-composite-api-openapi.yml", "/services/data/v62.0",
        applies=lambda path: "/composite/" in path,
    )  # fmt: skip
    with composite:
        assert (
            salesforce.push([scored(("email", "a@x.example"), as_of_us=NOW_US)])[0].state == "sent"
        )
    described = checked(
        fake, "salesforce/salesforce-sobjects-api-openapi.yml", "/services/data/v62.0",
        applies=lambda path: path.endswith("/describe"),
    )  # fmt: skip
    with described:
        list(opened(url).pull(None, NOW_US + DAY_US))


def test_another_client_takes_the_fake_for_salesforce(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    simple_salesforce = pytest.importorskip("simple_salesforce")
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    fake = FakeSalesforce(now=START, page=2)
    fake.tokens.add("theirs")
    with served(fake, tls=context) as url:
        client: Any = simple_salesforce.Salesforce(
            instance_url=url, session_id="theirs", version="62.0"
        )
        made = client.Lead.create({"LastName": "O'Brien", "Company": "A"})
        assert made["success"]
        for number in range(4):
            client.Contact.create({"LastName": f"C{number}", "Email": f"c{number}@x.example"})
        assert (
            client.query_all("SELECT Id, LastName FROM Contact ORDER BY Id")["totalSize"] == 5 - 1
        )
        found = client.query_all("SELECT Id, LastName FROM Contact ORDER BY Id")["records"]
        assert [one["LastName"] for one in found] == ["C0", "C1", "C2", "C3"]
        soql = simple_salesforce.format_soql("SELECT Id FROM Lead WHERE LastName = {}", "O'Brien")
        assert client.query(soql)["records"][0]["Id"] == made["id"]
        assert client.Lead.update(made["id"], {"Status": "Working"}) == 204
        assert fake.rows["Lead"][made["id"]]["Status"] == "Working"
        assert "Email" in {one["name"] for one in client.Contact.describe()["fields"]}
        with pytest.raises(simple_salesforce.exceptions.SalesforceMalformedRequest):
            client.query("SELECT Nonsense FROM Lead")
        assert 24 < client.api_usage["api-usage"].used < fake.used
        # Over TLS, ours reads what theirs has made.
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        pages = list(opened(url).pull(None, NOW_US))
        assert sum(m.type == "identify" for p in pages for m in p.messages) == 5


@pytest.mark.parametrize(
    "options", [{"url": "acme.my.salesforce.com"}, {"share": "0"}, {"share": "x"}]
)
def test_options_that_make_no_sense(options: dict[str, str]) -> None:
    with pytest.raises(UserError) as error:
        opened(**{"url": "https://x.example", **options})
    assert error.value.code == "connection-option"


def test_instants_are_kept_to_the_millisecond(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    salesforce.prepare()
    lead = fake.add("Lead", LastName="L", Company="C")
    name = ("crm", f"crm:lead:{lead}")
    salesforce.push([scored(name, as_of_us=NOW_US + 123_456)])
    assert fake.rows["Lead"][lead]["Leadwise_At__c"] == START + timedelta(hours=1, milliseconds=123)
    assert salesforce.push([scored(name, as_of_us=NOW_US + 123_456)])[0].state == "same"


def test_a_day_that_was_full_is_looked_at_again_after_an_hour(
    organisation: tuple[FakeSalesforce, str],
) -> None:
    fake, url = organisation
    salesforce = opened(url, share="50")
    seconds = [0.0]
    salesforce.client.http.monotonic = lambda: seconds[0]
    fake.used = fake.limit // 2
    assert salesforce.client.count("Lead") == 0
    with pytest.raises(RemoteError, match="calls that Salesforce gives in a day") as full:
        salesforce.client.count("Lead")
    assert full.value.after_s == 3600.0
    fake.used, seconds[0] = 0, 3599.0  # a new day
    with pytest.raises(RemoteError):
        salesforce.client.count("Lead")
    seconds[0] = 3600.0
    assert [salesforce.client.count("Lead") for _ in range(3)] == [0, 0, 0]
