"""What a page may cost and do, over all pages: bytes, other hosts, what moves, who is barred.

The time to the first paint is no matter for a test on a busy machine: `make bench-pages`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.pages.addresses import addresses, with_draft
from tests.pages.framed import quiet
from tests.pages.site import PagesSite

PLAIN_BYTES, CHART_BYTES = 150_000, 300_000
SHIFT = 0.05
"""Above this a page is felt to jump; what the web calls good is 0.1."""
WATCH = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({type: "layout-shift", buffered: true});
"""
WIDTH = "document.documentElement.scrollWidth"
ONE_HEADING = "document.querySelectorAll('h1').length"


def test_every_page_keeps_to_its_budget_and_bars_nobody(
    open_page: Callable[..., Any], axe: Callable[[Any], None], site: PagesSite
) -> None:
    with_draft(site)
    page = open_page("/account", role="administrator")
    page.add_init_script(WATCH)
    received: list[float] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.on(
        "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
    )
    base, shown, faults = page.url.removesuffix("/account"), 0, []
    client = quiet(site, "administrator")
    for path in addresses():
        first = client.get(path)
        if first.status_code >= 500:
            faults.append(f"{path}: fails")
        if "<html" not in first.text or first.status_code != 200:
            continue
        received.clear()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(base + path)
        page.wait_for_timeout(150)  # what loads after the page: parts, charts
        shown += 1
        most = CHART_BYTES if page.locator("script[src*='plot.umd']").count() else PLAIN_BYTES
        if not 1_000 < sum(received) < most:
            faults.append(f"{path}: {sum(received):,.0f} bytes")
        if (shift := page.evaluate("window.shifted")) > SHIFT:
            faults.append(f"{path}: moves by {shift:.3f}")
        if page.evaluate(ONE_HEADING) != 1:
            faults.append(f"{path}: {page.evaluate(ONE_HEADING)} main headings")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate(WIDTH) > 320:
            faults.append(f"{path}: {page.evaluate(WIDTH)} wide on a phone")
        try:
            axe(page)
        except AssertionError as error:
            faults.append(str(error))
    assert shown >= 40
    assert not faults, "\n".join(faults)
