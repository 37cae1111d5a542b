"""What breaks reports: histories with odd turns, what is typed, files that spreadsheets open."""

from __future__ import annotations

import csv
import http.client
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection
from starlette.testclient import TestClient

from leadwise.report.velocity import STAGES, Journey, stages
from leadwise.web.api import parts
from leadwise.web.pages.reports import catalogue
from leadwise.web.pages.reports.figures import Cell, Table, csv_text
from leadwise.web.pages.routing import COOKIE
from leadwise.web.pages.texts import texts
from tests.pages.report_history import MINUTE, POINTS, Story, with_history, write_story
from tests.pages.site import PagesSite, pages_site, served
from tests.web.api_service import CARD, DAY_US, NOW_US, publish

COLD = (80, "cold")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PagesSite]:
    with pages_site(tmp_path) as found:
        found.leads.write(with_history)
        yield found


@contextmanager
def told(folder: Path, *stories: Story) -> Iterator[PagesSite]:
    with pages_site(folder) as site:

        def write(connection: Connection) -> None:
            version = publish(connection)
            for number, story in enumerate(stories, start=1):
                write_story(connection, number, story, version.id)

        site.leads.write(write)
        yield site


def table(client: TestClient, name: str, **more: str) -> dict[str, dict[str, str]]:
    found = client.get(f"/reports/{name}.csv", params=more)
    assert found.status_code == 200, found.text
    rows = csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")))
    return {next(iter(row.values())): row for row in rows}


def test_the_frame_is_shown_while_figures_are_worked_out(site: PagesSite) -> None:
    api, places = site.leads.api, []
    while api.places.acquire(blocking=False):
        places.append(1)
    with served(site.app) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        try:
            cookie = f"{COOKIE}={site.signed_in('read_only')[1]}"
            connection.request("GET", "/reports/lift", headers={"cookie": cookie})
            answer = connection.getresponse()
            frame = answer.read1().decode()
        finally:
            for _ in places:
                api.places.release()
        rest = answer.read().decode()
    assert 'id="period"' in frame
    assert "being worked out" in frame
    assert "<figure" not in frame
    assert "<figure" in rest
    assert rest.rstrip().endswith("</html>")
    assert answer.headers["x-accel-buffering"] == "no"


