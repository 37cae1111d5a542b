"""/admin/sources: where events come from besides the tracking API."""

from __future__ import annotations

from starlette.responses import Response

from leadwise.ingest.sources import list_forms, list_incoming
from leadwise.web.pages.admin.tabs import show
from leadwise.web.pages.visit import Visit


def sources_page(visit: Visit) -> Response:
    """Web forms and sources of webhooks and CloudEvents, by name."""
    site = visit.site.settings.public_url or str(visit.request.base_url).rstrip("/")
    return show(
        visit, "sources", site=site, forms=visit.read(list_forms),
        incoming=visit.read(list_incoming),
    )  # fmt: skip
