"""Trying, publishing, shadow cards and going back, through the pages, with the real jobs."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from leadwise.live.publish import begin
from leadwise.store.audit import list_audit
from leadwise.store.cards import CardVersion, add_version, get_version, list_versions, live_version
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import card_draft, score
from tests.pages.site import PagesSite
from tests.pages.trials import add_draft, wait_for, working
from tests.web.api_service import CARD, NOW_US

HOTTER = CARD.replace("points: 30}", "points: 60}").replace("version: 1", "version: 2")
COOLER = CARD.replace("points: 40", "points: 5")
USELESS = COOLER.replace(
    "      - id: size", "      - {id: giants, label: Giants, when: employees > 9000, points: 5}\n"
    "      - id: size"
)  # fmt: skip


@pytest.fixture
def worked(site: PagesSite) -> Iterator[PagesSite]:
    with working(site):
        yield site


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    said = re.sub(r"<script[^>]*>.*?</script>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", said))).strip()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def is_over(client: TestClient, progress: str) -> bool:
    """Whether the part that shows progress has its page loaded anew."""
    return client.get(progress, headers={"hx-request": "true"}).headers.get("hx-refresh") == "true"


def live(site: PagesSite) -> CardVersion:
    with site.leads.store.read() as connection:
        found = live_version(connection)
    assert found is not None
    return found


def actions(site: PagesSite, subject: str = "card") -> list[tuple[str, str, str | None]]:
    with site.leads.store.read() as connection:
        return [
            (entry.actor, entry.action, entry.detail)
            for entry in reversed(list_audit(connection, subject=subject))
        ]


def tried(site: PagesSite, client: TestClient, place: str) -> str:
    assert client.post(f"{place}/try").status_code == 303
    wait_for(lambda: is_over(client, f"{place}/try/progress"))
    answer = client.get(f"{place}/try")
    assert answer.status_code == 200
    return answer.text


def test_trying_shows_who_changes_and_why_and_changes_nothing(worked: PagesSite) -> None:
    _draft, place = add_draft(worked, USELESS)
    client = worked.client("marketing")
    before = client.get(f"{place}/try")
    assert "Try it on all leads" in before.text
    assert client.get(f"{place}/try/bands.csv").status_code == 404
    page = tried(worked, client, place)
    said = text_of(client.get(f"{place}/try"))
    # Ann, who asked for a demo two days ago, is not hot any more; nobody else changes.
    assert "In “hot” 1 → 0" in said
    assert "Another score 1 Another band 1 0 up, 1 down" in said
    assert re.search(r"ann@acme.example ▼ hot → warm 69.09 → 34.89 demo −34.2", said)
    assert "Giants" in said
    assert "gives nobody points" in said
    assert "took" in said
    assert "Out of date" not in said
    assert "No outcomes are known yet" in said
    for chart in ("trialBands", "trialDays"):
        assert f'data-chart="{chart}"' in page
    rows = list(csv.DictReader(io.StringIO(client.get(f"{place}/try/criteria.csv").text)))
    counts = {row["criterion"]: (row["leads_live_card"], row["leads_this_card"]) for row in rows}
    assert counts["title"] == ("2", "2")
    assert counts["giants"] == ("", "0")
    bands = list(csv.DictReader(io.StringIO(client.get(f"{place}/try/bands.csv").text)))
    assert sum(int(row["leads"]) for row in bands) == 3
    leads = list(csv.DictReader(io.StringIO(client.get(f"{place}/try/leads.csv").text)))
    assert [(row["lead_id"], row["band_now"], row["band_then"], row["line"]) for row in leads] == [
        ("1", "hot", "warm", "demo")
    ]
    assert len(client.get(f"{place}/try/days.csv").text.splitlines()) == 91
    assert client.get(f"{place}/try/others.csv").status_code == 404
    # The live card's scores are as they were, and no version was made.
    with worked.leads.store.read() as connection:
        assert len(list_versions(connection)) == 1
        versions = connection.scalars(select(score.c.card_version_id).distinct()).all()
    assert versions == [live(worked).id]
    who = worked.members["marketing"].actor
    told = actions(worked, "draft")
    assert [(who, "try", None), (who, "read", "trial: 1 leads")] == told[:2]
    assert (who, "export", "trial: 1 leads") in told
    # Those who only look see the result, and no button.
    reader = worked.client("read_only").get(f"{place}/try")
    assert "ann@acme.example" in reader.text
    assert '<form method="post" action="/studio' not in reader.text


def test_past_outcomes_stand_with_a_warning_where_they_are_few(worked: PagesSite) -> None:
    def work(connection: Any) -> None:
        for lead_id, kind in ((1, "won"), (2, "lost")):
            add_outcome(
                connection, lead_id, kind, at_us=NOW_US, now_us=NOW_US, source="t",
                message_id=f"{lead_id}",
            )  # fmt: skip

    worked.leads.write(work)
    _draft, place = add_draft(worked, HOTTER)
    client = worked.client("marketing")
    tried(worked, client, place)
    said = text_of(client.get(f"{place}/try"))
    assert "Won: 1 of 2" in said
    assert "Few outcomes" in said
    assert "2 a day after their first event" in said
    assert "handed over" not in said
    # The team can call everybody who comes: then the best of them are no question.
    assert "which the team can call" not in said
    assert "100% of the leads" not in said
    rows = list(csv.DictReader(io.StringIO(client.get(f"{place}/try/outcomes.csv").text)))
    assert {(row["goal"], row["card"], row["figure"]) for row in rows} >= {
        ("won", "live", "auc"), ("won", "this", "auc"), ("won", "this", "lift"),
    }  # fmt: skip


def test_past_outcomes_say_how_leads_were_chosen(worked: PagesSite) -> None:
    told = ((1, "mql", 2), (1, "won", 1), (2, "mql", 2), (2, "lost", 1))

    def work(connection: Any) -> None:
        for lead_id, kind, hours in told:
            add_outcome(
                connection, lead_id, kind, at_us=NOW_US - hours * 3_600_000_000, now_us=NOW_US,
                source="t", message_id=f"{lead_id}-{kind}",
            )  # fmt: skip

    worked.leads.write(work)
    _draft, place = add_draft(worked, HOTTER)
    client = worked.client("marketing")
    tried(worked, client, place)
    said = text_of(client.get(f"{place}/try"))
    assert "2 when they were handed over as marketing-qualified leads" in said
    assert "0 a day after" not in said
    assert "any order looks weaker" in said


def test_a_changed_or_broken_draft(worked: PagesSite) -> None:
    draft_id, place = add_draft(worked, HOTTER)
    client = worked.client("marketing")
    tried(worked, client, place)
    rewrite(worked, draft_id, HOTTER.replace("points: 60}", "points: 61}"))
    said = text_of(client.get(f"{place}/try"))
    assert "Out of date" in said
    assert "The text was changed since" in said
    assert "Not tried" in text_of(client.get(f"{place}/publish"))
    rewrite(worked, draft_id, HOTTER.replace("bands:", "bandz:"))
    for page in ("try", "publish"):
        said = text_of(client.get(f"{place}/{page}"))
        assert "The card has errors" in said
        assert "bandz" in said
        assert "Why do you publish it?" not in said
    refused = client.post(f"{place}/publish", data={"why": "x", "revision": "3", "instead_of": "1"})
    assert refused.status_code == 409
    assert client.post(f"{place}/try").status_code == 303  # back to the page with the problems
    for wrong in ("/studio/drafts/99/try", "/studio/drafts/99/publish", "/studio/versions/99/try"):
        assert client.get(wrong).status_code == 404


def rewrite(site: PagesSite, draft_id: int, text: str) -> None:
    site.leads.write(
        lambda c: c.execute(
            update(card_draft)
            .where(card_draft.c.id == draft_id)
            .values(text=text, revision=card_draft.c.revision + 1)
        )
    )


def test_publishing_and_going_back(worked: PagesSite) -> None:
    first = live(worked)
    _draft, place = add_draft(worked, HOTTER)
    client = worked.client("marketing")
    tried(worked, client, place)
    page = client.get(f"{place}/publish")
    said = text_of(page)
    assert "0 of 3 leads get another band" in said
    assert "30" in said
    assert "60" in said
    form = {name: hidden(page.text, name) for name in ("revision", "instead_of")}
    nothing = client.post(f"{place}/publish", data={**form, "why": "  "})
    assert nothing.status_code == 422
    assert 'aria-invalid="true"' in nothing.text
    done = client.post(f"{place}/publish", data={**form, "why": "bosses buy"})
    assert done.status_code == 303
    there = done.headers["location"]
    wait_for(lambda: is_over(client, f"{there}/progress"))
    second = live(worked)
    assert there == f"/studio/versions/{second.id}"
    who = worked.members["marketing"].actor
    assert (second.why, second.published_by, second.text) == ("bosses buy", who, HOTTER)
    said = text_of(client.get(there))
    assert "It is live" in said
    assert "bosses buy" in said
    assert "Marketing One" in said
    # The page of the first version offers to go back to it.
    back = client.get(f"/studio/versions/{first.id}/publish")
    assert "Go back to version" in back.text
    form = {name: hidden(back.text, name) for name in ("revision", "instead_of")}
    done = client.post(f"/studio/versions/{first.id}/publish",
                       data={**form, "why": "too many bosses"})  # fmt: skip
    assert done.headers["location"] == f"/studio/versions/{first.id}"
    wait_for(lambda: live(worked).id == first.id)
    listed = text_of(client.get("/studio/versions"))
    assert "too many bosses" in listed
    assert "retired" in listed
    told = [(actor, action) for actor, action, _ in actions(worked)]
    assert told.count((who, "publish")) == 2
    assert told.count((who, "went live")) == 2
    # What is live already is not published again.
    again = client.get(f"/studio/versions/{first.id}/publish")
    assert "this is the live card already" in again.text


def test_two_publish_at_once(worked: PagesSite) -> None:
    _one, ours = add_draft(worked, HOTTER)
    other_id, theirs = add_draft(worked, CARD.replace("points: 12.5", "points: 13"))
    client, boss = worked.client("marketing"), worked.client("administrator")
    form = {name: hidden(client.get(f"{ours}/publish").text, name)
            for name in ("revision", "instead_of")}  # fmt: skip
    other = {name: hidden(boss.get(f"{theirs}/publish").text, name)
             for name in ("revision", "instead_of")}  # fmt: skip
    there = boss.post(f"{theirs}/publish", data={**other, "why": "size counts"})
    wait_for(lambda: is_over(boss, f"{there.headers['location']}/progress"))
    refused = client.post(f"{ours}/publish", data={**form, "why": "my own reason"})
    assert refused.status_code == 409
    assert "Administrator One published version" in text_of(refused)
    assert "size counts" in refused.text
    assert "my own reason" in refused.text  # what was typed is kept
    # It can be sent again: the form has the new state.
    assert hidden(refused.text, "instead_of") == str(live(worked).id)
    # Somebody writes the draft while it is looked at.
    page = client.get(f"{ours}/publish").text
    rewrite(worked, 1, HOTTER.replace("points: 60}", "points: 62}"))
    form = {name: hidden(page, name) for name in ("revision", "instead_of")}
    refused = client.post(f"{ours}/publish", data={**form, "why": "again"})
    assert refused.status_code == 409
    assert "The draft was changed while you looked at it" in refused.text
    assert other_id == 2


def test_a_shadow_card(worked: PagesSite) -> None:
    _draft, place = add_draft(worked, HOTTER)
    client = worked.client("marketing")
    assert client.get("/studio/versions/1/shadow").status_code == 404
    there = client.post(f"{place}/shadow", data={"on": "1"}).headers["location"]
    wait_for(lambda: is_over(client, f"{there}/shadow/progress"))
    said = text_of(client.get(there))
    assert "Both cards agree on the band of 100.0% of the leads" in said
    whole = client.get(f"{there}/shadow")
    assert "title" in whole.text
    assert 'data-chart="trialBands"' in whole.text
    assert client.get(f"{there}/shadow/bands.csv").text.startswith("band_now")
    # Those who only look see no buttons.
    assert "End running it" not in worked.client("read_only").get(there).text
    assert client.post(f"{there}/shadow/score").status_code == 303
    wait_for(lambda: is_over(client, f"{there}/shadow/progress"))
    ended = client.post(f"{there}/shadow", data={"on": "0"})
    assert ended.status_code == 303
    version_id = int(there.rsplit("/", 1)[1])
    with worked.leads.store.read() as connection:
        assert get_version(connection, version_id).status == "draft"
    assert client.post(f"{there}/shadow/score").status_code == 400
    told = [action for _, action, _ in actions(worked)]
    assert told[-3:] == ["shadow True", "score shadow", "shadow False"]


def test_versions_are_compared(site: PagesSite) -> None:
    site.leads.write(lambda c: add_version(c, HOTTER, subject="lead", by="ana", now_us=NOW_US))
    client = site.client("read_only")
    said = text_of(client.get("/studio/compare?from=1&to=2"))
    assert "What changes from version 1 to version 2" in said
    assert "60" in said
    assert "removed" in said
    assert "added" in said
    assert client.get("/studio/compare").status_code == 200
    for wrong in ("from=1&to=77", "from=x&to=2"):
        assert client.get(f"/studio/compare?{wrong}").status_code == 422
    page = client.get("/studio/versions/2")
    assert "Against" in page.text
    assert "ana" in page.text
    assert client.get("/studio/versions/77").status_code == 404


def test_cancelling_a_publishing_that_was_interrupted(site: PagesSite) -> None:
    version = site.leads.write(
        lambda c: add_version(c, HOTTER, subject="lead", by="ana", now_us=NOW_US)
    )
    site.leads.write(lambda c: begin(c, version.id, NOW_US))
    client = site.client("marketing")
    there = f"/studio/versions/{version.id}"
    assert "Its publishing was interrupted" in client.get(there).text
    assert "is being published" in client.get("/studio/versions/1/publish").text
    # It may go on itself: what was done already is not done again.
    again = client.get(f"{there}/publish")
    assert "is being published" not in again.text
    assert "Why do you publish it?" in again.text
    assert client.post(f"{there}/cancel").status_code == 303
    with site.leads.store.read() as connection:
        assert get_version(connection, version.id).status == "draft"
    assert "member:" in actions(site)[-1][0]
    assert actions(site)[-1][1] == "cancel"


def test_cancelling_what_waits(site: PagesSite) -> None:
    # Nobody works on jobs here: both stay where they were put.
    _draft, place = add_draft(site, HOTTER)
    client = site.client("marketing")
    client.post(f"{place}/try")
    page = client.get(f"{place}/try").text
    assert 'hx-trigger="every 1s"' in page
    assert "Waits for its turn" in client.get(f"{place}/try/progress").text
    client.post(f"{place}/try/cancel")
    assert "The last trial was ended before it was done" in client.get(f"{place}/try").text
    form = client.get(f"{place}/publish").text
    data = {name: hidden(form, name) for name in ("revision", "instead_of")}
    there = client.post(f"{place}/publish", data={**data, "why": "w"}).headers["location"]
    assert "Waits for its turn" in client.get(there).text
    # A second click puts nothing in, and what waits is offered for nothing else.
    again = client.post(f"{place}/publish", data={**data, "why": "w"})
    assert (again.status_code, again.headers["location"]) == (303, there)
    assert [action for _, action, _ in actions(site)].count("publish") == 1
    assert "Run as a shadow card" not in client.get(there).text
    client.post(f"{there}/cancel")
    assert is_over(client, f"{there}/progress")
    assert client.get(f"{there}/progress").headers["location"] == there
    assert "Being published" not in client.get(there).text


def test_a_card_for_companies(site: PagesSite) -> None:
    text = (
        "card: companies\nversion: 1\nfields: {people: number}\nbands: [{id: cold}]\n"
        "dimensions:\n  - id: size\n    criteria:\n"
        "      - {id: someone, when: people >= 0, points: 10}\n"
    )
    _draft, place = add_draft(site, text, subject="account")
    client = site.client("marketing")
    assert "This is a card for companies" in client.get(f"{place}/try").text
    assert client.post(f"{place}/try").status_code == 400
    assert "No card for companies is live yet" in client.get(f"{place}/publish").text
    assert client.post(f"{place}/shadow", data={"on": "1"}).status_code == 400


def test_a_service_without_jobs_says_so(site: PagesSite) -> None:
    _draft, place = add_draft(site, HOTTER)
    object.__setattr__(site.leads.api, "jobs", None)
    client = site.client("marketing")
    assert "nothing can be tried here" in client.get(f"{place}/try").text
    page = client.get(f"{place}/publish").text
    assert "nothing can be published here" in page
    assert client.post(f"{place}/try").status_code == 501
    assert client.get("/studio/versions/1").status_code == 200


def test_nothing_there_yet(site: PagesSite) -> None:
    for address in ("/studio/versions", "/studio/versions?of=account", "/studio/compare"):
        assert site.client("read_only").get(address).status_code == 200
    assert (
        "There are no versions yet"
        in site.client("read_only").get("/studio/versions?of=account").text
    )
    assert "there must be two versions" in site.client("read_only").get("/studio/compare").text


@pytest.mark.parametrize("role", ["read_only", "representative"])
def test_those_who_make_no_cards_cannot(site: PagesSite, role: str) -> None:
    _draft, place = add_draft(site, HOTTER)
    client = site.client(role)
    for address in (f"{place}/try", f"{place}/publish", f"{place}/shadow", f"{place}/try/cancel",
                    "/studio/versions/1/cancel", "/studio/versions/1/publish",
                    "/studio/versions/1/shadow/score"):  # fmt: skip
        assert client.post(address).status_code == 403
    assert "Why do you publish it?" not in client.get(f"{place}/publish").text
