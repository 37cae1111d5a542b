"""A version tried on the past: how often it would have begun, for whom, what it would have sent."""

from __future__ import annotations

from starlette.responses import Response

from leadwise.playbooks.dry_run import replay
from leadwise.playbooks.dry_run.of_store import StorePast
from leadwise.web.pages.playbooks.parts import playbook_in, version_of
from leadwise.web.pages.visit import Visit

DAY_US = 86_400_000_000
USUAL_DAYS, MOST_DAYS = 30, 365
SHOWN = 50


def dry_run_page(visit: Visit) -> Response:
    """Asked of the record as it stands now; nothing is sent or kept."""
    version = version_of(visit)
    playbook, settings = playbook_in(visit, version), visit.site.api.settings
    said = visit.query.get("days", "")
    days = int(said) if said.isdecimal() and len(said) < 6 else USUAL_DAYS
    days = max(1, min(days, MOST_DAYS))
    asked = "days" in visit.query
    told = None
    if asked:
        told = visit.read(
            lambda c: replay(
                playbook, StorePast(c, settings), settings.playbooks,
                visit.now_us - days * DAY_US, visit.now_us,
            )
        )  # fmt: skip
    return visit.page(
        "playbooks/dry_run.html", version=version, playbook=playbook, days=days, told=told,
        most=MOST_DAYS, shown=[] if told is None else told.begun[-SHOWN:][::-1],
        busiest=max(told.starts.values(), default=0) if told else 0,
        mails=sum(told.mails.values()) if told else 0,
        most_mails=max(told.mails.values(), default=0) if told else 0,
    )  # fmt: skip
