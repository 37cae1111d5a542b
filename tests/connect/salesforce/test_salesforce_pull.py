"""Pulling from Salesforce, at an organisation in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import leadwise.connect.salesforce.pull as pulling
from leadwise.asking.instants import microseconds
from leadwise.connect.model import Records, Source, Target
from leadwise.connect.model import Tested as Triable
from leadwise.errors import RemoteError
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import served
from tests.connect.pulled import Pulled, recorded
from tests.connect.salesforce.organisation import DAY_US, NOW_US, START, opened

HOSTILE = "O'Brien \"Bob\" \\ 😀' OR Name != '"


@pytest.fixture
def organisation() -> Iterator[tuple[FakeSalesforce, str]]:
    fake = FakeSalesforce(now=START)
    with served(fake) as url:
        yield fake, url


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Pulled]:
    with recorded(tmp_path, "crm", "salesforce") as pulled:
        yield pulled


def test_who_we_are(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    fake.add("Lead", LastName="A", Company="A")
    salesforce = opened(url)
    for protocol in (Triable, Source, Target, Records):
        assert isinstance(salesforce, protocol)
    told = salesforce.test()
    assert told.startswith(
        "leadwise@acme.example of the organisation 00D000000000001EAA; sees 1 leads and 0 contacts"
    )
    assert "of 5,000 calls" in told
    assert opened(url, secret="", refresh="refresh-me").test() == told.replace("; 26 of", "; 28 of")
    with pytest.raises(RemoteError, match="gives no token") as wrong:
        opened(url, secret="a-wrong-secret").test()
    assert wrong.value.permanent
    assert "a-wrong-secret" not in str(wrong.value)


def test_people_and_companies(organisation: tuple[FakeSalesforce, str], kept: Pulled) -> None:
    fake, url = organisation
    account = fake.add(
        "Account", Name=HOSTILE, Website="https://www.acme.example/es", NumberOfEmployees=300
    )
    ana = fake.add(
        "Contact", LastName=HOSTILE, Email="Ana@acme.example", AccountId=account, Title="CFO"
    )
    fake.add("Lead", LastName="Bob", Company="Beta", Email="bob@beta.example", Industry="Retail")
    fake.add("Lead", LastName="Bob", Company="Beta", Email="bob@beta.example", Title="Buyer")
    caller = fake.add("Lead", LastName="Caller", Company="?")
    salesforce = opened(url, mapping={"Industry": "branch", "company.Website": ""})
    assert kept.pull(salesforce, NOW_US).refused == 0
    of_ana = kept.lead("crm", f"crm:contact:{ana}")
    facts = kept.facts(of_ana or 0)
    assert of_ana == kept.lead("email", "ana@acme.example")
    assert (facts["last_name"], facts["title"], facts["crm_owner"]) == (HOSTILE, "CFO", "Leadwise")
    assert (facts["account.name"], facts["account.employees"]) == (HOSTILE, 300)
    assert "account.website" not in facts
    bob = kept.facts(kept.lead("email", "bob@beta.example") or 0)
    assert (bob["branch"], bob["title"], bob["company"]) == ("Retail", "Buyer", "Beta")
    assert kept.lead("crm", f"crm:lead:{caller}") is not None


def test_a_converted_lead_stays_one_person(
    organisation: tuple[FakeSalesforce, str], kept: Pulled
) -> None:
    fake, url = organisation
    lead = fake.add("Lead", LastName="Ana", Company="Acme", Website="https://acme.example")
    salesforce = opened(url)
    kept.pull(salesforce, NOW_US)
    before = kept.lead("crm", f"crm:lead:{lead}")
    fake.now += timedelta(hours=3)
    contact = fake.add("Contact", LastName="Ana", Email="ana@acme.example")
    deal = fake.add(
        "Opportunity", Name="Big", StageName="New", Amount=1200.5, CloseDate="2026-05-01"
    )
    fake.put("Lead", lead, IsConverted=True, ConvertedDate="2026-03-01", ConvertedContactId=contact,
             ConvertedOpportunityId=deal)  # fmt: skip
    kept.pull(salesforce, NOW_US + DAY_US)
    now = kept.lead("crm", f"crm:contact:{contact}")
    assert now == kept.lead("crm", f"crm:lead:{lead}")
    assert now is not None
    assert before is not None
    assert kept.facts(now)["website"] == "https://acme.example"
    found = {one.kind: one for one in kept.outcomes()}
    assert sorted(found) == ["opportunity", "sales_qualified"]
    assert (found["opportunity"].lead_id, found["opportunity"].value) == (now, 120_050)


def test_what_became_of_leads(organisation: tuple[FakeSalesforce, str], kept: Pulled) -> None:
    fake, url = organisation
    people = [fake.add("Contact", LastName=name, Email=f"{name}@x.example") for name in "abc"]
    deals = [
        ("Won", {"IsWon": True, "IsClosed": True, "Amount": 99.995, "CloseDate": "2026-02-20"}),
        ("Lost", {"IsClosed": True, "Amount": 5.0, "CloseDate": "2026-02-21",
                  "Loss_Reason__c": "Price"}),
    ]  # fmt: skip
    for name, values in deals:
        deal = fake.add("Opportunity", Name=name, StageName=name, **values)
        fake.add("OpportunityContactRole", OpportunityId=deal, ContactId=people[1])
        fake.add("OpportunityContactRole", OpportunityId=deal, ContactId=people[0], IsPrimary=True)
    fake.add("Opportunity", Name="Nobody's", StageName="Won", IsWon=True, IsClosed=True,
             CloseDate="2026-02-22")  # fmt: skip
    fake.add(
        "Lead", LastName="No", Company="X", Email="no@x.example", Status="Closed - Not Converted"
    )
    done = kept.pull(opened(url, lost_reason="Loss_Reason__c"), NOW_US)
    assert done.refused == 1
    first, second = (kept.lead("crm", f"crm:contact:{id_}") for id_ in people[:2])
    found = {(one.kind, one.lead_id): one for one in kept.outcomes()}
    assert found["won", first].value == 10_000
    assert found["won", first].at_us == microseconds("2026-02-20", "day")
    assert (found["won", second].value, found["won", second].currency) == (None, None)
    assert (found["lost", first].reason, found["lost", first].value) == ("Price", None)
    assert found["sales_rejected", kept.lead("email", "no@x.example")].reason is not None
    assert len(found) == 5


def test_what_happened(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    ana = fake.add("Contact", LastName="Ana")
    lead = fake.add("Lead", LastName="Bob", Company="B")
    fake.add("Task", Subject="Call", WhoId=ana, Status="Completed", IsClosed=True,
             TaskSubtype="Call",
             CompletedDateTime=START - timedelta(hours=2), CallDurationInSeconds=90)  # fmt: skip
    fake.add("Task", Subject="To do", WhoId=ana, Status="Open")
    fake.add("Task", Subject="Of nobody", Status="Completed", IsClosed=True)
    fake.add(
        "Event",
        Subject="Demo",
        WhoId=lead,
        StartDateTime=START + timedelta(days=3),
        DurationInMinutes=30,
    )
    fake.add("Event", Subject="Demo", WhoId=ana, IsChild=True)
    tracks = [m for p in opened(url).pull(None, NOW_US) for m in p.messages if m.type == "track"]
    assert [(m.event, m.crm_id) for m in tracks] == [
        ("crm_call", f"crm:contact:{ana}"), ("crm_meeting_booked", f"crm:lead:{lead}"),
    ]  # fmt: skip
    assert tracks[0].at_us == NOW_US - 3 * 3_600_000_000
    assert tracks[0].document["duration"] == 90
    assert str(tracks[1].document["starts_at"]).startswith("2026-03-04T09:00:00")


def test_merged_and_deleted(organisation: tuple[FakeSalesforce, str], kept: Pulled) -> None:
    fake, url = organisation
    ids = [fake.add("Contact", LastName=f"N{n}", Email=f"n{n}@x.example") for n in range(3)]
    salesforce = opened(url)
    kept.pull(salesforce, NOW_US)
    fake.now += timedelta(hours=2)
    fake.put("Contact", ids[1], IsDeleted=True, MasterRecordId=ids[0])
    fake.put("Contact", ids[2], IsDeleted=True)
    kept.pull(salesforce, NOW_US + DAY_US)
    master, merged, gone = (kept.lead("crm", f"crm:contact:{id_}") for id_ in ids)
    assert master == merged != gone
    assert kept.facts(gone or 0)["crm_deleted"] == "deleted"


def test_a_company_that_changed_reaches_its_people(
    organisation: tuple[FakeSalesforce, str], kept: Pulled
) -> None:
    fake, url = organisation
    account = fake.add("Account", Name="Acme", NumberOfEmployees=10)
    ana, bob = (fake.add("Contact", LastName=n, AccountId=account) for n in ("Ana", "Bob"))
    salesforce = opened(url, wanted=("account.Loss", "title"))
    kept.pull(salesforce, NOW_US)
    fake.now += timedelta(hours=2)
    fake.put("Account", account, NumberOfEmployees=500)
    kept.pull(salesforce, NOW_US + DAY_US)
    for id_ in (ana, bob):
        lead = kept.lead("crm", f"crm:contact:{id_}")
        assert kept.facts(lead or 0)["account.employees"] == 500


def test_a_pull_that_was_killed_goes_on(
    organisation: tuple[FakeSalesforce, str], kept: Pulled
) -> None:
    fake, url = organisation
    fake.page = 10
    for number in range(25):
        fake.add("Lead", LastName=f"L{number}", Company="X", Email=f"l{number}@x.example")
    salesforce = opened(url)
    kept.pull(salesforce, NOW_US, pages=1)
    assert kept.lead("email", "l9@x.example") is not None
    assert kept.lead("email", "l10@x.example") is None
    pages = list(opened(url).pull(kept.cursor, NOW_US))
    assert [page.done for page in pages] == [20, 25, 25]
    assert pages[0].total == 25
    kept.pull(salesforce, NOW_US)
    assert kept.lead("email", "l24@x.example") is not None
    assert kept.pull(salesforce, NOW_US + DAY_US).new == 0


def test_the_first_pull_in_bulk_goes_on_with_the_same_job(
    organisation: tuple[FakeSalesforce, str], kept: Pulled, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = organisation
    fake.page = 5
    monkeypatch.setattr(pulling, "BULK_FROM", 10)
    account = fake.add("Account", Name='Größe, "Quoted"\nand broken')
    for number in range(14):
        fake.add(
            "Contact", LastName=f'L{number}, "x"', Email=f"l{number}@x.example", AccountId=account
        )
    salesforce = opened(url)
    kept.pull(salesforce, NOW_US, pages=2)  # the job, and its first part
    assert kept.pull(opened(url), NOW_US).refused == 0
    assert len(fake.made("POST", "/jobs/query")) == 1
    lead = kept.lead("email", "l13@x.example")
    assert kept.facts(lead or 0)["last_name"] == 'L13, "x"'
    assert kept.facts(lead or 0)["account.name"] == 'Größe, "Quoted"\nand broken'
    assert len(fake.made("GET", "/results")) == 3
    # A job that is kept there no more is begun again.
    kept.cursor = f'[null, {NOW_US}, "Contact", "job:750999999999999AAA:5", 5]'
    assert kept.pull(opened(url), NOW_US).events == 0
    assert len(fake.made("POST", "/jobs/query")) == 2


def test_a_token_that_ran_out_is_renewed(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    salesforce.test()
    fake.tokens.clear()
    assert salesforce.test().startswith("leadwise@")
    assert len(fake.made("POST", "/oauth2/token")) == 2
    fake.fail(
        401, times=2, path="/userinfo", body=[{"errorCode": "INVALID_SESSION_ID", "message": "no"}]
    )
    with pytest.raises(RemoteError, match="INVALID_SESSION_ID") as lasting:
        salesforce.test()
    assert lasting.value.permanent


def test_passing_and_lasting_refusals(organisation: tuple[FakeSalesforce, str]) -> None:
    fake, url = organisation
    salesforce = opened(url)
    fake.fail(429, headers={"Retry-After": "1"}, path="/query")
    fake.fail(503, path="/query")
    assert salesforce.test().startswith("leadwise@")
    fake.fail(0, times=3, path="/query")
    with pytest.raises(RemoteError, match="could not be reached") as cut:
        list(salesforce.pull(None, NOW_US))
    assert not cut.value.permanent
    fake.limit = fake.used + 1000
    fake.fail(
        403,
        path="/query",
        body=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
    )
    with pytest.raises(RemoteError) as full:
        list(salesforce.pull(None, NOW_US))
    assert (full.value.permanent, full.value.after_s) == (False, 3600.0)
    fake.fail(
        400, path="/query", body=[{"errorCode": "INVALID_FIELD", "message": "No such column"}]
    )
    with pytest.raises(RemoteError, match="INVALID_FIELD") as lasting:
        list(salesforce.pull(None, NOW_US))
    assert lasting.value.permanent


def test_the_rest_of_the_days_calls_is_left_to_others(
    organisation: tuple[FakeSalesforce, str],
) -> None:
    fake, url = organisation
    fake.limit = 40
    salesforce = opened(url, share="70")
    with pytest.raises(RemoteError, match="28 of the 40 calls") as full:
        list(salesforce.pull(None, NOW_US))
    assert (full.value.permanent, full.value.after_s) == (False, 3600.0)
    assert fake.used == 28
