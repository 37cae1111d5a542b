"""The lead's page: a ledger that adds up, what stands behind it, the past, the time ahead."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event as listening

from leadwise.live.overrides import add_override
from leadwise.store.audit import list_audit
from tests.pages.lead_page import chart_of, ledger_of, text_of
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import CARD, DAY_US, NOW_US, message, publish, with_leads

EVERYTHING = """
card: everything
version: 3
fields:
  title: {type: choice, choices: [boss, clerk], label: Job title}
  employees: {type: number, unit: people}
events:
  page_viewed: {path: {type: text}}
measures:
  pages: {count: all, on: page_viewed, label: Pages read}
dimensions:
  - id: fit
    label: Fits us
    criteria:
      - id: title
        label: The job
        tiers:
          - {when: title = 'boss', points: 33.33}
          - {when: title = 'clerk', points: -5}
      - {id: size, label: Large enough, when: employees > 100, points: 12.5}
    adjustments:
      - {id: reader, label: A reader, when: pages >= 3, percent: 33}
    max: 40
  - id: doing
    criteria:
      - id: prices
        label: Looked at prices
        on: page_viewed
        where: path = '/prices'
        within: 30 days
        points: 7
        limit: {points: 20}
  - id: floor
    criteria:
      - {id: nothing, label: Too small, when: employees < 5, points: -10}
    min: 2
adjustments:
  - {id: all, label: Good times, when: pages > 1, percent: 10}
