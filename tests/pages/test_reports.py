"""The pages of reports over a small history that is worked out by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from leadwise.web.pages.reports.catalogue import KINDS
from leadwise.web.pages.reports.figures import Cell, Table, csv_text
from tests.pages.report_history import with_history
from tests.pages.site import PagesSite, pages_site

NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesSite]:
    with pages_site(tmp_path_factory.mktemp("told")) as site:
        site.leads.write(with_history)
        yield site


@pytest.fixture
def client(told: PagesSite) -> TestClient:
    return told.client("read_only")


def rows(client: TestClient, name: str, table: str, **more: str) -> dict[str, list[str]]:
    """A table's CSV: the cells of each row by its first one."""
    found = client.get(f"/reports/{name}.csv", params={"table": table, "period": "90", **more})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    _, *body = csv.reader(io.StringIO(found.content.decode("utf-8-sig")))
    return {row[0]: row[1:] for row in body}


def test_conversion_by_band_counts_leads_by_the_band_they_came_into(client: TestClient) -> None:
    found = rows(client, "conversion", "bands")
    # Hot: five leads; 7's 30 days are not over. 1 and 2 were won within 30 days, 3 and 4 were not.
    assert found["hot"][:3] == ["2", "4", "0.5"]
    assert found["hot"][5:] == ["1", "0"]
    # Warm: 2 was won 30 days after it came in, 5 fifty days after, 6 never.
    assert found["warm"][:2] == ["1", "3"]
    # Cold: all ten arrived; 1 was won 30 days later, 2 forty.
    assert found["cold"][:2] == ["1", "10"]


def test_a_longer_horizon_and_a_lower_goal_count_more(client: TestClient) -> None:
    assert rows(client, "conversion", "bands", horizon="60")["warm"][:2] == ["2", "3"]
    accepted = rows(client, "conversion", "bands", goal="accepted", horizon="30")
    assert accepted["cold"][:2] == ["2", "10"]  # 1 after 25 days, 2 after 22


def test_cohorts_are_months_of_arrival(client: TestClient) -> None:
    found = rows(client, "conversion", "cohorts")
    assert [name for name, row in found.items() if row[1] != "0"] == ["Oct 2026"]
    assert found["Oct 2026"][:2] == ["1", "10"]


def test_velocity_counts_stages_and_days(client: TestClient) -> None:
    found = rows(client, "velocity", "stages")
    # By the highest band: 1, 2, 3, 4 and 7; and 5, which was won without it.
    assert found["Marketing-qualified"][:5] == ["6", "3", "1", "2", "0.5"]
    # 1 after five days, 2 after two: half within three and a half.
    assert found["Marketing-qualified"][5:9] == ["2", "2.75", "3.5", "4.25"]
    assert found["Accepted by sales"][:3] == ["3", "3", "0"]
    assert found["Opportunity"][5:8] == ["1", "2.0", "2.0"]
    assert found["Won"][0] == "3"


def test_qualified_leads_a_month(client: TestClient) -> None:
    found = rows(client, "velocity", "months")
    # 1 on 23 November, 2 (won without it) on 6 December, 5 on 5 January.
    assert [found[month][0] for month in ("Nov 2026", "Dec 2026", "Jan 2027")] == ["1", "1", "1"]
    said = "Lead velocity rate: 0%. Qualified by sales: 1 in Dec 2026, 1 in Nov 2026."
    assert said in client.get("/reports/velocity").text


def test_engagement_leaves_out_who_is_unknown_and_what_is_suspect(client: TestClient) -> None:
    found = rows(client, "engagement", "bands", period="30")
    # Known and hot: 1, 2, 3, 4, 7, of which 1, 2, 3 did something; warm 6 only by a program.
    assert found["hot"][:2] == ["3", "5"]
    assert found["warm"][:2] == ["0", "2"]
    assert found["cold"][:2] == ["1", "2"]


def test_engagement_week_by_week(client: TestClient) -> None:
    table = client.get("/reports/engagement.csv", params={"period": "30", "table": "weeks"})
    body = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))[1:]
    hot = [row[2:4] for row in body if row[1] == "hot"]
    assert hot == [["0", "5"], ["0", "5"], ["2", "5"], ["2", "5"]]  # 2 and 3, then 1 and 2


