"""Writing cards: drafts, the editor, checks, suggestions, two who write at once."""

from __future__ import annotations

import html
import re

import pytest

from leadwise.card import format_text, parse
from leadwise.store.cards import add_version
from leadwise.store.drafts import get_draft, list_drafts
from leadwise.web.pages.studio.ready import READY
from tests.pages.site import PagesSite
from tests.web.api_service import CARD


def begin(site: PagesSite, **values: str) -> str:
    """The address of a new draft of the marketer's."""
    answer = site.client("marketing").post("/studio/drafts", data=values)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def saved(site: PagesSite, address: str) -> str:
    with site.leads.store.read() as connection:
        return get_draft(connection, int(address.split("/")[3])).text


def test_the_studio_shows_what_counts_and_what_one_can_start_from(site: PagesSite) -> None:
    page = site.client("marketing").get("/studio").text
    assert "interest" in page
    assert "You have no draft" in page
    assert all(f'value="{name}"' in page for name in READY)
    reader = site.client("read_only").get("/studio").text
    assert "Start a card" not in reader
    begin(site, ready="bant")
    assert (
        "BANT" in site.client("administrator").get("/studio").text.split("Drafts of others</h3>")[1]
    )


def test_a_draft_of_the_live_card_has_the_next_version(site: PagesSite) -> None:
    address = begin(site, version="1")
    assert "version: 2" in saved(site, address)
    assert parse(saved(site, address)).card is not None
    page = site.client("marketing").get(address)
    assert page.status_code == 200
    shown = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    assert shown is not None
    assert html.unescape(shown[1]) == saved(site, address)
    assert f'href="{address}/try"' in page.text
    assert f'href="{address}/publish"' in page.text


def test_there_is_no_draft_of_a_version_that_is_not_there(site: PagesSite) -> None:
    for number in ("7", "9" * 30):
        answer = site.client("marketing").post("/studio/drafts", data={"version": number})
        assert answer.status_code == 404, number


def test_saving_and_going_on(site: PagesSite) -> None:
    address, client = begin(site, empty="1"), site.client("marketing")
    text = saved(site, address).replace("points: 20", "points:   21")
    windows = text.replace("\n", "\r\n")
    for then, place in (("", ""), ("forms", "/forms"), ("try", "/try"), ("publish", "/publish")):
        values = {"text": windows, "revision": "1", "then": then}
        answer = client.post(f"{address}/save", data=values)
        assert (answer.status_code, answer.headers["location"]) == (303, address + place)
    assert saved(site, address) == text
    answer = client.post(f"{address}/save", data={"text": text, "revision": "2", "then": "format"})
    assert answer.status_code == 303
    assert saved(site, address) == format_text(text)
    broken = client.post(
        f"{address}/save", data={"text": "a: [", "revision": "3", "then": "format"}
    )
    assert broken.status_code == 422
    assert "a: [" in broken.text
    assert saved(site, address) == format_text(text)


def test_two_who_write_one_draft_are_told_and_see_both_texts(site: PagesSite) -> None:
    address = begin(site, empty="1")
    first, second = site.client("marketing"), site.client("administrator")
    text = saved(site, address)
    mine, theirs = text.replace("20", "21"), text.replace("20", "22")
    assert second.post(f"{address}/save", data={"text": theirs, "revision": "1"}).is_redirect
    told = first.post(f"{address}/save", data={"text": mine, "revision": "1"})
    assert told.status_code == 409
    assert "Somebody else has saved another text" in told.text
    assert "points: 21" in told.text
    assert "points: 22" in told.text
    assert saved(site, address) == theirs
    revision = re.search(r'id="revision" value="(\d+)"', told.text)
    assert revision is not None
    assert first.post(f"{address}/save", data={"text": mine, "revision": revision[1]}).is_redirect
    assert saved(site, address) == mine
    part = second.post(f"{address}/save", data={"text": "x", "revision": "2"},
                       headers={"HX-Request": "true"})  # fmt: skip
    assert part.status_code == 409
    assert 'data-conflict="3"' in part.text
    assert "<html" not in part.text


def test_all_problems_are_shown_each_with_its_line(site: PagesSite) -> None:
    client = site.client("marketing")
    text = CARD.replace("title = 'boss'", "titel = 'boss'").replace("from: 60", "from: 10")
    part = client.post("/studio/check", data={"text": text}, headers={"HX-Request": "true"}).text
    lines = [int(each) for each in re.findall(r'data-line="(\d+)"', part)]
    assert lines == [p.where.line for p in parse(text).problems]
    assert len(lines) > 1
    assert "2 warnings" in client.post("/studio/check", data={"text": CARD}).text


def test_what_was_seen_is_suggested(site: PagesSite) -> None:
    client = site.client("marketing")
    text = "card: x\nevents:\n  "
    found = client.post("/studio/complete", data={"text": text, "cursor": str(len(text))}).json()
    assert found["start"] == len(text)
    told = {each["text"]: each["detail"] for each in found["offers"]}
    assert told == {
        "page_viewed: {}": "seen 3 times lately",
        "demo_requested: {}": "seen 1 time lately",
    }
    text = "card: x\nfields: {title: text, email: text}\ndimensions:\n- id: a\n  criteria:\n"
    text += "  - {id: b, when: title = "
    found = client.post("/studio/complete", data={"text": text, "cursor": str(len(text))}).json()
    assert {each["text"] for each in found["offers"]} == {"'boss'", "'clerk'"}
    text = text.replace("when: title", "when: email")  # values that tell who somebody is are not
    found = client.post("/studio/complete", data={"text": text, "cursor": str(len(text))}).json()
    assert found["offers"] == []


def test_drafts_are_renamed_and_thrown_away(site: PagesSite) -> None:
    address, client = begin(site, ready="icp-70"), site.client("marketing")
    assert client.post(f"{address}/rename", data={"name": "Autumn"}).is_redirect
    assert "Autumn" in client.get("/studio").text
    assert client.post(f"{address}/drop").headers["location"] == "/studio"
    with site.leads.store.read() as connection:
        assert list_drafts(connection) == []
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("role", ["read_only", "representative"])
def test_who_may_not_write_cards_reads_them(site: PagesSite, role: str) -> None:
    address, client = begin(site, ready="bant"), site.client(role)
    page = client.get(address)
    assert page.status_code == 200
    assert "readonly" in page.text
    assert "Throw this draft away" not in page.text
    assert 'value="remove"' not in client.get(f"{address}/forms").text
    assert client.post(f"{address}/save", data={"text": "x", "revision": "1"}).status_code == 403


@pytest.mark.parametrize("name", READY)
def test_every_ready_card_has_its_pages(site: PagesSite, name: str) -> None:
    address, client = begin(site, ready=name), site.client("marketing")
    for page in ("", "/forms"):
        found = client.get(address + page)
        assert found.status_code == 200
        assert "No problems" in found.text


def test_a_card_from_another_system_gets_our_line_breaks(site: PagesSite) -> None:
    """Else what forms write into it has other ones than what is around it."""
    text = "\ufeff" + CARD.replace("\n", "\r\n") + "# another\r\n"
    now_us = site.leads.now[0]
    version = site.leads.write(
        lambda c: add_version(c, text, subject="lead", by="key:crm", now_us=now_us)
    )
    address = begin(site, version=str(version.id))
    draft = saved(site, address)
    assert draft.startswith(CARD[:5])
    assert "\r" not in draft
    assert "version: 2\n" in draft
