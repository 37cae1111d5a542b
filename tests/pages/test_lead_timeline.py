"""The timeline: everything once, the newest first; what is suspected and how it counts again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from leadwise.live.overrides import add_override, end_override
from leadwise.store.outcomes import add_outcome
from leadwise.store.timeline import RANKS, timeline
from tests.pages.lead_page import ledger_of, text_of
from tests.pages.site import PagesSite
from tests.web.api_service import NOW_US, message

ENTRY = re.compile(r'<li id="([a-z-]+-\d+)" class="([a-z]+)">')
NEXT = re.compile(r'class="button" href="([^"]+)"')


def busy(site: PagesSite) -> None:
    """Ann with sixty events, many of one instant, outcomes, overrides and a merge."""
    says = [message("page", "ann", 100 + n, ago=n // 7, event="page_viewed") for n in range(60)]
    site.leads.say(*says)

    def more(connection: Any) -> None:
        for number in range(5):
            add_outcome(
                connection, 1, "sales_accepted", at_us=NOW_US - 86_400_000_000, now_us=NOW_US,
                source="test", message_id=str(number), actor="member:2",
            )  # fmt: skip
            made = add_override(
                connection, None, 1, band=None, points=100, reason="A reason", until_us=None,
                actor="member:2", now_us=NOW_US - 86_400_000_000,
            )  # fmt: skip
            end_override(connection, made.id, "member:3", NOW_US - 86_400_000_000)

    site.leads.write(more)
    client, me = site.client("representative"), str(site.members["representative"].id)
    for member, was in ((me, ""), ("", me)):
        client.post("/queue/leads/1/owner", data={"member": member, "was": was})
    site.leads.client("write:leads").post("/api/leads/1/merges", json={"other_id": 3})


def test_every_entry_stands_once_in_order_page_by_page(site: PagesSite) -> None:
    busy(site)
    with site.leads.store.read() as connection:
        everything = timeline(connection, 1, limit=1_000)
    expected = [f"{item.kind.replace(' ', '-')}-{item.id}" for item in everything]
    assert {item.kind for item in everything} == set(RANKS) - {"undo"}
    times = [item.at_us for item in everything]
    assert times == sorted(times, reverse=True)
    client = site.client("read_only")
    address, seen, pages = "/leads/1/timeline", [], 0
    while address:
        page = client.get(address).text
        seen += [anchor for anchor, _ in ENTRY.findall(page)]
        following = NEXT.search(page)
        address = following[1].replace("&amp;", "&") if following else ""
        pages += 1
    assert seen == expected
    assert len(seen) > 60
    assert pages == -(-len(seen) // 20)


def test_one_kind_only(site: PagesSite) -> None:
    busy(site)
    client = site.client("read_only")
    for kind, signs in (
        ("events", {"event", "fact"}), ("outcomes", {"outcome"}), ("bands", {"band"}),
        ("people", {"people"}),
    ):  # fmt: skip
        address, seen = f"/leads/1/timeline?kind={kind}", set()
        while address:
            page = client.get(address).text
            seen |= {sign for _, sign in ENTRY.findall(page)}
            following = NEXT.search(page)
            address = following[1].replace("&amp;", "&") if following else ""
        assert seen == signs


def test_an_entry_says_who_and_why(site: PagesSite) -> None:
    busy(site)
    page = text_of(site.client("read_only").get("/leads/1/timeline?kind=people").text)
    assert "Override: +1 points" in page
    assert "by Marketing One: A reason" in page
    assert "Override ended: +1 points" in page
    assert "by Representative One" in page
    assert "Merged with lead 3" in page
    assert "Given to Representative One" in page
    assert "Given back: nobody's lead" in page
    assert "by the API key write:leads" in page
    bands = text_of(site.client("read_only").get("/leads/1/timeline?kind=bands").text)
    assert "First score: Hot" in bands


def crawled(site: PagesSite) -> str:
    """A demo of Ben's that a crawler asked for; the address of its page."""
    made = message("track", "ben", 50, ago=0.5, event="Demo Requested")
    site.leads.say(replace(made, context={"user_agent": "Googlebot/2.1 (+http://x.example)"}))
    page = site.client("read_only").get("/leads/2/timeline?kind=events").text
    return re.search(r'href="(/leads/2/events/\d+)"', page)[1]


def test_a_suspected_event_counts_once_a_person_says_so(site: PagesSite) -> None:
    address = crawled(site)
    client = site.client("representative")
    assert "does not count" in client.get("/leads/2").text
    assert ledger_of(client.get("/leads/2").text)[1][0] == 1_950
    assert "known crawler" in client.get(address).text
    answer = client.post(f"{address}/clear", data={"why": "I spoke with him"})
    assert answer.status_code == 303
    assert ledger_of(client.get("/leads/2").text)[1][0] > 1_950 + 3_900
    page = text_of(client.get(address).text)
    assert "counted since" in page
    assert "by Representative One: I spoke with him" in page


def test_who_may_only_read_cannot_count_it(site: PagesSite) -> None:
    address = crawled(site)
    client = site.client("read_only")
    assert "Count it" not in client.get(address).text
    assert client.post(f"{address}/clear").status_code == 403


def test_an_event_is_cleared_for_its_own_lead_only(site: PagesSite) -> None:
    address = crawled(site).replace("/leads/2/", "/leads/1/")
    assert site.client("representative").post(f"{address}/clear").status_code == 404


def test_a_cursor_that_is_none_is_refused(site: PagesSite) -> None:
    assert site.client("read_only").get("/leads/1/timeline?after=nonsense").status_code == 400
