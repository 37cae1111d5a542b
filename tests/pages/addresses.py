"""Every address of the pages that shows something, for tests that go over all of them."""

from __future__ import annotations

import re

from sqlalchemy import insert

from leadwise.store.schema import card_draft
from leadwise.web.pages.reports.catalogue import KINDS
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routes import PAGES
from tests.pages.site import PagesSite
from tests.web.api_service import CARD, NOW_US

PLACE = re.compile(r"\{(\w+)(:\w+)?\}")
PARTS = re.compile(r"/(rows|live|check|complete|provider)(/|$)")
"""Addresses of parts of pages, of streams and of other people's sites."""


def with_draft(site: PagesSite) -> None:
    """A card in the making, for the studio's pages."""
    values = {
        "subject": "lead", "name": "A draft", "text": CARD, "created_us": NOW_US,
        "member_id": site.members["marketing"].id, "changed_us": NOW_US,
    }  # fmt: skip
    site.leads.write(lambda connection: connection.execute(insert(card_draft).values(values)))


def addresses() -> list[str]:
    """Where a member may look; whatever has a number is asked for with 1, each report by name."""
    shown = [
        page.path
        for page in PAGES
        if page.method == "GET" and not page.stream and page.right is not Right.ANYBODY
    ]
    reports = [path.replace("{name}", kind.name) for path in shown for kind in KINDS]
    found = {PLACE.sub("1", path) for path in [*shown, *reports]}
    return sorted(path for path in found if not PARTS.search(path))
