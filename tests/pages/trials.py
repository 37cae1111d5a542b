"""A site that works on its jobs, and drafts to try on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import insert

from leadwise.jobs import Jobs
from leadwise.store.schema import card_draft
from leadwise.web.work import handlers_of
from tests.pages.site import PagesSite

PATIENCE_S = 60.0


@contextmanager
def working(site: PagesSite) -> Iterator[None]:
    """Let the site's jobs be worked on, as `leadwise serve` does."""
    api = site.leads.api
    before = api.jobs
    handlers = handlers_of(api.settings, api.store)
    place = api.settings.data / "working"
    with Jobs(place, handlers, worker="test", version="1") as jobs:
        jobs.start()
        object.__setattr__(api, "jobs", jobs)
        try:
            yield
        finally:
            object.__setattr__(api, "jobs", before)


def add_draft(site: PagesSite, text: str, *, subject: str = "lead") -> tuple[int, str]:
    """A draft with this text: its id and its address."""
    now_us, member_id = site.leads.now[0], site.members["marketing"].id
    values = {
        "subject": subject, "name": "A new card", "text": text, "member_id": member_id,
        "created_us": now_us, "changed_us": now_us,
    }  # fmt: skip
    draft_id: int = site.leads.write(
        lambda c: c.execute(insert(card_draft).values(values)).inserted_primary_key[0]
    )
    return draft_id, f"/studio/drafts/{draft_id}"


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)
