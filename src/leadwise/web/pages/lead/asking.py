"""What is unknown and worth asking, and putting down an answer at once."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.asking.instants import written
from leadwise.asking.questions import Question, questions
from leadwise.card.model import Card, Variable
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import recording_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.documents import canonical
from leadwise.store.leads import get_head, names_of_leads
from leadwise.store.population import MOST_EVENTS, count_events, lead_population, ledgers
from leadwise.store.relations import ask_evidence
from leadwise.web.pages.lead.asked import lead_id_of, local_us, number_of, typed
from leadwise.web.pages.lead.naming import band_label, band_level, value_said, words
from leadwise.web.pages.lead.reading import gone, note_read, read_person
from leadwise.web.pages.visit import Visit

SOURCE = "pages"
"""As which what members put down is recorded."""
FIELD = "fact:"
LONGEST = 2_000
MOST_QUESTIONS = 8
_ID = re.compile(r"[0-9a-f]{32}")
_KINDS = ("user", "crm", "email", "anonymous")
"""By one name only a lead is meant: two might join what is apart."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field to be filled in."""

    name: str
    label: str
    about: str | None
    type: str
    unit: str | None
    choices: tuple[str, ...]
    given: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A question: what is not known, and what its best and worst answers would do (hundredths)."""

    blanks: tuple[Blank, ...]
    decides: tuple[str, ...]
    best: int
    worst: int
    answer: str
    band: str | None
    level: int


def show_questions(visit: Visit) -> Response:
    """The part of a lead's page, or a page of its own."""
    return _page(visit, lead_id_of(visit), {}, {})


def add_facts(visit: Visit) -> Response:
    """Put down what a member has learned: an identify call of the lead, from the source `pages`."""
    lead_id = lead_id_of(visit)
    _ = visit.texts.say
    card = visit.read(_require_card)
    fields = {field.name: field for field in card.fields}
    sent = {
        name.removeprefix(FIELD): typed(visit, name)
        for name in visit.form
        if name.startswith(FIELD) and name.removeprefix(FIELD) in fields
    }
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, text in sent.items():
        if text:
            value, fault = _value(visit, fields[name], text)
            if fault:
                faults[name] = fault
            else:
                values[fields[name].source] = value
    if not values and not faults:
        faults = {name: _("Fill this in first.") for name in list(sent)[:1]}
    if faults or not values:
        return _page(visit, lead_id, sent, faults, status=422)
    given = typed(visit, "id")
    message_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
    rules = recording_rules(visit.site.settings)

    def work(connection: Connection) -> None:
        get_head(connection, lead_id)
        message = _message(connection, visit, lead_id, message_id, values)
        record(connection, Received((message,)), rules, visit.now_us)
        detail = "facts " + ", ".join(sorted(values))
        audit(connection, visit.who.actor, "tell", "lead", lead_id, detail, visit.now_us)

    visit.write(work)
    return visit.go(f"/leads/{lead_id}", _("Noted. The score follows within moments."))


def _message(
    connection: Connection, visit: Visit, lead_id: int, message_id: str, values: dict[str, Any]
) -> Message:
    names = names_of_leads(connection, [lead_id])[lead_id]
    named = sorted(names, key=lambda name: _KINDS.index(name[0]))
    if not named:
        _ = visit.texts.say
        raise UserError("identity-unknown", _("This lead goes by no name any more."))
    kind, value = named[0]
    own = {"user": "user_id", "crm": "crm_id", "email": "email", "anonymous": "anonymous_id"}
    who: dict[str, Any] = {own[kind]: value}
    return Message(
        type="identify", source=SOURCE, message_id=message_id, event="identify",
        at_us=visit.now_us, received_us=visit.now_us, document=canonical(values),
        context={"library": visit.who.actor}, **who,
    )  # fmt: skip


def _value(visit: Visit, field: Variable, text: str) -> tuple[Any, str]:
    """What a text means as a value of a field; second what is wrong with it."""
    _ = visit.texts.say
    if field.type == "number":
        number = number_of(text, visit.texts)
        if number is None:
            return None, _("Write a number, such as 250.")
        return float(number), ""
    if field.type == "boolean":
        if text in ("yes", "no"):
            return text == "yes", ""
        return None, _("Choose yes or no.")
    if field.type == "time":
        at_us = local_us(text, visit.zone)
        return (None, _("Choose a day and time.")) if at_us is None else (written(at_us), "")
    if field.type == "choice" and text not in field.choices:
        return None, _("Choose one of the list.")
    if len(text) > LONGEST:
        return None, _("At most %(number)s characters.", number=LONGEST)
    return text, ""


def _page(
    visit: Visit, lead_id: int, given: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response:
    elsewhere = gone(visit, lead_id)
    if elsewhere is not None:
        found: Response = elsewhere
        return found
    person = visit.read(lambda c: read_person(c, visit, lead_id))
    asked: list[Open] | None = []
    if person.card is not None and person.scorable:
        asked = _questions(visit, person.card, lead_id, given, faults)
    note_read(visit, lead_id, "questions")
    template = "lead/questions_part.html" if visit.partial else "lead/questions.html"
    shown = {blank.name for each in asked or () for blank in each.blanks}
    others = [f"{words(name)}: {fault}" for name, fault in faults.items() if name not in shown]
    return visit.page(
        template, status=status, person=person, questions=asked, message_id=uuid.uuid4().hex,
        faulty=bool(faults), others=others,
    )  # fmt: skip


def _questions(
    visit: Visit, card: Card, lead_id: int, given: dict[str, str], faults: dict[str, str]
) -> list[Open] | None:
    """None where the lead has too many events to try answers."""
    with visit.site.api.heavy(), visit.site.store.read() as connection:
        if count_events(connection, [lead_id], MOST_EVENTS + 1) > MOST_EVENTS:
            return None
        moments = [(0, lead_id, visit.now_us, visit.now_us)]
        (ledger,) = ledgers(connection, card, moments)
        (evidence,) = ask_evidence(connection, card, moments)
        with lead_population(connection, card, [lead_id]) as of:
            found = questions(of, {0: ledger | {"lead_id": str(lead_id)}}, {0: evidence})[0]
    return [_open(visit, card, each, given, faults) for each in found[:MOST_QUESTIONS]]


def _open(
    visit: Visit, card: Card, question: Question, given: dict[str, str], faults: dict[str, str]
) -> Open:
    fields = {field.name: field for field in card.fields}
    labels = {item.id: item.label or words(item.id) for item in card.criteria}
    blanks = tuple(
        Blank(
            name, fields[name].label or words(name), fields[name].about, fields[name].type,
            fields[name].unit, fields[name].choices, given.get(name, ""), faults.get(name, ""),
        )
        for name in question.fields
    )  # fmt: skip
    answers = [
        value_said(fields[name], value, visit.texts, visit.zone) or ""
        for name, value in zip(question.fields, question.answer, strict=True)
    ]
    return Open(
        blanks, tuple(labels.get(id_, words(id_)) for id_ in question.decides), question.best,
        question.worst, ", ".join(answers), band_label(card, question.band),
        band_level(card, question.band),
    )  # fmt: skip


def _require_card(connection: Connection) -> Card:
    version = live_version(connection)
    if version is None:
        raise UserError("no-such-live-card", "No card for leads has been published yet.")
    return version.card
