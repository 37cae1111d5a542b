"""Reports in a browser: charts, what bars people from them, paper, the form of the time saved."""

from __future__ import annotations

from collections.abc import Iterator
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


def test_time_saved_is_worked_out_as_one_types(open_page: Any) -> None:
    page = open_page("/reports/return", role="read_only")
    page.fill("#saved-people", "100")
    page.press("#saved-people", "Tab")
    page.locator("#saved .figure-number", has_text="3,500").wait_for()