score: {max: 65}
bands: [{id: cold}, {id: warm, from: 20}, {id: hot, from: 60, label: Red hot}]
"""


@pytest.fixture
def everything(tmp_path: Path) -> PagesSite:
    """A boss who looked at prices four times, at others twice, once long ago and once suspected."""
    with pages_site(tmp_path) as site:
        site.leads.write(lambda c: publish(c, EVERYTHING))
        seen = [("/prices", ago) for ago in (1, 2, 3, 4, 40)] + [("/other", 5), ("/other", 6)]
        site.leads.say(
            message("identify", "eve", 1, ago=50, email="eve@big.example",
                    values={"title": "boss", "name": "Eve <b>Ning</b>"}),
            *(message("page", "eve", 10 + n, ago=ago, event="page_viewed", values={"path": path})
              for n, (path, ago) in enumerate(seen)),
        )  # fmt: skip
        yield site


def test_the_ledger_adds_up_with_every_kind_of_line(everything: PagesSite) -> None:
    page = everything.client("read_only").get("/leads/1").text
    rows, total = ledger_of(page)
    labels = [label for label, _, _ in rows]
    assert labels == [
        "The job Fits us", "A reader Fits us", "Fits us: maximum Fits us",
        "Looked at prices Doing", "Looked at prices: limit Doing", "Floor: minimum Floor",
        "Good times", "Score: maximum",
    ]  # fmt: skip
    running = 0
    for _, points, after in rows:
        running += points
        assert after == running
    assert total == (running, running) == (6_500, 6_500)
    bars = chart_of(page, "waterfall")["bars"]
    assert bars[0]["from"] == 0
    assert bars[-1]["to"] == 65
    for before, after in itertools.pairwise(bars[:-1]):
        assert before["to"] == after["from"]
    assert bars[-2]["to"] == bars[-1]["to"]
    api = everything.leads.client("read:leads").get("/api/leads/1/ledger").json()
    assert api["score"] == 65
    assert [line["points"] for line in api["lines"] if line["points"]] == [
        points / 100 for _, points, _ in rows
    ]


def test_a_line_shows_the_events_and_the_facts_behind_it(everything: PagesSite) -> None:
    client = everything.client("read_only")
    page = client.get("/leads/1").text.split('<table class="ledger">')[1]
    prices = page.split("Looked at prices")[1].split("</tr>")[0]
    assert prices.count("/leads/1/events/") == 4  # not the one of 40 days ago, nor other pages
    assert "path = '/prices'" in text_of(prices)
    reader = page.split("A reader")[1].split("</tr>")[0]
    assert "Pages read 7" in text_of(reader)
    assert "and 2 earlier ones" in text_of(reader)
    job = page.split("The job")[1].split("</tr>")[0]
    assert "Job title boss" in text_of(job)
    assert "said by test" in text_of(job)
    linked = job.split('href="')[1].split('"')[0]
    event = client.get(linked)
    assert event.status_code == 200
    assert "eve-1" in event.text
    unknown = page.split("gave nothing")[1]
    assert "Large enough" in unknown
    assert "not known" in unknown


def test_what_is_known_cannot_write_into_the_page(everything: PagesSite) -> None:
    page = everything.client("read_only").get("/leads/1").text
    assert "<b>Ning" not in page
    assert "Eve &lt;b&gt;Ning" in page


def test_the_past_is_said_to_be_the_past(site: PagesSite) -> None:
    client = site.client("read_only")
    now = ledger_of(client.get("/leads/1").text)[1][0]
    at = datetime.fromtimestamp((NOW_US - 5 * DAY_US) / 1e6, UTC).strftime("%Y-%m-%dT%H:%M")
    then = client.get(f"/leads/1?at={at}").text
    assert ledger_of(then)[1][0] == 3_000 < now  # a boss who had not asked for a demo yet
    assert "with what was known then" in then
    assert "Back to now" in then
    hindsight = client.get(f"/leads/1?at={at}&hindsight=1").text
    assert "with all that is known by now" in hindsight


def test_a_time_is_read_in_the_readers_zone(site: PagesSite) -> None:
    client = site.client("read_only")
    client.cookies.set("zone", "Pacific%2FKiritimati")  # 14 hours ahead of UTC
    demo = datetime.fromtimestamp((NOW_US - 2 * DAY_US) / 1e6, UTC)  # 08:00 UTC, 22:00 there
    before, after = demo.strftime("%Y-%m-%dT21:59"), demo.strftime("%Y-%m-%dT22:01")
    assert ledger_of(client.get(f"/leads/1?at={before}").text)[1][0] == 3_000
    assert ledger_of(client.get(f"/leads/1?at={after}").text)[1][0] > 3_000


def test_a_time_that_cannot_be_asked_is_a_fault_beside_its_field(site: PagesSite) -> None:
    for given in ("tomorrow", "2999-01-01T00:00", "10000-01-01T00:00"):
        answer = site.client("read_only").get(f"/leads/1?at={given}")
        assert answer.status_code == 422, given
        assert f'value="{given}"' in answer.text
        assert 'aria-invalid="true"' in answer.text


def test_an_override_is_two_numbers_and_a_line(site: PagesSite) -> None:
    site.leads.write(
        lambda c: add_override(
            c, None, 2, band=None, points=4_550, reason="Met at a fair", until_us=None,
            actor="member:2", now_us=NOW_US - DAY_US,
        )
    )  # fmt: skip
    page = site.client("read_only").get("/leads/2").text
    rows, total = ledger_of(page)
    assert rows[-1] == ("Override", 4_550, 6_500)
    assert total == (6_500, 6_500)
    head = text_of(page.split('class="scored"')[1].split("lead-grid")[0])
    assert "65 points Hot" in head
    assert "computed: 19.5 Cold" in head


def test_the_course_says_what_lies_ahead_as_the_forecast_has_it(site: PagesSite) -> None:
    coming = site.leads.client("read:leads").get("/api/leads/1/forecast").json()["changes"]
    client = site.client("read_only")
    client.headers["HX-Request"] = "true"
    part = client.get("/leads/1/scores").text
    assert "<html" not in part
    day = datetime.fromisoformat(coming[0]["at"])
    said = f"Falls to Warm on {day:%A}, {day.day} {day:%b %Y}, {day:%H:%M}, if nothing happens."
    assert said in text_of(part)
    chart = chart_of(part, "course")
    assert chart["said"]
    assert chart["true"]
    assert chart["ahead"]
    assert chart["events"]
    assert chart["true"][-1] == chart["ahead"][0]
    assert chart["ahead"][-1][1] < chart["ahead"][0][1]
    assert "What we said then" in part
    assert "What is true now about then" in part
    del client.headers["HX-Request"]
    assert "<html" in client.get("/leads/1/scores").text


def test_tables_are_files_too(site: PagesSite) -> None:
    client = site.client("read_only")
    ledger = client.get("/leads/1/ledger.csv")
    assert ledger.headers["content-disposition"] == 'attachment; filename="lead-1-ledger.csv"'
    lines = ledger.text.splitlines()
    assert lines[0] == "kind,part,line,points,sum,unknown"
    assert sum(float(line.split(",")[3]) for line in lines[1:]) == pytest.approx(
        float(lines[-1].split(",")[4])
    )
    scores = client.get("/leads/1/scores.csv?days=30").text
    assert {line.split(",")[0] for line in scores.splitlines()[1:]} == {
        "said then", "true now about then", "if nothing happens"
    }  # fmt: skip


def test_a_lead_without_a_card_has_a_page_still(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        site.leads.say(message("identify", "ann", 1, values={"name": "Ann"}))
        client = site.client("marketing")
        page = client.get("/leads/1")
        assert page.status_code == 200
        assert "No card has been published yet" in page.text
        assert "Became known" in page.text
        assert client.get("/leads/1/scores").status_code == 404
        assert client.get("/leads/1/questions").status_code == 200
        assert client.get("/leads").text.count("/leads/1") == 1


def test_the_page_asks_the_record_no_more_of_a_lead_with_many_events(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        with_leads(site.leads)
        client = site.client("representative")
        client.get("/leads/1")  # what is worked out once a card
        asked: list[str] = []
        engine = site.leads.store._reading
        listening.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        client.get("/leads/1")
        few = len(asked)
        site.leads.say(
            *(message("page", "ann", 100 + n, ago=n / 20, event="page_viewed") for n in range(500))
        )
        asked.clear()
        client.get("/leads/1")
        assert few == len(asked) < 40


def test_reading_is_written_down(site: PagesSite) -> None:
    client = site.client("read_only")
    for path in ("", "/scores", "/timeline", "/events/1", "/questions", "/ledger.csv"):
        assert client.get(f"/leads/1{path}").status_code == 200
    client.get("/leads")
    with site.leads.store.read() as connection:
        rows = list_audit(connection, subject="lead")
    actor = site.members["read_only"].actor
    assert [row.detail for row in rows if row.actor == actor and row.action == "read"] == [
        "ledger as CSV", "questions", "event 1", "timeline", "scores", "page"
    ]  # fmt: skip
    assert rows[0].action == "list"


def test_what_is_not_there_is_said(site: PagesSite) -> None:
    large = 99999999999999999999
    client = site.client("read_only")
    for path in ("/leads/99", "/leads/0", f"/leads/{large}", "/leads/1/events/4",
                 f"/leads/1/events/{large}", "/companies/99", f"/companies/{large}"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "<h1" in answer.text


def test_the_card_of_the_tests_has_no_labels_and_reads_well(site: PagesSite) -> None:
    assert "label" not in CARD
    rows, _ = ledger_of(site.client("read_only").get("/leads/1").text)
    assert [label for label, _, _ in rows] == ["Title Fit", "Demo Doing"]
