"""The names that a playbook's conditions may use: the card's, its own measures, and what only a
playbook knows of a lead.

A name that the card has is the card's: a card with a field `owner` hides the playbook's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leadwise.card.model import Card, Measure, Variable
from leadwise.card.scopes import Scope, lead_scope

OWN_NAMES = ("score", "band", "grade", "owner", "local_hour", "local_weekday")
"""Known of every lead, whatever the card; the dimensions' totals come on top."""
BOOKED = "meeting_booked"
OWN_EVENTS: Mapping[str, str] = {
    "email_sent": "a mail was sent to the lead",
    "email_opened": "the lead opened a mail",
    "email_clicked": "the lead clicked a link in a mail",
    "email_replied": "the lead replied to a mail",
    "email_auto_replied": "a mail was answered by a program",
    "email_bounced": "a mail could not be delivered",
    "email_complained": "the lead called a mail spam",
    "unsubscribed": "the lead unsubscribed",
    BOOKED: "the lead booked a meeting",
    "call_held": "a call with the lead was held",
    "form_submitted": "the lead sent a form",
    "message_received": "the lead wrote a message",
    "file_received": "a file came in",
}
"""Events that Leadwise and its connections record, in words: no card needs to declare them, unless
a condition looks at their properties."""
CRM_EVENTS = "crm_"
"""What the events begin with that connections to a CRM record: `crm_meeting_booked`."""


def total_name(dimension_id: str) -> str:
    """The name of a dimension's total in a condition: `buying-intent` is `buying_intent`."""
    return dimension_id.replace("-", "_")


def own_variables(card: Card) -> tuple[Variable, ...]:
    """What only a playbook knows, as fields: `score` and totals are points (20.5 is 20.5), `band`
    and `grade` (`A1`) choices, `owner` the e-mail address of a member, `local_hour` 0 to 23 and
    `local_weekday` 1 (Monday) to 7 where the lead is. Without names that the card has itself."""
    made = [
        Variable("score", "number", "score"),
        Variable("owner", "text", "owner", fold=True),
        Variable("local_hour", "number", "local_hour"),
        Variable("local_weekday", "number", "local_weekday"),
    ]
    if card.bands:
        made.append(Variable("band", "choice", "band", choices=tuple(b.id for b in card.bands)))
    if card.grade is not None:
        letters, numbers = card.grade.letter.steps, card.grade.number.steps
        grades = tuple(f"{one}{two}" for one, _ in letters for two, _ in numbers)
        made.append(Variable("grade", "choice", "grade", choices=grades))
    totals = [total_name(one.id) for one in card.dimensions]
    made += [Variable(name, "number", name) for name in dict.fromkeys(totals)]
    taken = {field.name for field in card.fields} | {measure.name for measure in card.measures}
    seen: dict[str, Variable] = {}
    for variable in made:
        if variable.name not in taken:
            seen.setdefault(variable.name, variable)
    return tuple(seen.values())


def playbook_scope(card: Card, measures: tuple[Measure, ...]) -> Scope:
    """All names of a playbook's conditions on a lead."""
    whole = replace(
        card, fields=(*card.fields, *own_variables(card)), measures=(*card.measures, *measures)
    )
    return lead_scope(whole)