def test_what_goes_wrong_later_is_told_in_its_place(
    site: PagesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a defect")

    client = site.client("read_only")
    broken = tuple(replace(kind, make=fails) for kind in catalogue.KINDS)
    monkeypatch.setattr(catalogue, "KINDS", broken)
    page = client.get("/reports/lift").text
    assert "Leadwise itself failed here." in page
    assert 'id="period"' in page
    monkeypatch.setattr(parts, "HEAVY_WAIT_S", 0.01)
    while site.leads.api.places.acquire(blocking=False):
        pass
    assert "Too many answers" in client.get("/reports/lift").text


def test_days_that_are_typed_count_whatever_period_is_chosen(site: PagesSite) -> None:
    page = site.client("read_only").get(
        "/reports/conversion?period=90&from=2026-11-16&to=2026-11-16"
    )
    assert "16 Nov 2026 to 16 Nov 2026" in page.text
    assert '<option value="custom" selected>' in page.text


def test_a_choice_of_another_report_narrows_nothing(site: PagesSite) -> None:
    second = CARD.replace("version: 1", "version: 2")
    site.leads.write(lambda connection: publish(connection, second))
    client = site.client("read_only")
    plain = client.get("/reports/velocity.csv").text
    assert "Marketing-qualified" in plain
    assert client.get("/reports/velocity.csv?card=1&goal=accepted&horizon=7").text == plain
    assert client.get("/reports/velocity?card=99").status_code == 200
    assert client.get("/reports/conversion?source=%00").status_code == 200


def test_a_rejected_lead_is_not_still_in_its_stage(tmp_path: Path) -> None:
    hot = (COLD, (60, "hot"))
    with told(
        tmp_path,
        Story(hot, ((59, "sales_rejected"),)),
        Story(hot, ((70, "lost"),)),  # before it became marketing-qualified again
        Story(hot, ((59, "sales_rejected"), (50, "sales_accepted"), (40, "lost"))),
        Story(hot, ((70, "lost"), (20, "lost"))),
    ) as site:
        found = table(site.client("read_only"), "velocity")
    first = found["Marketing-qualified"]
    assert [first[name] for name in ("Reached", "Went on", "Lost or rejected", "Still there")] == [
        "4", "1", "2", "1",
    ]  # fmt: skip
    assert found["Accepted by sales"]["Lost or rejected"] == "1"


def test_given_up_before_a_stage_is_no_end_of_it() -> None:
    journey = Journey((10 * DAY_US, *[None] * (len(STAGES) - 1)), 9 * DAY_US)
    assert (stages([journey], 0, 20 * DAY_US)[0].lost, stages([journey], 0, DAY_US)[0].lost) == (
        0,
        0,
    )


def test_the_same_time_last_month_ends_with_that_month(tmp_path: Path) -> None:
    """On 31 March as many days after the first of February are the third of March."""
    march_31 = 1_806_480_000_000_000  # 2027-03-31T00:00Z
    ago = (NOW_US - march_31) / DAY_US
    with told(
        tmp_path,
        Story((COLD,), ((ago + 45, "sales_qualified"),)),  # 14 February
        Story((COLD,), ((ago + 29, "sales_qualified"),)),  # 2 March
    ) as site:
        site.leads.now[0] = march_31
        page = site.client("read_only").get("/reports/velocity").text
    assert "This month so far: 1; last month by the same time: 1." in page


def test_an_outcome_answers_as_it_does_in_the_queue(tmp_path: Path) -> None:
    hot = (COLD, (60, "hot"))
    with told(
        tmp_path,
        Story(hot, ((60 - 5 * MINUTE, "won", 100, "EUR"),)),
        Story(hot, ((60 - 5 * MINUTE, "mql"),)),
    ) as site:
        client = site.client("read_only")
        found = table(client, "response")["hot"]
        speed = table(client, "response", table="speed")
    assert (found["Called in time"], found["Leads judged"], found["Never called"]) == (
        "1",
        "2",
        "1",
    )
    # The answer was the win itself: no call came before it.
    assert speed["Called in time"]["Leads judged"] == "0"


def test_the_number_of_return_is_the_one_that_its_sentence_names(tmp_path: Path) -> None:
    with told(
        tmp_path,
        Story((COLD, (60, "hot")), ((50, "called"),)),
        Story((COLD, (60, "warm")), ((50, "called"), (40, "won", 50_000, "EUR"))),
        Story((COLD, (60, "warm")), ((50, "called"), (40, "won", 70_000, "USD"))),
    ) as site:
        client = site.client("read_only")
        part = client.get("/reports/return/headline").text
        euro = table(client, "return", table="return-eur")["warm"]
    # 500 euros and 700 dollars in half an hour of calls.
    assert '<p class="figure-number">€1,000</p>' in part
    assert "An hour of calls to “warm” won €1,000." in part
    assert (euro["Won"], euro["Value won"], euro["Won, value unknown"]) == ("1", "500.0", "0")


def test_a_band_of_a_former_card_has_no_place_in_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POINTS, "stone", 1)
    won = ((55, "won", 100, "EUR"),)
    with told(
        tmp_path,
        Story(((60, "hot"),), won), Story(((60, "cold"),)), Story(((60, "stone"),), won),
    ) as site:  # fmt: skip
        client = site.client("read_only")
        page = client.get("/reports/conversion").text
        found = table(client, "conversion")
    assert found["stone"]["Share"] == "1.0"
    assert "The order is right" in page
    assert "“stone” did better" not in page


def test_a_line_without_which_nobody_converted_comes_first(site: PagesSite) -> None:
    client = site.client("read_only")
    assert next(iter(table(client, "lift"))) == "title"
    assert "Without these nobody converted" in client.get("/reports/lift").text


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1,200", 1200), ("en", "1.5", 1.5), ("es", "1.200", 1200), ("es", "1,5", 1.5),
        ("es", "1.5", 1.5), ("fi", "1 200", 1200), ("fi", "1,5", 1.5), ("fi", "2.5", 2.5),
    ],
)  # fmt: skip
def test_numbers_are_read_as_the_language_writes_them(
    language: str, typed: str, number: float
) -> None:
    assert texts(language).read_number(typed) == number


@pytest.mark.parametrize("typed", ["1,5", "", "1,20", "nan", "inf", "-3", "1e9", "<b>", "100001"])
def test_what_is_no_number_saves_no_time(site: PagesSite, typed: str) -> None:
    part = site.client("read_only").get("/reports/return/saved", params={"people": typed})
    assert part.status_code == 422
    assert "hours a month" not in part.text


def test_a_file_suits_the_spreadsheets_of_the_readers_language(site: PagesSite) -> None:
    client = site.client("read_only")
    said = client.get("/reports/conversion.csv", headers={"accept-language": "fi"})
    _, hot, *_ = said.content.decode("utf-8-sig").split("\r\n")
    assert hot.startswith('"hot";2;4;0,5;')


def test_no_text_of_a_file_parts_cells() -> None:
    texts_ = ["hot;=1+1", 'say "hi"', "\n=1", "\uff1d1+1"]
    made = csv_text(Table("x", "x", ("Name",), tuple((Cell(t, t),) for t in texts_)), ",")
    assert made.split("\r\n")[1:] == [
        '"hot;=1+1"', '"say ""hi"""', '"\'\n=1"', '"\'\uff1d1+1"', "",
    ]  # fmt: skip
