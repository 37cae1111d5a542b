"""The lead's pages in Chromium: charts drawn, nobody barred, nothing jumps, a phone's width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadwise.store.cards import set_status
from leadwise.store.timeline import timeline
from tests.pages.site import PagesSite
from tests.web.api_service import CARD, message, publish

Axe = Callable[[Any], None]
CHART = '[data-chart="waterfall"] svg'
PATHS = (
    "/leads", "/leads/1/timeline", "/leads/1/events/2", "/leads/1/merge?with=2", "/companies",
    "/companies/1", "/leads/1/privacy",
)  # fmt: skip


def drawn(page: Any) -> None:
    """Wait for what comes in after the page."""
    page.wait_for_selector('[data-chart="waterfall"] svg')
    page.wait_for_selector('[data-chart="course"] svg')
    page.wait_for_selector("#questions:not(:has(a[href$='/questions']))")


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("phone", "dark")])
def test_the_page_bars_nobody_and_has_its_charts(
    open_page: Any, axe: Axe, size: str, scheme: str
) -> None:
    page = open_page("/leads/1", role="administrator", size=size, scheme=scheme)
    drawn(page)
    for details in page.query_selector_all("main details:not([open]) > summary"):
        details.evaluate("summary => summary.parentElement.open = true")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    names = page.eval_on_selector_all("svg[role=img]", "all => all.map(svg => svg.ariaLabel)")
    assert len(names) == 2
    assert all(len(name) > 40 for name in names)


def test_the_other_pages_bar_nobody(open_page: Any, axe: Axe) -> None:
    page = open_page("/leads", role="administrator", size="phone")
    base = page.url.removesuffix("/leads")
    for path in PATHS:
        page.goto(base + path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_charts_follow_the_colours_and_the_width(open_page: Any) -> None:
    page = open_page("/leads/1")
    drawn(page)
    fills = """() => [...document.querySelectorAll('[data-chart=waterfall] svg rect')]
        .map(rect => rect.getAttribute('fill'))"""
    light, width = page.evaluate(fills), page.eval_on_selector(CHART, "svg => svg.clientWidth")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => ({fills})()[0] !== before", arg=light[0])
    page.set_viewport_size({"width": 500, "height": 800})
    page.wait_for_function(
        f"before => document.querySelector('{CHART}').clientWidth < before", arg=width
    )


def test_a_part_is_swapped_in_and_the_timeline_goes_on(open_page: Any, site: PagesSite) -> None:
    site.leads.say(
        *(message("page", "ann", 100 + n, ago=n, event="page_viewed") for n in range(30))
    )
    page = open_page("/leads/1")
    drawn(page)
    page.click(".later .kinds a:has-text('30 days')")
    page.wait_for_selector('.later [aria-current="true"]:has-text("30 days")')
    page.wait_for_selector('[data-chart="course"] svg')
    before = page.locator(".timeline > li").count()
    page.click("text=Show earlier entries")
    page.wait_for_function("n => document.querySelectorAll('.timeline > li').length > n",
                           arg=before)  # fmt: skip
    with site.leads.store.read() as connection:
        everything = timeline(connection, 1, limit=1_000)
    assert page.locator(".timeline > li").count() == len(everything) > 30
    assert "/leads/1" in page.url


def test_an_answer_is_typed_and_the_score_follows(open_page: Any) -> None:
    page = open_page("/leads/1")
    drawn(page)
    page.fill("input[name='fact:employees']", "250")
    page.click("text=Note it")
    page.wait_for_selector(".notice")
    assert "Noted" in page.inner_text(".notice")
    assert "+12.5" in page.inner_text("table.ledger")


def test_an_override_by_keyboard(open_page: Any) -> None:
    page = open_page("/leads/2")
    drawn(page)
    page.focus("#overriding ~ details > summary")
    page.keyboard.press("Enter")
    page.check("input[name=what][value=points]")
    assert page.is_disabled("select#band")
    page.fill("#points", "50")
    page.fill("#reason", "Met at a fair")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.focus("#overriding ~ details button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice")
    assert "computed: 19.5" in page.inner_text(".scored")


def test_nothing_moves_while_the_page_fills(open_page: Any) -> None:
    page = open_page("/leads")
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const each of list.getEntries())"
        " if (!each.hadRecentInput) window.moved += each.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(page.url + "/1")
    drawn(page)
    page.wait_for_timeout(200)
    assert page.evaluate("window.moved") < 0.05


CLOSE = (
    CARD.partition("bands:")[0].replace("version: 1", "version: 2")
    + """
bands:
  - {id: cold}
  - {id: warm, from: 20, label: Write a mail soon}
  - {id: near, from: 23, label: Call within this week}
  - {id: hot, from: 25, label: Call today}
"""
)
UPON = """name => {
    const said = ['Write a mail soon', 'Call within this week', 'Call today'];
    const boxes = [...document.querySelectorAll(`[data-chart=${name}] svg text`)]
        .filter(text => said.includes(text.textContent)).map(text => text.getBoundingClientRect());
    const upon = boxes.filter((a, n) => boxes.some((b, m) => m > n && a.left < b.right
        && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
    return [boxes.length, upon.length];
}"""


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_labels_of_close_bands_are_apart(open_page: Any, site: PagesSite, size: str) -> None:
    site.leads.write(lambda c: set_status(c, 1, "retired"))
    site.leads.write(lambda c: publish(c, CLOSE))
    page = open_page("/leads/1", size=size)
    drawn(page)
    for name in ("waterfall", "course"):
        assert page.evaluate(UPON, name) == [3, 0], name
