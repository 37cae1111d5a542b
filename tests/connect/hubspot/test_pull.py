"""What a pull from HubSpot brings."""

from __future__ import annotations

import pytest

from leadwise.connect.model import Page
from leadwise.errors import RemoteError
from leadwise.ingest.messages import Message
from tests.connect.hubspot.accounts import (
    HOUR_MS,
    NOW_MS,
    NOW_US,
    connected,
    fake_hubspot,
    pulled,
)


def messages(pages: list[Page], type_: str = "") -> list[Message]:
    return [m for page in pages for m in page.messages if type_ in ("", m.type)]


def test_people_come_with_what_is_known_of_them() -> None:
    fake = fake_hubspot()
    owner = fake.owner("sam@seller.example", "Sam")
    gone = fake.owner("old@seller.example", archived=True)
    ana = fake.add("contacts", {
        "email": "Ana@Acme.example", "firstname": "Ana", "jobtitle": "CFO", "numemployees": "250",
        "hubspot_owner_id": owner, "leadwise_score": "3",
    }, NOW_MS - HOUR_MS)  # fmt: skip
    bob = fake.add("contacts", {"email": "bob@acme.example", "hubspot_owner_id": gone})
    with connected(fake) as hubspot:
        first, second = messages(pulled(hubspot), "identify")
    assert (first.crm_id, first.email) == (f"crm:contact:{ana}", "Ana@Acme.example")
    assert first.at_us == (NOW_MS - HOUR_MS) * 1000
    known = {k: v for k, v in first.document.items() if "#" not in k}
    assert known == {
        "first_name": "Ana", "title": "CFO", "employees": "250", "crm_owner": "sam@seller.example",
    }  # fmt: skip
    assert second.crm_id == f"crm:contact:{bob}"
    assert second.document["crm_owner"] == "old@seller.example"


def test_what_was_never_said_takes_nothing_away_but_what_was_taken_out_does() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example", "city": "Vigo"})
    fake.edit("contacts", ana, {"city": ""})
    with connected(fake) as hubspot:
        (told,) = messages(pulled(hubspot), "identify")
    assert dict(told.document) == {"city": None}


def test_the_teams_mapping_and_what_the_card_wants() -> None:
    fake = fake_hubspot()
    for name in ("plan", "budget"):
        fake.definitions["contacts"][name] = dict(fake.definitions["contacts"]["email"], name=name)
    fake.add("contacts", {"email": "a@b.example", "jobtitle": "CTO", "plan": "pro", "budget": "9",
                          "city": "Vigo"})  # fmt: skip
    with connected(fake, mapping={"jobtitle": "role", "city": ""}, wanted=("plan", "role")) as hub:
        (told,) = messages(pulled(hub), "identify")
    assert (told.document["role"], told.document["plan"]) == ("CTO", "pro")
    assert not {"title", "city", "jobtitle", "budget"} & set(told.document)


def test_companies_are_told_by_their_people() -> None:
    fake = fake_hubspot()
    acme = fake.add("companies", {"name": "Acme", "domain": "acme.example", "industry": "RETAIL"})
    fake.add("companies", {"name": "Nobody's"})
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    fake.link("contacts", ana, "companies", acme)
    with connected(fake) as hubspot:
        pages = pulled(hubspot)
        groups = messages(pages, "group")
        assert {(g.crm_id, g.group_id) for g in groups} == {
            (f"crm:contact:{ana}", f"crm:company:{acme}")
        }
        assert groups[0].document["domain"] == "acme.example"
        assert len({g.message_id for g in groups}) == 1  # told twice, recorded once
        fake.edit("companies", acme, {"industry": "BANKING"}, NOW_MS + HOUR_MS)
        later = messages(pulled(hubspot, pages[-1].cursor, NOW_US + 2 * HOUR_MS * 1000), "group")
    assert later[-1].document["industry"] == "BANKING"
    assert later[-1].message_id != groups[0].message_id


def test_deals_become_outcomes_with_their_value_once() -> None:
    fake = fake_hubspot()
    ana, bob = (fake.add("contacts", {"email": f"{n}@acme.example"}) for n in ("ana", "bob"))
    won = fake.add("deals", {
        "amount": "1200.505", "deal_currency_code": "EUR", "hs_is_closed": "true",
        "hs_is_closed_won": "true", "closedate": "2026-12-01T10:00:00Z",
    })  # fmt: skip
    lost = fake.add("deals", {"amount": "50", "hs_is_closed": "true", "hs_is_closed_won": "false",
                              "closed_lost_reason": "No budget"})  # fmt: skip
    open_ = fake.add("deals", {"amount": "70", "hs_is_closed": "false"}, NOW_MS - HOUR_MS)
    for deal, contact in ((won, ana), (won, bob), (lost, bob), (open_, ana)):
        fake.link("deals", deal, "contacts", contact)
    with connected(fake) as hubspot:
        became = [b for page in pulled(hubspot) for b in page.became]
    told = {(b.message_id, b.name[1], b.kind, b.value, b.currency) for b in became}
    assert told == {
        (f"deal-{won}-won-{ana}", f"crm:contact:{ana}", "won", 120051, "EUR"),
        (f"deal-{won}-won-{bob}", f"crm:contact:{bob}", "won", None, None),
        (f"deal-{lost}-lost-{bob}", f"crm:contact:{bob}", "lost", None, None),
        (f"deal-{open_}-opportunity-{ana}", f"crm:contact:{ana}", "opportunity", None, None),
    }
    assert {b.reason for b in became if b.kind == "lost"} == {"No budget"}
    assert {b.at_us for b in became if b.kind == "won"} == {1_796_119_200_000_000}
    assert {b.at_us for b in became if b.kind == "opportunity"} == {NOW_US - HOUR_MS * 1000}


