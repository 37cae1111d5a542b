"""What is done on a lead's page: facts, overrides, merges, and what a person may ask for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from leadwise.store.audit import list_audit
from leadwise.store.lead_pages import facts_of_leads
from tests.pages.lead_page import ledger_of, text_of
from tests.pages.site import PagesSite
from tests.web.api_service import CARD, publish

OLD = "      - {id: old, when: days_since(since) > 9, points: 3}\n"
ID = re.compile(r'name="id" value="([0-9a-f]{32})"')


def audited(site: PagesSite, role: str, subject_id: int = 1) -> list[tuple[str, str | None]]:
    """What a member changed of a lead, the latest first."""
    actor = site.members[role].actor
    with site.leads.store.read() as connection:
        rows = list_audit(connection, subject="lead", subject_id=str(subject_id))
    return [(r.action, r.detail) for r in rows if r.actor == actor and r.action != "read"]


def test_an_answer_is_noted_once_and_the_score_follows(site: PagesSite) -> None:
    client = site.client("representative")
    part = client.get("/leads/1/questions").text
    assert "Employees" in part
    assert "+12.5" in part
    given = {"id": ID.search(part)[1], "fact:employees": "250", "fact:title": ""}
    before = ledger_of(client.get("/leads/1").text)[1][0]
    for _ in range(2):  # a double click
        assert client.post("/leads/1/facts", data=given).status_code == 303
    page = client.get("/leads/1").text
    assert ledger_of(page)[1][0] == before + 1_250
    assert "said by pages" in page
    with site.leads.store.read() as connection:
        sql = "SELECT count(*), max(doc) FROM event WHERE source = 'pages'"
        count, doc = connection.exec_driver_sql(sql).one()
    assert count == 1
    assert json.loads(doc)["employees"] == 250
    assert audited(site, "representative")[0] == ("tell", "facts employees")
    site.leads.score()
    stored = site.leads.client("read:leads").get("/api/leads/1").json()
    assert stored["score"]["score"] == (before + 1_250) / 100


def test_an_answer_that_means_nothing_is_kept_to_be_corrected(site: PagesSite) -> None:
    card = CARD.replace("      - id: size", OLD + "      - id: size")
    site.leads.write(lambda c: c.exec_driver_sql("UPDATE card_version SET status = 'retired'"))
    site.leads.write(lambda c: publish(c, card))
    client = site.client("representative")
    for field, text in (
        ("employees", "many"), ("employees", ""), ("employees", "nan"), ("employees", "inf"),
        ("title", "king"), ("since", "some day"),
    ):  # fmt: skip
        answer = client.post("/leads/3/facts", data={f"fact:{field}": text})
        assert answer.status_code == 422, (field, text)
        assert 'class="fault"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    with site.leads.store.read() as connection:
        sql = "SELECT count(*) FROM event WHERE source = 'pages'"
        assert connection.exec_driver_sql(sql).scalar() == 0


@pytest.mark.parametrize(
    ("language", "given", "kept"),
    [("en", "1,200", 1200), ("en", "12,5", 12.5), ("en", "1.200", 1.2), ("es", "1.200", 1200),
     ("es", "1.200,5", 1200.5), ("fi", "1 200", 1200), ("en", "1_0", None), ("en", "1e3", None)],
)  # fmt: skip
def test_a_number_is_read_as_its_language_writes_it(
    site: PagesSite, language: str, given: str, kept: float | None
) -> None:
    client = site.client("representative")
    client.headers["accept-language"] = language
    answer = client.post("/leads/1/facts", data={"fact:employees": given})
    assert answer.status_code == (422 if kept is None else 303)
    with site.leads.store.read() as connection:
        assert facts_of_leads(connection, [1])[1].get("employees") == kept


def test_a_fault_of_a_field_that_is_not_asked_is_said_all_the_same(site: PagesSite) -> None:
    answer = site.client("representative").post("/leads/2/facts", data={"fact:employees": "many"})
    assert answer.status_code == 422
    assert "Employees: Write a number" in text_of(answer.text)


def test_an_override_is_said_shown_and_ended(site: PagesSite) -> None:
    client = site.client("representative")
    given = {"what": "points", "points": "50,5", "reason": "Met at the fair", "until": ""}
    assert client.post("/leads/2/overrides", data=given).status_code == 303
    page = client.get("/leads/2").text
    assert ledger_of(page)[1][0] == 1_950 + 5_050
    assert "Met at the fair" in page
    assert "until somebody ends it" in page
    ends = re.search(r'action="(/leads/2/overrides/\d+/end)"', page)[1]
    assert client.post(ends.replace("/2/", "/1/")).status_code == 404
    assert client.post(ends).status_code == 303
    assert ledger_of(client.get("/leads/2").text)[1][0] == 1_950
    assert client.post(ends).status_code == 404
    assert [action for action, _ in audited(site, "representative", 2)] == [
        "end override", "override"
    ]  # fmt: skip


def test_a_band_is_set_over_a_score(site: PagesSite) -> None:
    client = site.client("representative")
    given = {"what": "band", "band": "hot", "reason": "The boss's brother", "points": "7"}
    assert client.post("/leads/2/overrides", data=given).status_code == 303
    head = text_of(client.get("/leads/2").text.split('class="scored"')[1].split("lead-grid")[0])
    assert "19.5 points Hot" in head
    assert "computed: 19.5 Cold" in head


def test_a_faulty_override_comes_back_as_it_was_typed(site: PagesSite) -> None:
    client = site.client("representative")
    for field, change in (
        ("points", {"points": "much"}), ("points", {"points": "0"}),
        ("points", {"points": "1.234"}), ("reason", {"reason": " "}),
        ("band", {"what": "band", "band": "none"}), ("until", {"until": "2001-01-01T00:00"}),
        ("until", {"until": "soon"}),
    ):  # fmt: skip
        given = {"what": "points", "points": "5", "reason": "Because", "until": ""} | change
        answer = client.post("/leads/1/overrides", data=given)
        assert answer.status_code == 422, change
        assert f'id="{field}-fault"' in answer.text
        assert given["reason"].strip() in answer.text
        assert f'value="{given["points"]}"' in answer.text
    assert audited(site, "representative") == []


def test_an_outcome_is_recorded_from_the_lead_and_comes_back_to_it(site: PagesSite) -> None:
    client = site.client("representative")
    page = client.get("/leads/1").text
    form = page.split('action="/queue/leads/1/outcome"')[1].split("</form>")[0]
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) | {"kind": "called"}
    for _ in range(2):  # a double click
        answer = client.post("/queue/leads/1/outcome", data=given)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/leads/1"
    told = client.get("/leads/1/timeline?kind=outcomes").text
    assert told.count('class="outcome"') == 1
    assert "Called" in told
    for what in ("outcome", "owner", "snooze"):
        assert client.get(f"/queue/leads/1/act?what={what}&back=/leads/1").status_code == 200
    assert "/queue/leads" not in site.client("read_only").get("/leads/1").text


def test_two_leads_are_looked_at_merged_and_taken_apart(site: PagesSite) -> None:
    client = site.client("representative")
    found = client.get("/leads/1/merge?q=BEN").text
    assert '/leads/1/merge?with=2"' in found
    assert "with=1" not in found
    both = text_of(client.get("/leads/1/merge?with=2").text)
    assert "ann@acme.example" in both
    assert "Employees 500" in both
    assert "19.5 points" in both
    assert client.post("/leads/1/merge", data={"other": "2"}).status_code == 303
    merged = client.get("/leads/2")
    assert merged.status_code == 200
    assert "Lead 2 is part of lead 1" in text_of(merged.text)
    page = client.get("/leads/1").text
    undo = re.search(r'action="(/leads/1/merges/\d+/undo)"', page)[1]
    assert undo in merged.text
    assert client.post(undo.replace("/1/", "/3/", 1)).status_code == 404
    assert "is part of" in text_of(client.get("/leads/2").text)  # nothing was undone by that
    assert client.post(undo).status_code == 303
    assert ledger_of(client.get("/leads/2").text)[1][0] == 1_950
    assert [action for action, _ in audited(site, "representative")] == ["undo merge", "merge"]


def test_what_lower_layers_refuse_is_said_in_the_readers_language(site: PagesSite) -> None:
    client = site.client("representative")
    page = client.get("/leads/99").text
    assert "There is no lead 99." in page
    assert "/api/" not in page
    client.headers["accept-language"] = "es"
    assert (
        "no se puede fusionar consigo mismo"
        in client.post("/leads/1/merge", data={"other": "1"}).text
    )
    wrong = {"what": "band", "band": "none", "reason": "x"}
    assert "no tiene esa banda" in client.post("/leads/1/overrides", data=wrong).text


def test_what_cannot_be_merged_is_refused(site: PagesSite) -> None:
    client = site.client("representative")
    for other in ("", "1", "99", "x", "99999999999999999999"):
        answer = client.post("/leads/1/merge", data={"other": other})
        assert 400 <= answer.status_code < 500, other


def test_only_who_may_sees_what_a_person_asked_for(site: PagesSite) -> None:
    for role in ("read_only", "representative", "marketing"):
        client = site.client(role)
        assert "/leads/1/privacy" not in client.get("/leads/1").text
        assert client.get("/leads/1/privacy").status_code == 403
        for what in ("export", "object", "withdraw-objection", "erase"):
            assert client.post(f"/leads/1/{what}").status_code == 403


def test_a_copy_an_objection_and_taking_it_back(site: PagesSite) -> None:
    client = site.client("administrator")
    assert "/leads/1/privacy" in client.get("/leads/1").text
    copy = client.post("/leads/1/export")
    assert copy.headers["content-disposition"] == 'attachment; filename="lead-1.json"'
    assert {"ann", "ann@acme.example"} == {one["value"] for one in copy.json()["identities"]}
    assert client.post("/leads/1/object").status_code == 303
    page = client.get("/leads/1")
    assert "objected to being scored" in page.text
    assert 'class="ledger"' not in page.text
    assert client.get("/leads/1/scores").status_code == 404
    assert client.post("/leads/1/withdraw-objection").status_code == 303
    assert 'class="ledger"' in client.get("/leads/1").text
    assert [action for action, _ in audited(site, "administrator")] == [
        "withdraw objection", "object", "export"
    ]  # fmt: skip


def test_erasure_wants_the_number_typed_and_leaves_a_page_that_says_so(site: PagesSite) -> None:
    client = site.client("administrator")
    refused = client.post("/leads/1/erase", data={"confirmation": "yes"})
    assert refused.status_code == 422
    assert 'value="yes"' in refused.text
    assert client.get("/leads/1").status_code == 200
    assert client.post("/leads/1/erase", data={"confirmation": "1"}).status_code == 303
    for path in ("", "/timeline", "/scores", "/merge", "/privacy", "/questions", "/events/1"):
        gone = client.get(f"/leads/1{path}")
        assert gone.status_code == 410
        assert "Lead 1 was erased" in gone.text
        assert "ann" not in text_of(gone.text)
    assert client.post("/leads/1/facts", data={"fact:employees": "5"}).status_code == 410
    assert "ann" not in text_of(client.get("/leads").text.split("<main")[1])


def test_every_form_of_the_page_works_without_a_script(site: PagesSite) -> None:
    page = site.client("administrator").get("/leads/1").text
    forms: list[Any] = re.findall(r'<form method="post".*?</form>', page, re.S)
    assert forms
    assert all('name="_proof"' in form for form in forms)
    assert "<script>" not in page
    assert " style=" not in page
    assert " onclick=" not in page
