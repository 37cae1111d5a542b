"""Why nothing happened: of each playbook that is live, what became of its starts for a lead."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.playbooks.triggers.why import Why, why_not
from leadwise.store.playbooks import PlaybookVersion, list_playbooks
from leadwise.web.pages.lead.asked import lead_id_of
from leadwise.web.pages.lead.reading import gone, note_read, read_person
from leadwise.web.pages.visit import Visit

MOST = 100
"""Playbooks that the page has links to."""


def show_why(visit: Visit) -> Response:
    """The page: `playbook` says of which one, the first if it does not."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    wanted = str(visit.query.get("playbook", ""))
    settings, now_us = visit.site.api.settings, visit.now_us

    def reading(connection: Connection) -> tuple[object, list[PlaybookVersion], Why | None]:
        person = read_person(connection, visit, lead_id)
        live = [one for one in list_playbooks(connection) if one.status in ("live", "paused")]
        live.sort(key=lambda one: one.playbook)
        name = wanted or (live[0].playbook if live else "")
        try:
            why = why_not(connection, settings, name, lead_id, now_us) if name else None
        except UserError:
            why = None  # it is live no more
        return person, live[:MOST], why

    person, live, why = visit.read(reading)
    note_read(visit, lead_id, "why")
    return visit.page("lead/why.html", person=person, live=live, why=why, wanted=wanted)
