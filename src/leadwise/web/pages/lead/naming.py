"""What leads, companies, bands, values and causes are called on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from leadwise.card.model import Card, Variable
from leadwise.store.documents import Scalar
from leadwise.web.pages.texts import Texts

LEVELS = 3
"""Bands that have a colour, from the top."""
Name = tuple[str, str]
REASONS = (
    "no budget", "no need", "bad timing", "wrong person", "not reachable", "a competitor",
    "not a real lead", "other",
)  # fmt: skip
"""Why a lead was rejected or lost, as it is recorded; what was typed follows after a colon."""


def lead_name(
    lead_id: int, names: Sequence[Name], facts: Mapping[str, Scalar], texts: Texts
) -> str:
    """A person's name where it is known, else an address or an id they go by."""
    for key in ("name", "full_name", "fullName"):
        if isinstance(facts.get(key), str):
            return str(facts[key])
    for first, last in (("first_name", "last_name"), ("firstName", "lastName")):
        said = [str(facts[key]) for key in (first, last) if isinstance(facts.get(key), str)]
        if said:
            return " ".join(said)
    for kind, value in names:
        if kind != "anonymous":
            return value
    return texts.say("Visitor %(number)s", number=lead_id)


def identity_kind(kind: str, texts: Texts) -> str:
    """What kind of name an identity is."""
    _ = texts.say
    return {
        "email": _("E-mail"), "user": _("User id"), "crm": _("CRM id"),
        "anonymous": _("Browser or device"),
    }.get(kind, kind)  # fmt: skip


def account_name(account_id: int | None, name: str | None, texts: Texts) -> str | None:
    """A company's name, else its number; None for no company."""
    if account_id is None:
        return None
    return name or texts.say("Company %(number)s", number=account_id)


def band_label(card: Card | None, band: str | None) -> str:
    """A band as people call it."""
    found = next((b for b in card.bands if b.id == band), None) if card else None
    return (found.label or words(found.id)) if found else words(band) if band else "–"


def band_level(card: Card | None, band: str | None) -> int:
    """1 for the top band, 2 for the next, 3 for those below; 0 for the lowest of several."""
    ids = [one.id for one in card.bands] if card else []
    if band not in ids:
        return 0
    if ids.index(band) == 0 and len(ids) > 1:
        return 0
    return min(len(ids) - ids.index(band), LEVELS)


def words(id_: str) -> str:
    """An id of a card or a plain name of an event, where nobody gave it a label."""
    said = id_.replace("_", " ").replace("-", " ").strip()
    return said[:1].upper() + said[1:]


def variable_of(card: Card, name: str) -> Variable:
    """What a field or measure is; a measure of time passed counts days."""
    for field in card.fields:
        if field.name == name:
            return field
    measure = next(one for one in card.measures if one.name == name)
    made = Variable(name, "number", name, label=measure.label, about=measure.about)
    if measure.statistic in ("days_since_first", "days_since_last"):
        return replace(made, unit="days")
    if measure.statistic in ("count", "distinct"):
        return made
    properties = (p for event in card.events for p in event.properties)
    of = next(one for one in properties if one.name == measure.property)
    return replace(made, type=of.type, unit=of.unit)


def value_said(variable: Variable, value: Any, texts: Texts, zone: ZoneInfo) -> str | None:
    """A value as people read it; None where it is not known."""
    _ = texts.say
    if value is None:
        return None
    if variable.type == "boolean":
        return _("yes") if value else _("no")
    if variable.type == "time":
        return texts.moment(int(value), zone)
    if variable.type == "number":
        said = texts.number(float(value))
        return f"{said} {variable.unit}" if variable.unit else said
    return str(value)


def fact_said(value: Scalar, texts: Texts) -> str:
    """A value of a document, whose type nobody declared."""
    _ = texts.say
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return texts.number(value) if abs(value) >= 10_000 else f"{value:g}"
    return "–" if value is None else str(value)


def actor_said(actor: str | None, members: Mapping[str, str], texts: Texts) -> str:
    """Who did something: a member by name, a key, the service itself."""
    _ = texts.say
    if actor is None:
        return _("somebody")
    if actor in members:
        return members[actor]
    if actor.startswith("member:"):
        return _("a former member")
    if actor.startswith("key:"):
        named = actor.removeprefix("key:")
        return _("the API key %(name)s", name=named.partition(" ")[2] or named)
    return {"identity": _("Leadwise"), "cli": _("the command line")}.get(actor, actor)


def cause_said(cause: str, texts: Texts) -> str:
    """Why a score was worked out again."""
    _ = texts.say
    return {
        "event": _("because of what the lead did"),
        "fact": _("because of what became known"),
        "time": _("because time passed"),
        "card": _("because the card changed"),
        "import": _("because of an import"),
        "merge": _("because of a merge"),
        "correction": _("because of a correction"),
        "override": _("because of an override"),
    }.get(cause, cause)


def outcome_said(kind: str, texts: Texts) -> str:
    """An outcome as people call it."""
    _ = texts.say
    return {
        "mql": _("Marketing qualified"),
        "called": _("Called"),
        "no_answer": _("No answer"),
        "sales_accepted": _("Accepted by sales"),
        "sales_rejected": _("Rejected by sales"),
        "sales_qualified": _("Qualified by sales"),
        "opportunity": _("Opportunity"),
        "won": _("Won"),
        "lost": _("Lost"),
    }.get(kind, words(kind))


def reason_said(reason: str, texts: Texts) -> str:
    """A reason as people read it; what somebody else's program calls one stays as it is."""
    _ = texts.say
    own, colon, typed = reason.partition(": ")
    said = {
        "no budget": _("No budget"), "no need": _("No need"), "bad timing": _("Bad timing"),
        "wrong person": _("Wrong person"), "not reachable": _("Cannot be reached"),
        "a competitor": _("Chose a competitor"), "not a real lead": _("Not a real lead"),
        "other": _("Something else"),
    }.get(own)  # fmt: skip
    return reason if said is None else f"{said}{colon}{typed}"


def event_said(type_: str, event: str, name: str | None, texts: Texts) -> str:
    """An event as people call it: what was sent, else what its kind means."""
    _ = texts.say
    if type_ == "identify":
        return _("Became known")
    if type_ == "group":
        return _("Company described")
    if type_ == "alias":
        return _("Two names joined")
    return name or words(event)


def mark_said(reason: str, texts: Texts) -> str:
    """Why an event is suspected to be no person's."""
    _ = texts.say
    return {
        "delivery": _("So soon after the mail was delivered that a program did it"),
        "burst": _("Many links of one mail at once, as a security gateway opens them"),
        "crawler": _("Done by a known crawler"),
        "gateway": _("Done by a mail security gateway"),
        "honeypot": _("A link or field that people do not see was used"),
    }.get(reason, words(reason))
