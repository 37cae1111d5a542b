"""The queue: its order, what a row says, its buttons, filters and views."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from leadwise.card import parse
from leadwise.ingest.merging import merge_leads
from leadwise.live.overrides import add_override
from leadwise.store.members import change_member
from leadwise.store.schema import (
    audit,
    lead_owner,
    outcome,
    score_history,
    snooze,
)
from leadwise.store.sessions import end_session
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import CARD, DAY_US, NOW_US, message

MINUTE_US = 60_000_000
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
ANN, BEN, CY = 1, 2, 3
TOKEN = "a" * 32


def order(text: str) -> list[int]:
    """The leads of a page in their order."""
    return [int(number) for number in re.findall(r'data-lead="(\d+)"', text)]


def row_of(text: str, lead_id: int) -> str:
    """The text of one row, without its tags."""
    found = re.search(rf'<li class="[^"]*" id="lead-{lead_id}".*?</li>\n', text, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found[0].replace("<li", "\n<li")))


def press(
    client: TestClient, lead_id: int, kind: str, *, headers: dict[str, str] | None = None,
    **fields: str,
) -> Any:  # fmt: skip
    data = {"kind": kind, "token": TOKEN, "seen": str(NOW_US), "back": "/queue?owner=all"} | fields
    address = f"/queue/leads/{lead_id}/outcome"
    return client.post(address, data=data, headers=headers if headers is not None else HTMX)


def rows(site: PagesSite, table: Any) -> list[Any]:
    return site.leads.write(lambda c: list(c.execute(select(table))))


def test_order_and_what_a_row_says(site: PagesSite) -> None:
    page = site.client("representative").get("/queue")
    assert page.status_code == 200
    assert order(page.text) == [ANN, BEN, CY]
    ann = row_of(page.text, ANN)
    for said in ("ann@acme.example", "acme.example", "68.19", "Hot", "+38.19 Demo", "+30 Title",
                 "Employees", "(up to +12.5)", "60 mins left", "no contact yet",
                 "nobody's lead"):  # fmt: skip
        assert said in ann, said
    assert 'class="badge level-1"' in page.text
    assert "no time promised" not in row_of(page.text, CY)
    (entry,) = [e for e in rows(site, audit) if e.action == "list" and "queue" in e.detail]
    assert (entry.actor, entry.detail) == (site.members["representative"].actor, "queue, 3 leads")


def test_who_had_an_answer_stands_below_who_waits(site: PagesSite) -> None:
    site.leads.say(
        message("identify", "dan", 1, ago=20, values={"title": "boss"}),
        message("track", "dan", 2, ago=0.5, event="Demo Requested"),
    )
    client = site.client("representative")
    dan = 4
    assert order(client.get("/queue?band=hot").text) == [dan, ANN]
    assert press(client, dan, "called").status_code == 200
    page = client.get("/queue?band=hot").text
    assert order(page) == [ANN, dan]
    assert "Called, just now , you" in row_of(page, dan)
    assert "answered" in row_of(page, dan)
    assert order(client.get("/queue?answer=waiting&band=hot").text) == [ANN]
    assert order(client.get("/queue?answer=answered").text) == [dan]


def test_the_clock_runs_out(site: PagesSite) -> None:
    client = site.client("representative")
    site.leads.now[0] += 61 * MINUTE_US
    assert order(client.get("/queue?answer=over").text) == [ANN]
    assert "1 min over" in row_of(client.get("/queue").text, ANN)
    site.leads.now[0] += 150 * MINUTE_US
    assert "2 hrs over" in row_of(client.get("/queue").text, ANN)


def test_the_trend_knows_what_was_said_before_the_month(site: PagesSite) -> None:
    client, history = site.client("representative"), score_history.c
    assert "first scored" in row_of(client.get("/queue").text, ANN)

    def older(connection: Any) -> None:
        (last,) = connection.execute(select(score_history).where(history.lead_id == ANN))
        values = {**last._mapping, "as_of_us": NOW_US - 40 * DAY_US, "shown_score": 1000}
        connection.execute(score_history.insert().values({**values, "id": 99}))

    site.leads.write(older)
    assert "up 58.19 in a week" in row_of(client.get("/queue").text, ANN)


def test_an_outcome_is_one_however_often_its_button_is_pressed(site: PagesSite) -> None:
    client = site.client("representative")
    first, second = press(client, ANN, "called"), press(client, ANN, "called")
    assert (first.status_code, second.status_code) == (200, 200)
    (row,) = rows(site, outcome)
    who = site.members["representative"].actor
    assert (row.lead_id, row.kind, row.source, row.actor) == (ANN, "called", "queue", who)
    assert [e.detail for e in rows(site, audit) if e.action == "outcome"] == ["called"]
    assert "Recorded: Called." in first.text


def test_undo_for_a_minute_by_whoever_recorded_it(site: PagesSite) -> None:
    client = site.client("representative")
    assert "/undo" in press(client, ANN, "no_answer").text
    (row,) = rows(site, outcome)
    other = site.client("marketing").post(f"/queue/outcomes/{row.id}/undo", headers=HTMX)
    assert other.status_code == 409
    assert client.post(f"/queue/outcomes/{row.id}/undo", headers=HTMX).status_code == 200
    assert rows(site, outcome) == []
    assert [(e.subject, e.subject_id, e.detail) for e in rows(site, audit)
            if e.action == "undo outcome"] == [("lead", str(ANN), "no_answer")]  # fmt: skip
    press(client, ANN, "called")
    (row,) = rows(site, outcome)
    site.leads.now[0] += 61_000_000
    assert client.post(f"/queue/outcomes/{row.id}/undo", headers=HTMX).status_code == 409
    assert "/undo" not in client.get("/queue").text
    assert client.post("/queue/outcomes/99/undo", headers=HTMX).status_code == 404


def test_two_who_call_the_same_lead(site: PagesSite) -> None:
    one, two = site.client("representative"), site.client("administrator")
    press(one, ANN, "called")
    site.leads.now[0] += 2 * MINUTE_US
    told = press(two, ANN, "called", token="b" * 32)
    assert "Representative One was quicker: Called, 2 minutes ago." in told.text
    assert len(rows(site, outcome)) == 1
    # Without htmx it is a page of its own, with the same question.
    page = press(two, ANN, "called", token="b" * 32, headers={})
    assert page.status_code == 409
    assert "Representative One was quicker" in page.text
    again = press(two, ANN, "called", token="b" * 32, again="1")
    assert "was quicker" not in again.text
    assert len(rows(site, outcome)) == 2
    # Who saw the row after the call knows it.
    assert press(site.client("marketing"), ANN, "called", token="c" * 32,
                 seen=str(site.leads.now[0] + 1)).status_code == 200  # fmt: skip
    assert len(rows(site, outcome)) == 3


def test_won_has_a_value_and_lost_a_reason(site: PagesSite) -> None:
    client = site.client("representative")
    wrong = press(client, ANN, "won", value="much", currency="euro")
    assert wrong.status_code == 422
    assert wrong.headers["hx-retarget"] == "#panel-content"
    assert 'value="much"' in wrong.text
    assert wrong.text.count('aria-invalid="true"') == 2
    assert press(client, ANN, "lost").status_code == 422
    assert press(client, ANN, "lost", reason="other").status_code == 422
    plain = press(client, ANN, "sales_rejected", reason="hacked", headers={})
    assert plain.status_code == 422
    assert "Choose a reason." in plain.text
    assert press(client, ANN, "mql").status_code == 400
    assert rows(site, outcome) == []
    done = press(client, ANN, "won", value="1 200,5", currency="eur", headers={})
    assert done.headers["location"] == f"/queue?owner=all#lead-{ANN}"
    press(client, BEN, "lost", reason="no budget", text="next year")
    won, lost = rows(site, outcome)
    assert (won.kind, won.value, won.currency) == ("won", 120050, "EUR")
    assert (lost.kind, lost.reason) == ("lost", "no budget: next year")


def test_who_is_won_lost_or_rejected_leaves_until_the_band_changes(site: PagesSite) -> None:
    client = site.client("representative")
    press(client, BEN, "sales_rejected", reason="no need")
    assert order(client.get("/queue").text) == [ANN, CY]
    site.leads.now[0] += MINUTE_US
    site.leads.say(message("track", "ben", 9, ago=0, event="Demo Requested"))
    assert order(client.get("/queue").text) == [ANN, BEN, CY]


def test_snoozed_leads_come_back_by_themselves(site: PagesSite) -> None:
    client = site.client("representative")

    def snoozed(lead_id: int, **fields: str) -> Any:
        return client.post(f"/queue/leads/{lead_id}/snooze", data=fields, headers=HTMX)

    assert "is out of your queue until" in snoozed(ANN, until="hour").text
    snoozed(BEN, until="tomorrow")
    snoozed(CY, until="week")
    untils = [row.until_us - NOW_US for row in rows(site, snooze)]  # of a Friday, 08:00 UTC
    assert untils == [60 * MINUTE_US, DAY_US, 3 * DAY_US]
    assert order(client.get("/queue").text) == []
    assert order(site.client("marketing").get("/queue").text) == [ANN, BEN, CY]
    listed = client.get("/queue/snoozed").text
    assert listed.index("ann@acme.example") < listed.index("ben") < listed.index("cy")
    site.leads.now[0] += 60 * MINUTE_US
    assert order(client.get("/queue").text) == [ANN]
    client.post(f"/queue/leads/{CY}/wake", data={"back": "/queue/snoozed"})
    assert order(client.get("/queue").text) == [ANN, CY]
    for day in ("", "2027-01-01", "2029-01-01", "soon"):
        assert snoozed(ANN, until="date", date=day).status_code == 422
    assert snoozed(ANN, until="date", date="2027-01-20").status_code == 200
    assert snoozed(99, until="hour").status_code == 404


def test_leads_are_taken_given_and_given_back(site: PagesSite) -> None:
    client, me = site.client("representative"), site.members["representative"].id
    other = site.members["marketing"].id

    def give(member: str, was: str, lead_id: int = ANN) -> Any:
        data = {"member": member, "was": was}
        return client.post(f"/queue/leads/{lead_id}/owner", data=data, headers=HTMX)

    assert "your lead" in give(str(me), "").text
    assert order(client.get("/queue?owner=mine").text) == [ANN]
    assert order(client.get("/queue?owner=free").text) == [BEN, CY]
    assert "Marketing One's lead" in give(str(other), str(me)).text
    assert order(client.get("/queue").text) == [BEN, CY]
    assert order(client.get("/queue?owner=all").text) == [ANN, BEN, CY]
    assert order(client.get(f"/queue?owner={other}").text) == [ANN]
    taken = give(str(me), "")
    assert taken.status_code == 409
    assert "Marketing One" in taken.text
    assert give("", str(other)).status_code == 200
    assert rows(site, lead_owner) == []
    assert give(str(site.members["read_only"].id), "").status_code == 403
    said = [e.detail for e in rows(site, audit) if e.action == "owner"]
    assert said == [f"member:{me}", f"member:{other}", "nobody"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ann", [ANN]),
        ("q=ACME", [ANN]),
        ("q=nobody+of+us", []),
        ("company=acme", [ANN]),
        ("company=none", []),
        ("least=10", [ANN, BEN]),
        ("least=much", [ANN, BEN, CY]),
        ("band=cold", [BEN, CY]),
        ("band=cold&band=hot", [ANN, BEN, CY]),
        ("band=other", []),
        ("q=ann&company=acme&owner=all&band=hot&answer=waiting&visitors=1", [ANN]),
    ],
)
def test_filters(site: PagesSite, query: str, found: list[int]) -> None:
    assert order(site.client("representative").get(f"/queue?{query}").text) == found


def test_visitors_are_hidden_until_asked_for(site: PagesSite) -> None:
    visitor = message("page", "x", 1, event="page_viewed")
    object.__setattr__(visitor, "user_id", None)
    object.__setattr__(visitor, "anonymous_id", "browser-1")
    site.leads.say(visitor)
    client = site.client("representative")
    assert order(client.get("/queue").text) == [ANN, BEN, CY]
    assert order(client.get("/queue?visitors=1").text) == [ANN, BEN, 4, CY]


def test_whom_a_person_put_into_a_band_stands_there(site: PagesSite) -> None:
    site.leads.write(
        lambda c: add_override(c, parse(CARD).card, CY, band="hot", points=None, reason="met her",
                               until_us=None, actor="member:1", now_us=site.leads.now[0])
    )  # fmt: skip
    site.leads.score()
    client = site.client("representative")
    page = client.get("/queue").text
    assert order(page) == [ANN, CY, BEN]
    assert order(client.get("/queue?band=hot").text) == [ANN, CY]
    assert order(client.get("/queue?band=cold").text) == [BEN]
    counts = [re.sub(r"<[^>]*>|\s", "", part) for part in re.findall("band=.*?</a>", page)[:3]]
    assert [count.rsplit(">", 1)[-1] for count in counts] == ["Hot2", "Warm0", "Cold1"]


def test_page_by_page_nobody_is_missed_or_told_twice(site: PagesSite) -> None:
    site.leads.say(
        *(message("identify", f"user{n}", 1, values={"title": "clerk"}) for n in range(120)),
        *(message("page", f"user{n}", 2, event="page_viewed") for n in range(0, 120, 3)),
    )
    client = site.client("representative")
    for lead_id in (10, 20, 30, 44):
        press(client, lead_id, "called", token=f"{lead_id:032x}")
    seen: list[int] = []
    address, pages = "/queue?owner=open", 0
    while address:
        page = client.get(address)
        seen += order(page.text)
        more = re.search(r'<a class="button" href="([^"]*after=[^"]*)"', page.text)
        address, pages = more[1].replace("&amp;", "&") if more else "", pages + 1
    assert pages == 3
    assert sorted(seen) == list(range(1, 124))
    assert set(seen[-4:]) == {10, 20, 30, 44}
    part = client.get("/queue?owner=open&after=0.1.500.60", headers=HTMX)
    assert part.text.lstrip().startswith("<li")
    assert client.get("/queue?after=nowhere").status_code == 200


def test_leads_of_who_has_left_are_found(site: PagesSite) -> None:
    client, left = site.client("representative"), site.members["marketing"]
    client.post(f"/queue/leads/{BEN}/owner", data={"member": str(left.id), "was": ""})
    site.leads.write(lambda c: change_member(c, left.id, disabled_us=NOW_US))
    page = client.get(f"/queue?owner={left.id}")
    assert order(page.text) == [BEN]
    assert f'<option value="{left.id}" selected>Marketing One' in page.text
    assert f'value="{left.id}"' not in client.get(f"/queue/leads/{ANN}/act?what=owner").text


def test_a_page_that_was_left_open_does_not_say_that_it_recorded(site: PagesSite) -> None:
    client = site.client("representative")
    press(client, ANN, "called")
    site.leads.now[0] += 90 * MINUTE_US
    again = press(client, ANN, "called")
    assert "Recorded already, 90 minutes ago: Called. Nothing was added." in again.text
    assert len(rows(site, outcome)) == 1


def test_who_may_only_read_sees_everybody_and_no_buttons(site: PagesSite) -> None:
    client = site.client("read_only")
    page = client.get("/queue").text
    assert order(page) == [ANN, BEN, CY]
    assert "/outcome" not in page
    assert press(client, ANN, "called").status_code == 403


def test_rows_and_what_is_new_for_an_open_page(site: PagesSite) -> None:
    client = site.client("representative")
    part = client.get(f"/queue/rows?ids={CY},{ANN},99,x&back=/queue?owner=mine").text
    assert order(part) == [CY, ANN]
    assert 'name="back" value="/queue?owner=mine"' in part
    assert "elsewhere" not in client.get(f"/queue/rows?ids={CY}&back=//elsewhere.example").text

    def fresh(query: str) -> list[int]:
        found: list[int] = client.get(f"/queue/live/new?{query}").json()["ids"]
        return found

    assert fresh(f"ids={ANN},{BEN},{CY}&owner=all") == [ANN, BEN, CY]
    assert fresh(f"ids={ANN},{BEN}&band=cold") == [BEN]
    assert fresh(f"ids={ANN},{CY}&above=0.1.1950.{BEN}") == [ANN]
    assert fresh(f"ids={BEN}&q=ann") == []
    assert fresh("") == []


def test_without_a_card_the_page_says_what_to_do(tmp_path: Any) -> None:
    with pages_site(tmp_path) as site:
        page = site.client("marketing").get("/queue").text
        assert "no card has been published" in page
        assert "Make a card" in page
        assert "Make a card" not in site.client("representative").get("/queue").text


def test_a_merge_keeps_the_owner(site: PagesSite) -> None:
    client, me = site.client("representative"), site.members["representative"].id
    client.post(f"/queue/leads/{BEN}/owner", data={"member": str(me), "was": ""}, headers=HTMX)
    site.leads.write(lambda c: merge_leads(c, ANN, BEN, "person", "member:1", site.leads.now[0]))
    site.leads.score()
    assert order(client.get("/queue?owner=mine").text) == [ANN]
    assert order(client.get("/queue").text) == [ANN, CY]


def test_a_stream_ends_with_its_session(site: PagesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadwise.web.stream.BEAT_SECONDS", 0.05)
    client = site.client("representative")
    session, _secret = site.signed_in("representative")
    site.leads.write(lambda c: end_session(c, session.id))
    assert client.get("/queue/live").status_code == 303
    del site.sessions["representative"]
    client = site.client("representative")
    session, _secret = site.signed_in("representative")
    ended = threading.Timer(0.5, lambda: site.leads.write(lambda c: end_session(c, session.id)))
    ended.start()
    answer = client.get("/queue/live")  # ends by itself, or this test never does
    ended.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 2000")
