"""Reports in a browser: charts, what bars people from them, paper, the form of the time saved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from leadwise.web.pages.reports.catalogue import KINDS
from tests.pages.browser.paper import pages_of
from tests.pages.report_history import with_history
from tests.pages.site import PagesSite, pages_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PagesSite]:
    with pages_site(tmp_path) as found:
        found.leads.write(with_history)
        yield found


def test_charts_are_drawn_and_nothing_bars_anybody(open_page: Any, axe: Any) -> None:
    page = open_page("/reports/conversion", role="read_only")
    for kind in KINDS:
        page.goto(page.url.partition("/reports")[0] + f"/reports/{kind.name}")
        page.wait_for_selector(".drawing svg")
        assert page.locator(".drawing svg").count() == page.locator(".drawing").count() > 0
        axe(page)


def test_the_overview_fills_itself(open_page: Any, axe: Any) -> None:
    page = open_page("/reports", role="read_only", scheme="dark")
    page.locator(".headline .figure-number").nth(len(KINDS) - 1).wait_for()
    # One after another: each reads months of all leads.
    spans = page.evaluate("""performance.getEntriesByType("resource")
        .filter(each => each.name.endsWith("/headline"))
        .map(each => [each.requestStart, each.responseEnd]).sort((a, b) => a[0] - b[0])""")
    assert len(spans) == len(KINDS)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert page.locator(".headline", has_text="Of the leads in “hot”").count() == 1
    axe(page)


def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_page(open_page: Any, axe: Any) -> None:
    page = open_page("/reports/response", role="read_only", size="phone", scheme="dark")
    page.wait_for_selector(".drawing svg")
    for summary in page.locator(".report-figure summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    axe(page)


def test_a_report_prints_with_its_tables_open(open_page: Any) -> None:
    page = open_page("/reports/conversion", role="read_only")
    page.reload()  # now it is known which zone the browser is in
    page.wait_for_selector(".drawing svg")
    bands, cohorts = (" ".join(text.split()) for text in pages_of(page.pdf(format="A4")))
    assert bands.startswith("Conversion Do high bands convert better than low ones? 17 Oct 2026 to")
    assert "Leadwise · Made on 15 Jan 2027, 10:00" in bands
    assert "hot 2 4 50% 15% 85% 1 0" in bands  # of a table that is closed on the screen
    assert "Own days" not in bands  # what is asked for is no part of what is found
    assert cohorts.startswith("By month of arrival")
    assert "Oct 2026 1 10 10%" in cohorts


def test_paper_says_which_leads_were_asked_for(open_page: Any) -> None:
    page = open_page("/reports/conversion?goal=accepted&horizon=7&owner=0", role="read_only")
    page.wait_for_selector(".drawing svg")
    first, *_ = (" ".join(text.split()) for text in pages_of(page.pdf(format="A4")))
    assert "Goal: Accepted by sales Within: 7 days Owner: Nobody" in first


def test_days_and_periods_put_each_other_right(open_page: Any) -> None:
    page = open_page("/reports/velocity", role="read_only")
    page.locator("summary", has_text="Own days").click()
    page.fill("#from", "2026-12-01")
    assert page.input_value("#period") == "custom"
    page.select_option("#period", "30")
    assert page.input_value("#from") == ""
    page.fill("#to", "2026-12-31")
    page.click("text=Show")
    assert "to 31 Dec 2026" in page.locator(".report-head").inner_text()


DRAWN = """([name, data]) => {
  const colour = () => "black";
  const svg = window.leadwiseCharts[name](data, 600, colour);
  return [...svg.querySelectorAll("text")].map(each => each.textContent);
}"""


def test_charts_tell_what_is_alike_apart(open_page: Any) -> None:
    page = open_page("/reports/conversion", role="read_only")
    two = [{"label": "Ann Lee", "value": 0.001 * n, "low": 0, "high": 0.004, "shown": ""}
           for n in (1, 2)]  # fmt: skip
    said = page.evaluate(DRAWN, ["rates", {"bars": two, "axis": "Share"}])
    assert said.count("Ann Lee") == 2  # two people of one name are two bars
    strokes = [each for each in said if each.endswith("%")]
    assert len(strokes) == len(set(strokes)) > 2  # and small shares have strokes of their own
    points = [{"label": f"day {n}", "at": n * 86_400_000, "value": 0.5, "series": series}
              for n in (1, 2) for series in ("hot", "cold")]  # fmt: skip
    heights = page.evaluate(
        """data => [...leadwiseCharts.line(data, 600, () => "black").querySelectorAll("text")]
            .filter(each => ["hot", "cold"].includes(each.textContent))
            .map(each => +each.getAttribute("transform").match(/,([\\d.]+)/)[1])""",
        {"points": points, "axis": "Share", "percent": True},
    )
    assert abs(heights[0] - heights[1]) >= 13
    assert "day 2" in page.evaluate(DRAWN, ["line", {"points": points, "axis": "", "percent": 1}])


def test_time_saved_is_worked_out_as_one_types(open_page: Any) -> None:
    page = open_page("/reports/return", role="read_only")
    page.fill("#saved-people", "100")
    page.press("#saved-people", "Tab")
    page.locator("#saved .figure-number", has_text="3,500").wait_for()
