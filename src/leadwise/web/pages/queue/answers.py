"""What is answered to a button of the queue: the row as it is now, or the list with a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.cards import live_version
from leadwise.store.lead_pages import facts_of_leads
from leadwise.store.leads import get_head, names_of_leads
from leadwise.web.pages.lead.naming import lead_name
from leadwise.web.pages.queue.asked import back_of
from leadwise.web.pages.queue.rows import Row, rows_of
from leadwise.web.pages.queue.show import note_listed
from leadwise.web.pages.visit import Visit

DONE = {"HX-Trigger": "queue:done"}


def row_answer(
    visit: Visit, lead_id: int, notice: str, *, status: int = 200, **more: Any
) -> Response:
    """For htmx the row, which stays where it is; else the list, where `notice` is said."""
    if not visit.partial:
        return visit.go(back_to(visit, lead_id), notice)

    def reading(connection: Connection) -> list[Row]:
        version = live_version(connection)
        return rows_of(connection, visit, version, [lead_id]) if version else []

    rows = visit.read(reading)
    if not rows:
        return visit.go(back_of(visit), notice)
    note_listed(visit, rows)
    found = visit.page("queue/rows.html", rows=rows, more=None, back=back_of(visit), status=status,
                       said=notice, **more)  # fmt: skip
    found.headers.update(DONE)
    return found


def panel(
    visit: Visit, lead_id: int, what: str, *, faults: Mapping[str, str], **values: Any
) -> Response:
    """A form about one lead: a page of its own, or a dialog's content. With `faults` again."""

    def reading(connection: Connection) -> tuple[str, Row | None]:
        get_head(connection, lead_id)
        version = live_version(connection)
        rows = rows_of(connection, visit, version, [lead_id]) if version else []
        return name_of(connection, visit, lead_id), rows[0] if rows else None

    name, row = visit.read(reading)
    template = "queue/panel_part.html" if visit.partial else "queue/panel.html"
    found = visit.page(
        template, status=422 if faults else 200, lead_id=lead_id, name=name, row=row, what=what,
        faults=faults, typed=visit.form, back=back_of(visit), **values,
    )  # fmt: skip
    if faults and visit.partial:
        found.headers.update({"HX-Retarget": "#panel-content", "HX-Reswap": "innerHTML"})
    return found


def name_of(connection: Connection, visit: Visit, lead_id: int) -> str:
    """What a lead is called."""
    names = names_of_leads(connection, [lead_id])[lead_id]
    facts = facts_of_leads(connection, [lead_id]).get(lead_id, {})
    return lead_name(lead_id, names, facts, visit.texts)


def back_to(visit: Visit, lead_id: int) -> str:
    """The list, at the lead."""
    back = back_of(visit)
    return back if "#" in back or not back.startswith("/queue") else f"{back}#lead-{lead_id}"
