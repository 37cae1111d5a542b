"""The card by which files are read for a dry run: with all that the playbook asks for besides."""

from __future__ import annotations

from dataclasses import replace

from leadwise.card.model import Card, Event, Variable
from leadwise.playbooks.conditions.deciding import card_of, conditions_of
from leadwise.playbooks.conditions.inferring import inferred
from leadwise.playbooks.model import EventTrigger, Playbook
from leadwise.settings import Settings


def wide_card(card: Card, playbook: Playbook, settings: Settings) -> Card:
    """The card with all that the playbook reads of files besides: traits that no card declares,
    what tells the lead's clock, events that it looks at."""
    conditions = conditions_of(playbook)
    asked = card_of(card, playbook, conditions)
    lost = [one for one in asked.card.fields if one.name not in {f.name for f in card.fields}]
    own = settings.playbooks
    clock = [
        Variable(name, "text", name)
        for name in (own.zone_field, own.country_field, own.phone_field)
    ]
    fields = {one.name: one for one in (*clock, *lost) if one.name not in asked.carried}
    fields |= {one.name: one for one in card.fields}
    declared = {one.name: one for one in card.events}
    events = {one.name: one for one in asked.card.events if one.name not in declared}
    for trigger in looked_for(playbook):
        if trigger.event not in declared:
            where = [] if trigger.where is None else [trigger.where.tree]
            types = inferred(where, {p.name for one in card.events for p in one.properties})
            properties = tuple(Variable(name, type_, name) for name, type_ in types.items())
            had = events.get(trigger.event, Event(trigger.event))
            known = {one.name for one in had.properties}
            more = (one for one in properties if one.name not in known)
            events[trigger.event] = Event(trigger.event, (*had.properties, *more))
    return replace(card, fields=tuple(fields.values()), events=(*card.events, *events.values()))


def looked_for(playbook: Playbook) -> list[EventTrigger]:
    """The events that start the playbook, that it waits for, and that are its goals."""
    found = [one for one in playbook.triggers if isinstance(one, EventTrigger)]
    found += [one.event for one in playbook.goals if one.event is not None]
    found += [
        setting
        for step in playbook.steps
        for setting in step.settings.values()
        if isinstance(setting, EventTrigger)
    ]
    return found