def test_the_sales_cycle_begins_in_the_highest_band_or_when_accepted(client: TestClient) -> None:
    table = client.get("/reports/cycle.csv", params={"period": "90"}).content.decode("utf-8-sig")
    found = {(row[0], row[1]): row[2:] for row in list(csv.reader(io.StringIO(table)))[1:]}
    assert found["hot", "won"][:4] == ["2", "12.5", "15.0", "17.5"]  # ten days and twenty
    assert found["hot", "lost"][:3] == ["1", "20.0", "20.0"]
    assert found["warm", "won"][:3] == ["1", "50.0", "50.0"]
    accepted = rows(client, "cycle", "days", start="accepted")
    assert accepted["hot"][1] == "0"  # the row of lost; none of them was accepted
    assert "2 closed leads are left out" in client.get("/reports/cycle?start=accepted").text


def test_response_time_by_band_and_owner(client: TestClient) -> None:
    found = rows(client, "response", "bands")
    # Hot, an hour: 1 and 3 in time, 2 late, 4 never, 7's hour is not over. The middle of 30
    # minutes, 180 and 10 is 30.
    assert found["hot"][0] == "60"
    assert found["hot"][1:4] == ["2", "4", "0.5"]
    assert found["hot"][6:] == ["1", "1", "30.0"]
    # Warm, a day: 2 (ten days later), 5 late, 6 never.
    assert found["warm"][1:3] == ["0", "3"]
    owners = rows(client, "response", "owners")
    assert len(owners) == 3
    assert owners["Nobody"][:2] == ["0", "3"]  # 4, 5, 6


def test_fast_against_slow_with_the_warning(client: TestClient) -> None:
    found = rows(client, "response", "speed")
    assert found["Called in time"][:2] == ["1", "2"]  # 1 was won, 3 not
    # 2 as hot and as warm, won 20 days after the call; 5 48 days after.
    assert found["Called late"][:2] == ["2", "3"]
    assert "no proof" in client.get("/reports/response").text


def test_return_never_adds_currencies(client: TestClient) -> None:
    euro, dollar = (rows(client, "return", f"return-{name}") for name in ("eur", "usd"))
    # Hot: four calls of 15 minutes are an hour, 3,000 euros and 1,000 dollars won.
    assert euro["hot"] == ["4", "1.0", "1", "0", "3000.0", "3000.0"]
    assert dollar["hot"] == ["4", "1.0", "1", "0", "1000.0", "1000.0"]
    assert euro["warm"] == ["1", "0.25", "1", "0", "500.0", "2000.0"]


def test_time_saved_is_shown_with_its_formula_and_worked_out_again(client: TestClient) -> None:
    page = client.get("/reports/return").text
    assert "21 minutes × 5 leads × 20 days × 50 people ÷ 60 = 1,750 hours a month" in page
    part = client.get("/reports/return/saved", params={"minutes": "10", "people": "6"},
                      headers={"hx-request": "true"})  # fmt: skip
    assert "= 100 hours a month" in part.text
    assert "<html" not in part.text
    wrong = client.get("/reports/return/saved", params={"people": "all"})
    assert wrong.status_code == 422
    assert 'value="all" aria-invalid="true"' in wrong.text


def test_calibration_takes_the_score_said_then(client: TestClient) -> None:
    # The first day is 79 days ago (a day after the first score), when all ten were cold: with 60
    # days, 1 (after 29 days) and 2 (after 39) were won; 5 came later.
    (one,) = rows(client, "calibration", "tenths", horizon="60").values()
    assert one[:2] == ["2", "10"]
    # With 30 days: 1 alone; 30 days ago of those not won before nobody's 30 days brought a win but
    # 5's. Hot then: 3 and 4; warm: 5 and 6; cold: 7, 8, 9, 10.
    (two,) = rows(client, "calibration", "held", horizon="30").values()
    assert two[:4] == ["0.1", "1", "8", "0.125"]


def test_lift_of_each_line(client: TestClient) -> None:
    found = rows(client, "lift", "lines")
    # Title: 1, 2, 3 and 5 have it, three of them were won; of the other six nobody was.
    assert found["title"][:5] == ["4", "3", "0.75", "6", "0.0"]
    assert found["title"][8:] == ["23.75", "5.0", "30.0"]
    # Demo: 1 and 2, both won; of the other eight 5.
    assert found["demo"][:6] == ["2", "2", "1.0", "8", "0.125", "8.0"]
    assert "These never gave a point: size, views" in client.get("/reports/lift").text


