"""Two leads that are one person: found, looked at side by side, merged, and taken apart again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.ingest.merging import merge_leads, undo_merge
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.lead_pages import list_everybody, search_leads
from leadwise.store.leads import LeadFilter
from leadwise.web.pages.lead.asked import lead_id_of, part_id_of, typed, whole_of
from leadwise.web.pages.lead.listing import LONGEST_WORDS, Listed, listed
from leadwise.web.pages.lead.naming import fact_said, identity_kind, words
from leadwise.web.pages.lead.reading import Person, gone, note_read, read_person
from leadwise.web.pages.visit import Visit

MOST = 20
"""Leads that a search for the other one shows."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as it is looked at before they are merged."""

    person: Person
    listed: Listed
    identities: list[tuple[str, str]]
    facts: dict[str, str]


def show_merge(visit: Visit) -> Response:
    """A search for the other lead, or both side by side (`with`)."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    searched = visit.query.get("q", "").strip()[:LONGEST_WORDS]
    other_id = whole_of(visit.query.get("with", ""))
    if other_id == lead_id:
        other_id = None

    def reading(connection: Connection) -> tuple[Side, Side | None, list[Listed]]:
        own = _side(connection, visit, lead_id)
        other = None if other_id is None else _side(connection, visit, other_id)
        if other is not None and other.person.head.merged_into is not None:
            raise UserError("lead-merged", visit.texts.say("That lead is part of another already."))
        rows: list[Listed] = []
        if other is None and searched:
            version = live_version(connection)
            ids = [one for one in search_leads(connection, searched) if one != lead_id]
            found = list_everybody(
                connection, version.id if version else None, LeadFilter(), among=ids, limit=MOST
            )
            rows = listed(connection, visit, version.card if version else None, found)
        return own, other, rows

    own, other, rows = visit.read(reading)
    note_read(visit, lead_id, "merge" if other is None else f"merge with lead {other.person.id}")
    keys = sorted({*own.facts, *(other.facts if other else ())})
    return visit.page(
        "lead/merge.html", person=own.person, own=own, other=other, rows=rows, words=searched,
        keys=keys,
    )  # fmt: skip


def merge(visit: Visit) -> Response:
    """Make the other lead part of this one."""
    lead_id = lead_id_of(visit)
    _ = visit.texts.say
    other_id = whole_of(typed(visit, "other"))
    if other_id is None:
        raise UserError("merge-itself", _("Choose the other lead first."))

    def work(connection: Connection) -> None:
        merge_leads(connection, lead_id, other_id, "person", visit.who.actor, visit.now_us)
        said = f"lead {other_id}"
        audit(connection, visit.who.actor, "merge", "lead", lead_id, said, visit.now_us)

    visit.write(work)
    return visit.go(f"/leads/{lead_id}", _("Merged. It can be undone: see the timeline below."))


def undo(visit: Visit) -> Response:
    """Take a merge of this lead apart."""
    lead_id, merge_id = lead_id_of(visit), part_id_of(visit, "merge_id")
    _ = visit.texts.say

    def work(connection: Connection) -> int:
        undone = undo_merge(connection, merge_id, visit.who.actor, visit.now_us)
        if undone.kept_id != lead_id:
            raise UserError("merge-unknown", _("This lead has no such merge."))
        said = f"lead {undone.other_id}"
        audit(connection, visit.who.actor, "undo merge", "lead", lead_id, said, visit.now_us)
        return undone.other_id

    other = visit.write(work)
    return visit.go(f"/leads/{lead_id}", _("Undone. Lead %(number)s is there again.", number=other))


def _side(connection: Connection, visit: Visit, lead_id: int) -> Side:
    person = read_person(connection, visit, lead_id)
    rows = list_everybody(
        connection, person.version.id if person.version else None, LeadFilter(), among=[lead_id]
    )
    shown = listed(connection, visit, person.card, rows)
    if not shown:
        raise UserError("lead-merged", visit.texts.say("That lead is part of another already."))
    return Side(
        person, shown[0],
        [(identity_kind(kind, visit.texts), value) for kind, value in person.names],
        {words(key.replace(".", " ")): fact_said(value, visit.texts)
         for key, value in person.facts.items()},
    )  # fmt: skip
