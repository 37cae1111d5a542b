"""`python -m bench.pages` (or `make bench-pages`): measure the pages in Chromium, judge, write.

    --quick      2,000 leads, for a smoke test: nothing is judged, nothing is written to docs/

Ends with 1 where a page is over its budget.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from bench.live.process import serving
from bench.page import machine
from bench.pages.store import working_store
from bench.process import ROOT
from bench.sections import written
from leadwise.web.pages.routing import COOKIE

WORK = ROOT / ".bench" / "pages"
LEADS, QUICK = 100_000, 2_000
VISITS = 5
PAGES = (
    "/queue", "/queue?band=hot", "/leads", "/leads?search=user-77", "/leads/77", "/companies",
    "/studio", "/studio/versions", "/reports", "/reports/conversion", "/reports/velocity",
    "/reports/engagement?period=365", "/reports/response", "/reports/calibration", "/reports/lift",
    "/admin",
)  # fmt: skip
PAINT_MS, SERVER_MS, PLAIN_KB, CHART_KB = 1_000, 200, 150, 300
HEADINGS = (
    "page", "charts", "kilobytes at first, compressed", "until the first byte, ms",
    "first paint, ms", f"worst of {VISITS}", "until the last byte, ms", "budget",
)  # fmt: skip
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return {
    server: page.responseStart - page.requestStart, whole: page.responseEnd - page.requestStart,
    paint: paint ? paint.startTime : NaN,
  };
}"""


@dataclass(frozen=True)
class Seen:
    """A page as a browser saw it; milliseconds are medians of the visits, `worst_ms` the worst."""

    path: str
    charts: bool
    kilobytes: float
    server_ms: float
    paint_ms: float
    worst_ms: float
    whole_ms: float

    @property
    def met(self) -> bool:
        """Whether it keeps to its budget."""
        most = CHART_KB if self.charts else PLAIN_KB
        quick = self.paint_ms < PAINT_MS and self.server_ms < SERVER_MS
        return self.kilobytes < most and quick


def measure(leads: int) -> list[Seen]:
    """Every page, each first with nothing in the browser's cache, then as a member would."""
    WORK.mkdir(parents=True, exist_ok=True)
    data, secret = working_store(WORK, leads, time.time_ns() // 1000)
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        serving(["leadwise", "serve", "--data", str(data)], WORK) as server,
        sync_playwright() as p,
    ):
        base = f"http://127.0.0.1:{server.port}"
        browser = p.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": secret, "url": base}])
        page = context.new_page()
        found = [seen for path in PAGES if (seen := _visited(page, base, path)) is not None]
        browser.close()
    return found


def _visited(page: Any, base: str, path: str) -> Seen | None:
    received: list[float] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.on(
        "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
    )
    answer = page.goto(base + path)
    if answer is None or answer.status != 200:
        return None
    page.wait_for_timeout(500)
    bytes_ = sum(received)
    charts = page.locator("script[src*='plot.umd']").count() > 0
    devtools.detach()
    times = []
    for _ in range(VISITS):
        page.goto(base + path)
        if not path.startswith("/queue"):  # whose stream of changes never ends
            page.wait_for_load_state("networkidle")  # else its parts slow the next visit down
        page.wait_for_timeout(100)
        times.append(page.evaluate(TIMES))
    paints = [each["paint"] for each in times]
    servers = [each["server"] for each in times]
    whole = median(each["whole"] for each in times)
    return Seen(path, charts, bytes_ / 1000, median(servers), median(paints), max(paints), whole)


def section(seen: list[Seen], leads: int) -> str:
    """The part of docs/performance.md."""
    rows = "\n".join(
        f"| `{each.path}` | {'yes' if each.charts else 'no'} | {each.kilobytes:.0f} "
        f"| {each.server_ms:.0f} | {each.paint_ms:.0f} | {each.worst_ms:.0f} | {each.whole_ms:.0f} "
        f"| {'met' if each.met else 'missed'} |"
        for each in seen
    )
    machine_ = dict(machine())
    return f"""## The pages

Debian's Chromium on the machine that serves: {machine_["processor"]},
{machine_["memory"]}, {machine_["system"]}. Embedded store, {leads:,} leads with 5
events each and up to four bands in ten months, 5,000 calls with what came of them.

| {" | ".join(HEADINGS)} |
|{" --- |" * len(HEADINGS)}
{rows}

The budget: {PLAIN_KB} kilobytes without charts, {CHART_KB} with; the first paint within a second;
the first byte within {SERVER_MS} ms. A report reads months of all leads: its frame comes at once,
its figures with the last byte. Kilobytes are those of a first visit with an empty cache, parts and
charts that load after it included; times are the median of {VISITS} visits with the scripts in the
browser's cache."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    leads = QUICK if options.quick else LEADS
    seen = measure(leads)
    text = section(seen, leads)
    print(text)
    if options.quick:
        return 0
    written(Path(ROOT) / "docs" / "performance.md", pages=text)
    return 0 if all(each.met for each in seen) else 1


if __name__ == "__main__":
    sys.exit(main())
