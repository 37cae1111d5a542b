"""A marketer tries a card, sees who changes, publishes it, and goes back: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.store.outcomes import add_outcome
from tests.pages.browser.conftest import Opened
from tests.pages.site import PagesSite
from tests.pages.trials import add_draft, wait_for, working
from tests.web.api_service import CARD, NOW_US

COOLER = CARD.replace("points: 40", "points: 5").replace("version: 1", "version: 2")


@pytest.fixture
def worked(site: PagesSite) -> Iterator[PagesSite]:
    with working(site):
        yield site


def fits(page: Any) -> None:
    """Nothing is wider than the window."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], page.url


def test_from_the_trial_to_the_way_back(
    worked: PagesSite, open_page: Opened, axe: Any, address: str
) -> None:
    def decided(connection: Any) -> None:
        for lead_id, kind in ((1, "won"), (2, "lost"), (3, "lost")):
            add_outcome(
                connection, lead_id, kind, at_us=NOW_US, now_us=NOW_US, source="t",
                message_id=str(lead_id),
            )  # fmt: skip

    worked.leads.write(decided)
    _draft, place = add_draft(worked, COOLER)
    page = open_page(f"{place}/try", role="marketing")
    axe(page)
    page.get_by_role("button", name="Try it on all leads").click()
    # The page looks by itself whether it is done.
    page.get_by_role("heading", name="In short").wait_for(timeout=60_000)
    page.wait_for_selector('[data-chart="trialGains"] svg')
    assert page.locator("svg.chart").count() == page.locator("[data-chart]").count() >= 3
    row = page.get_by_role("row", name=re.compile("ann@acme.example"))
    assert "hot → warm" in row.inner_text()
    assert "demo −34.2" in row.inner_text()
    axe(page)
    for scheme, size in (("dark", "wide"), ("light", "phone")):
        other = open_page(f"{place}/try", role="marketing", scheme=scheme, size=size)
        other.wait_for_selector('[data-chart="trialGains"] svg')
        axe(other)
        fits(other)
    page.get_by_role("link", name="On to publishing").click()
    axe(page)
    page.get_by_label("Why do you publish it?").fill("Demos came from students")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("It is live.").wait_for(timeout=60_000)
    axe(page)
    page.get_by_role("link", name="All versions").click()
    axe(page)
    assert "Demos came from students" in page.get_by_role("row").nth(1).inner_text()
    page.get_by_role("link", name="Version 1", exact=True).click()
    page.get_by_role("link", name="Go back to this version").click()
    page.get_by_label("Why do you go back?").fill("They do buy")
    page.get_by_role("button", name="Go back to this version").click()
    page.get_by_text("It is live.").wait_for(timeout=60_000)
    page.get_by_label("Against another").select_option("2")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="What changes from version 2 to version 1").wait_for()
    axe(page)
    for path in ("/studio/versions", "/studio/versions/2", "/studio/versions/2/publish",
                 "/studio/compare?from=1&to=2"):  # fmt: skip
        phone = open_page(path, role="marketing", size="phone")
        fits(phone)
        axe(phone)


def test_without_scripts(worked: PagesSite, chromium: Any, address: str) -> None:
    from leadwise.web.pages.routing import COOKIE

    _draft, place = add_draft(worked, COOLER)
    context = chromium.new_context(java_script_enabled=False)
    try:
        cookie = {"name": COOKIE, "value": worked.signed_in("marketing")[1], "url": address}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{address}{place}/try")
        page.get_by_role("button", name="Try it on all leads").click()
        again = page.get_by_role("link", name="Look again")

        def is_there() -> bool:
            if again.count():
                again.click()
            return page.get_by_role("heading", name="In short").count() == 1

        wait_for(is_there)
        page.get_by_role("link", name="On to publishing").click()
        page.get_by_label("Why do you publish it?").fill("because")
        page.get_by_role("button", name="Publish").click()
        wait_for(lambda: page.reload() is not None and page.get_by_text("It is live.").count() == 1)
    finally:
        context.close()