def test_what_happened_becomes_events() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    at = {"hs_timestamp": "2026-12-01T10:00:00Z"}
    for kind, values in (
        ("calls", {"hs_call_duration": "61000", "hs_call_direction": "OUTBOUND"}),
        ("calls", {"hs_call_status": "QUEUED"}),
        ("meetings", {"hs_meeting_outcome": "NO_SHOW"}),
        ("notes", {"hs_note_body": "Never pulled"}),
        ("tasks", {"hs_task_status": "NOT_STARTED"}),
        ("tasks", {"hs_task_status": "COMPLETED", "hs_task_subject": "Call"}),
        ("emails", {"hs_email_direction": "INCOMING_EMAIL"}),
        ("emails", {"hs_email_direction": "EMAIL"}),
    ):
        fake.link(kind, fake.add(kind, at | values), "contacts", ana)
    fake.add("notes", at)  # nobody's
    with connected(fake) as hubspot:
        tracks = messages(pulled(hubspot), "track")
    assert sorted(t.event for t in tracks) == [
        "crm_call", "crm_email_received", "crm_email_sent", "crm_meeting_missed", "crm_note",
        "crm_task_done",
    ]  # fmt: skip
    call = next(t for t in tracks if t.event == "crm_call")
    assert (call.document["duration"], call.document["direction"]) == ("61", "OUTBOUND")
    assert call.at_us == 1_796_119_200_000_000
    assert "Never pulled" not in str(tracks)


def test_a_pull_goes_on_where_it_was_interrupted_and_takes_only_what_changed() -> None:
    fake = fake_hubspot()
    ids = [fake.add("contacts", {"email": f"p{n}@acme.example"}, NOW_MS - HOUR_MS)
           for n in range(230)]  # fmt: skip
    with connected(fake) as hubspot:
        pulling = hubspot.pull(None, NOW_US)
        first = next(pulling)
        pulling.close()
        assert (first.done, first.total) == (100, 230)
        rest = pulled(hubspot, first.cursor, NOW_US + 5)
        seen = [m.crm_id for page in (first, *rest) for m in page.messages]
        assert seen == [f"crm:contact:{id_}" for id_ in ids]  # each once, the oldest first
        fake.edit("contacts", ids[7], {"city": "Vigo"}, NOW_MS + HOUR_MS)
        later = pulled(hubspot, rest[-1].cursor, NOW_US + 2 * HOUR_MS * 1000)
        assert [m.crm_id for m in messages(later)] == [f"crm:contact:{ids[7]}"]


def test_no_search_ever_pages_towards_the_ceiling() -> None:
    fake = fake_hubspot()
    for n in range(201):
        fake.add("contacts", {"email": f"p{n}@acme.example"}, NOW_MS - HOUR_MS)
    with connected(fake) as hubspot:
        pulled(hubspot)
    assert {call.json["after"] for call in fake.made("POST", "/search")} == {0}


def test_a_record_that_cannot_be_read_is_told_and_holds_up_no_other() -> None:
    fake = fake_hubspot()
    bad = fake.add("contacts", {"email": "bad@acme.example"})
    fake.add("contacts", {"email": "good@acme.example"})
    plain = fake.handle

    def handle(method, path, headers, query, body):
        status, more, said = plain(method, path, headers, query, body)
        for row in said.get("results", ()) if path.endswith("contacts/search") else ():
            if row["id"] == bad:
                row["properties"] = None
        return status, more, said

    with connected(fake) as hubspot:
        fake.handle = handle
        pages = pulled(hubspot)
        fake.handle = plain
    assert [m.email for m in messages(pages)] == ["good@acme.example"]
    (refused,) = [r for page in pages for r in page.refusals]
    assert (refused.code, bad in refused.body) == ("record-shape", True)


def test_a_missing_right_for_engagements_leaves_the_rest_and_is_told_by_the_test() -> None:
    fake = fake_hubspot()
    fake.add("contacts", {"email": "ana@acme.example"})
    fake.forbidden = {"emails"}
    with connected(fake) as hubspot:
        assert len(messages(pulled(hubspot))) == 1
        assert hubspot.test().endswith("without the right to read emails")
        fake.forbidden = {"contacts"}
        with pytest.raises(RemoteError, match=r"crm\.objects\.contacts\.read") as refused:
            hubspot.test()
        assert refused.value.permanent
        with pytest.raises(RemoteError, match=r"all required scopes.* It wants: crm.objects"):
            pulled(hubspot)


def test_limits_of_rate_are_obeyed() -> None:
    fake = fake_hubspot()
    fake.add("contacts", {"email": "ana@acme.example"})
    waits: list[float] = []
    with connected(fake) as hubspot:
        hubspot.client.http.sleep = waits.append
        fake.remaining = 0
        assert list(hubspot.client.owners()) == []
        assert waits == [10.0, 10.0]  # the headers' interval, after each of the two pages
        fake.remaining = None
        fake.fail(429, headers={"Retry-After": "3"}, body={"message": "TEN_SECONDLY_ROLLING"})
        waits.clear()
        assert len(messages(pulled(hubspot))) == 1
        assert waits == [3.0]
        fake.fail(429, 1, headers={"Retry-After": "3600"}, body={"message": "daily limit"})
        with pytest.raises(RemoteError, match="daily limit") as refused:
            pulled(hubspot)
        assert (refused.value.permanent, refused.value.after_s) == (False, 3600.0)


def test_a_wrong_token_is_told_without_the_token() -> None:
    fake = fake_hubspot()
    with connected(fake) as hubspot:
        fake.token = "another"
        with pytest.raises(RemoteError) as refused:
            hubspot.test()
    assert refused.value.permanent
    assert "pat-test" not in str(refused.value) + repr(hubspot) + repr(hubspot.client.http)