def test_filters_narrow_to_the_leads_asked_for(client: TestClient) -> None:
    assert rows(client, "conversion", "bands", owner="1")["hot"][:2] == ["2", "2"]
    assert rows(client, "conversion", "bands", owner="0")["hot"][1] == "1"
    assert rows(client, "conversion", "bands", band="warm")["cold"][1] == "2"
    assert rows(client, "engagement", "bands", source="crm")["cold"][1] == "1"


@pytest.mark.parametrize("name", NAMES)
def test_each_report_says_what_it_shows_how_to_read_it_and_what_to_do(
    client: TestClient, name: str
) -> None:
    page = client.get(f"/reports/{name}")
    assert page.status_code == 200
    assert page.text.count("<figure") == page.text.count("What to do:") > 0
    assert page.text.count("<table>") == page.text.count(".csv?") == page.text.count("<figure")
    assert "style=" not in page.text
    assert client.get(f"/reports/{name}/headline").text.count("figure-number") == 1


def test_an_empty_record_says_what_to_do_next(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        pages = [site.client("read_only").get(f"/reports/{name}") for name in NAMES]
    assert {page.status_code for page in pages} == {200}
    assert all('class="empty"' in page.text and "<figure" not in page.text for page in pages)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "custom", "from": "yesterday"}, "from"),
        ({"period": "custom", "from": "2026-12-01", "to": "2026-11-01"}, "from"),
        ({"period": "custom", "from": "2999-01-01"}, "from"),
        ({"owner": "999"}, "owner"),
        ({"band": "boiling"}, "band"),
        ({"card": "77"}, "card"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    client: TestClient, asked: dict[str, str], field: str
) -> None:
    page = client.get("/reports/conversion", params=asked)
    assert page.status_code == 422
    assert f'id="fault-{field}"' in page.text
    assert f'aria-describedby="fault-{field}"' in page.text
    assert client.get("/reports/conversion.csv", params=asked).status_code >= 400


def test_own_days_are_those_of_the_readers_zone(client: TestClient) -> None:
    """The rise of 60 days ago was on 16 November at 10:00 in Helsinki, 08:00 UTC."""
    client.cookies.set("zone", "Europe/Helsinki")
    day = rows(client, "conversion", "bands", period="custom", **{"from": "2026-11-16",
               "to": "2026-11-16"})  # fmt: skip
    assert day["hot"][:2] == ["2", "4"]
    after = client.get("/reports/conversion.csv?period=custom&from=2026-11-17&to=2026-11-18")
    assert after.status_code == 400


def test_the_overview_leads_to_each_report(client: TestClient) -> None:
    page = client.get("/reports").text
    assert all(f'href="/reports/{name}"' in page for name in NAMES)
    assert client.get("/reports/nothing").status_code == 404
    assert client.get("/reports/nothing.csv").status_code == 404


def test_who_is_not_signed_in_sees_no_report(site: PagesSite) -> None:
    assert site.client().get("/reports/lift").headers["location"].startswith("/sign-in")


def test_postgresql_gives_the_same_tables(
    told: PagesSite, client: TestClient, postgres_url: str, tmp_path: Path
) -> None:
    def tables(asking: TestClient) -> list[str]:
        asked = [
            ("conversion", {"source": "site"}), ("conversion", {"table": "cohorts"}),
            ("velocity", {}), ("velocity", {"owner": "1"}), ("engagement", {"period": "30"}),
            ("engagement", {"table": "weeks"}), ("cycle", {}), ("response", {}),
            ("response", {"table": "owners"}), ("return", {}), ("calibration", {"horizon": "60"}),
            ("calibration", {"table": "held"}), ("lift", {}), ("lift", {"band": "hot"}),
            ("conversion", {"card": "1", "owner": "0"}),
        ]  # fmt: skip
        found = [asking.get(f"/reports/{name}.csv", params=more) for name, more in asked]
        assert {each.status_code for each in found} == {200}
        return [each.text for each in found]

    with pages_site(tmp_path, postgres_url) as other:
        other.leads.write(with_history)
        assert tables(other.client("read_only")) == tables(client)


def test_no_cell_of_a_file_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@sum", "\tx", "plain", "a=b", "with, comma", 'x;"=1+1"']
    table = Table("x", "x", ("=Name", "Points"), tuple(
        (Cell(name, name), Cell(-5, "minus five")) for name in names
    ))  # fmt: skip
    head, *body = csv.reader(io.StringIO(csv_text(table).removeprefix("\ufeff")))
    assert head == ["'=Name", "Points"]
    assert [row[0] for row in body] == ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", *names[5:]]
    assert {row[1] for row in body} == {"-5"}
