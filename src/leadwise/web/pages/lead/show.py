"""The page of a lead, its timeline page by page, and one event with all that came with it."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.experiments import left_alone
from leadwise.store.lead_pages import list_everybody
from leadwise.store.leads import LeadFilter
from leadwise.store.said import event_of_lead
from leadwise.web.pages.lead.asked import instant_asked, lead_id_of, local_text, part_id_of
from leadwise.web.pages.lead.follow_up import follow_up
from leadwise.web.pages.lead.history import Chapter, chapter
from leadwise.web.pages.lead.ledger import drawn
from leadwise.web.pages.lead.listing import Listed, listed
from leadwise.web.pages.lead.naming import (
    account_name,
    actor_said,
    band_label,
    band_level,
    event_said,
    fact_said,
    identity_kind,
    mark_said,
    words,
)
from leadwise.web.pages.lead.reading import (
    Person,
    gone,
    labels,
    note_read,
    read_company,
    read_person,
    read_told,
)
from leadwise.web.pages.visit import Visit

MOST_PEOPLE = 10
"""Other people of the company on a lead's page."""


def show_lead(visit: Visit) -> Response:
    """The lead: its ledger at an instant, its timeline, what can be done."""
    return lead_page(visit, lead_id_of(visit))


def lead_page(visit: Visit, lead_id: int, status: int = 200, **form: Any) -> Response:
    """The page; `form` holds what was typed into a form that had faults, and these."""
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    asked, faults = instant_asked(visit)

    def reading(connection: Connection) -> dict[str, Any]:
        person = read_person(connection, visit, lead_id)
        told = read_told(connection, visit, person, asked) if person.scorable else None
        company = read_company(connection, person)
        return {
            "person": person,
            "told": told,
            "company": None if company is None else _company(visit, *company),
            "people": _people(connection, visit, person),
            "chapter": chapter(connection, visit, person),
            "alone": left_alone(connection, lead_id),
            "follow_up": follow_up(connection, visit, lead_id),
        }

    values = visit.read(reading)
    note_read(visit, lead_id, "page")
    person: Person = values["person"]
    told, card = values["told"], person.card
    return visit.page(
        "lead/lead.html",
        status=422 if faults else status,
        **values,
        asked=asked,
        at_text=visit.query.get("at", "") if faults else local_text(asked.at_us, visit.zone),
        faults={**faults, **form.get("faults", {})},
        typed=form.get("typed", {}),
        bands=labels(card),
        token=uuid.uuid4().hex,
        waterfall=drawn(told.rows, card, visit.texts.say("Score")) if told and card else None,
        identities=[(identity_kind(kind, visit.texts), value) for kind, value in person.names],
        facts=_facts(visit, person),
        actor_said=lambda actor: actor_said(actor, person.members, visit.texts),
        mark_said=lambda reason: mark_said(reason, visit.texts),
    )


def show_timeline(visit: Visit) -> Response:
    """More of the timeline, or all of one kind."""
    lead_id = lead_id_of(visit)
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found

    def reading(connection: Connection) -> tuple[Person, Chapter]:
        person = read_person(connection, visit, lead_id)
        return person, chapter(connection, visit, person)

    person, part = visit.read(reading)
    note_read(visit, lead_id, "timeline")
    template = "lead/timeline_part.html" if visit.partial else "lead/timeline.html"
    return visit.page(
        template, person=person, chapter=part, mark_said=lambda r: mark_said(r, visit.texts),
        actor_said=lambda actor: actor_said(actor, person.members, visit.texts),
    )  # fmt: skip


def show_event(visit: Visit) -> Response:
    """One event: its properties, where it came from, why it is suspected."""
    lead_id, event_id = lead_id_of(visit), part_id_of(visit, "event_id")
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found

    def reading(connection: Connection) -> tuple[Person, Any]:
        person = read_person(connection, visit, lead_id)
        return person, event_of_lead(connection, lead_id, event_id)

    person, event = visit.read(reading)
    note_read(visit, lead_id, f"event {event_id}")
    texts = visit.texts
    return visit.page(
        "lead/event.html", person=person, event=event,
        title=event_said(event.type, event.event, event.name, texts),
        values=[(key, fact_said(value, texts)) for key, value in sorted(event.properties.items())],
        context=[(words(key), str(value)) for key, value in sorted(event.context.items())],
        suspect=any(mark.cleared_us is None for mark in event.marks),
        mark_said=lambda reason: mark_said(reason, texts),
        actor_said=lambda actor: actor_said(actor, person.members, texts),
    )  # fmt: skip


def _company(visit: Visit, account: Any, card: Any) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account_name(account.id, account.name, visit.texts),
        "score": account.score,
        "band": account.band,
        "label": band_label(card, account.band),
        "level": band_level(card, account.band),
        "scored": card is not None,
    }


def _people(connection: Connection, visit: Visit, person: Person) -> list[Listed]:
    """The company's other people, the best first."""
    if person.head.account_id is None:
        return []
    version = person.version
    rows = list_everybody(
        connection, version.id if version else None,
        LeadFilter(account_id=person.head.account_id), limit=MOST_PEOPLE + 1,
    )  # fmt: skip
    others = [row for row in rows if row.id != person.id][:MOST_PEOPLE]
    return listed(connection, visit, person.card, others)


def _facts(visit: Visit, person: Person) -> list[tuple[str, str]]:
    """What is known, by the card's labels where it has them."""
    card = person.card
    own = {value for kind, value in person.names if kind == "email"}
    called = {field.source: field.label for field in card.fields if field.label} if card else {}
    return [
        (called.get(key) or words(key.replace(".", " ")), fact_said(value, visit.texts))
        for key, value in sorted(person.facts.items())
        if not (key == "email" and value in own)  # it stands among the names
    ]
