"""Routes of reports."""

from __future__ import annotations

from leadwise.web.pages.reports.showing import headline, overview, show, table_file, time_saved
from leadwise.web.pages.routing import Page, get

ROUTES: tuple[Page, ...] = (
    get("/reports", overview),
    get("/reports/return/saved", time_saved),
    get("/reports/{name}.csv", table_file),
    get("/reports/{name}/headline", headline),
    get("/reports/{name}", show),
)
