"""Conditions of playbooks, decided by the same query as scores: nothing else computes.

The conditions that are asked become a small card of their own: the live card's fields, events and
measures with the playbook's own, and one criterion worth a point for each condition. What only a
playbook knows (`score`, `owner`, `local_hour` ...) are further fields, given with each moment. So
a condition is met, is not met, or cannot be decided, as on a card; and one statement decides for
many leads, now or in the past.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection

from leadwise.card.expression import Expression, names
from leadwise.card.model import (
    Card,
    Dimension,
    Event,
    Measure,
    StateCriterion,
    Tier,
    Variable,
)
from leadwise.playbooks.conditions.inferring import inferred
from leadwise.playbooks.conditions.known import Knows
from leadwise.playbooks.conditions.lead_zone import ZoneRules
from leadwise.playbooks.conditions.names import own_variables
from leadwise.playbooks.model import Condition, EventTrigger, Playbook
from leadwise.store.cards import live_version
from leadwise.store.documents import Document
from leadwise.store.overlaid import ask_overlaid
from leadwise.store.relations import ask_documents

POINT = 100
NO_CARD = Card("none", 1, dimensions=())
MOST_KEPT = 256

Verdicts: TypeAlias = dict[str, bool | None]
"""By a condition's text: met, not met, None where it cannot be decided."""


class Moment(NamedTuple):
    """A lead at an instant, with what had reached us by then."""

    lead_id: int
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Conditions as a card; `carried` are the fields that are given with a moment."""

    card: Card
    carried: frozenset[str]
    texts: tuple[str, ...]


def ask(
    connection: Connection,
    playbook: Playbook,
    moments: Iterable[Moment],
    *,
    rules: ZoneRules | None = None,
    only: Sequence[Condition] | None = None,
    past: bool = False,
) -> dict[Moment, Verdicts]:
    """What the playbook's conditions on a lead (`only` these, if given) come to at each moment.

    The instants are now, or with `past` any: then the score and its band are those that were shown
    at the time. Without a live card its names are traits of the record.
    """
    live = live_version(connection)
    card = live.card if live is not None else NO_CARD
    wanted = conditions_of(playbook) if only is None else tuple(only)
    asked = card_of(card, playbook, wanted)
    unique = list(dict.fromkeys(moments))
    if not asked.texts:
        return {moment: {} for moment in unique}
    knows = Knows(connection, live, rules or ZoneRules())
    carried = knows.documents(unique, asked.carried, past=past)
    rows = [
        (place, *moment, moment.as_of_us, carried[moment]) for place, moment in enumerate(unique)
    ]
    found = {}
    for row in ask_overlaid(connection, asked.card, asked.carried, rows):
        found[unique[row[0]]] = verdicts(asked.texts, row[4:], row[-1])
    return found


def decide(
    connection: Connection,
    playbook: Playbook,
    condition: Condition,
    lead_id: int | None,
    now_us: int,
    rules: ZoneRules | None = None,
) -> bool | None:
    """Whether one condition is met for a lead now; None where it cannot be decided."""
    if lead_id is None:
        return None
    moment = Moment(lead_id, now_us)
    return ask(connection, playbook, [moment], rules=rules, only=[condition])[moment][
        condition.text
    ]


def ask_events(
    connection: Connection,
    event: str,
    conditions: Sequence[Condition],
    happened: Sequence[tuple[int, int, Document]],
    card: Card | None = None,
) -> dict[int, Verdicts]:
    """What conditions on an event's properties (`where:`) come to for each of these events: id,
    instant and document. `card` (the live one if not given) says what the properties are."""
    if not conditions or not happened:
        return {id_: {} for id_, _, _ in happened}
    if card is None:
        live = live_version(connection)
        card = live.card if live is not None else NO_CARD
    asked = card_of_event(card, event, conditions)
    rows = ask_documents(connection, asked.card, happened)
    return {row[1]: verdicts(asked.texts, row[4:], row[-2]) for row in rows}


def conditions_of(playbook: Playbook) -> tuple[Condition, ...]:
    """All conditions on a lead that a playbook has, each text once, in the order of the file."""
    found = [playbook.when, playbook.safety.still, *(goal.condition for goal in playbook.goals)]
    found += [one for step in playbook.steps for one in _within(step.settings)]
    return tuple({one.text: one for one in found if one is not None}.values())


def card_of(card: Card, playbook: Playbook, conditions: Sequence[Condition]) -> Asked:
    """The conditions as a card, made once for each card and playbook."""
    texts = tuple(one.text for one in conditions)
    return _kept(card, texts, playbook, lambda: _card(card, playbook.measures, conditions))


def card_of_event(card: Card, event: str, conditions: Sequence[Condition]) -> Asked:
    """Conditions on the properties of an event as a card, whose subjects are events."""
    texts = (event, *(one.text for one in conditions))
    return _kept(card, texts, card, lambda: _event_card(card, event, conditions))


def _within(value: object) -> Iterator[Condition]:
    """The conditions on a lead in a setting; those of an event are none."""
    if isinstance(value, Condition):
        yield value
    elif isinstance(value, EventTrigger):
        return
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _within(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _within(part)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _within(getattr(value, one.name))


def verdicts(texts: Sequence[str], amounts: Sequence[Any], unknown: str | None) -> Verdicts:
    """What a row of the conditions' card says: its amounts, in order, and what is unknown."""
    undecided = set((unknown or "").split())
    return {
        text: None if _id(place) in undecided else amounts[place] == POINT
        for place, text in enumerate(texts)
    }


def _id(place: int) -> str:
    return f"condition_{place}"


def _card(card: Card, measures: Sequence[Measure], conditions: Sequence[Condition]) -> Asked:
    trees = [condition.tree for condition in conditions]
    wanted = dict.fromkeys(name for tree in trees for name in names(tree))
    of_card = {field.name: field for field in card.fields}
    all_measures = {one.name: one for one in (*measures, *card.measures)}
    own = {variable.name: variable for variable in own_variables(card)}
    used = [all_measures[name] for name in wanted if name in all_measures]
    given = {name: own[name] for name in wanted if name not in all_measures and name in own}
    facts = [of_card[name] for name in wanted if name in of_card and name not in all_measures]
    known = {*all_measures, *own, *of_card}
    # A field that the live card has no more is still looked for among what was said of the lead.
    lost = [Variable(name, kind, name) for name, kind in inferred(trees, known).items()]
    asked = _with_criteria(
        Card(
            "conditions", 1, dimensions=(), timezone=card.timezone, measures=tuple(used),
            fields=(*facts, *given.values(), *lost), events=_events(card, used),
        ),
        trees,
    )  # fmt: skip
    return Asked(asked, frozenset(given), tuple(one.text for one in conditions))


def _events(card: Card, measures: Sequence[Measure]) -> tuple[Event, ...]:
    """Those that the measures look at, as the card declares them, else as they are used."""
    wanted = {kind for one in measures for kind in one.occurrences.on}
    declared = [one for one in card.events if one.name in wanted or "any" in wanted]
    missing = wanted - {"any"} - {one.name for one in card.events}
    return (*declared, *(Event(kind, _properties(kind, measures)) for kind in sorted(missing)))


def _properties(kind: str, measures: Sequence[Measure]) -> tuple[Variable, ...]:
    own = [one for one in measures if kind in one.occurrences.on]
    trees = [one.occurrences.where for one in own if one.occurrences.where is not None]
    types = inferred(trees, ())
    types |= {one.property: "number" for one in own if one.property and one.property not in types}
    return tuple(Variable(name, type_, name) for name, type_ in types.items())


def _event_card(card: Card, event: str, conditions: Sequence[Condition]) -> Asked:
    trees = [condition.tree for condition in conditions]
    declared = {p.name: p for one in card.events if one.name == event for p in one.properties}
    wanted = dict.fromkeys(name for tree in trees for name in names(tree))
    found = [declared[name] for name in wanted if name in declared]
    found += [Variable(name, type_, name) for name, type_ in inferred(trees, declared).items()]
    asked = Card("conditions", 1, dimensions=(), timezone=card.timezone, fields=tuple(found))
    texts = tuple(condition.text for condition in conditions)
    return Asked(_with_criteria(asked, trees), frozenset(), texts)


def _with_criteria(card: Card, trees: Sequence[Expression]) -> Card:
    criteria = tuple(
        StateCriterion(_id(place), (Tier(tree, POINT),), short=True)
        for place, tree in enumerate(trees)
    )
    made = {one.name: getattr(card, one.name) for one in fields(card)}
    return Card(**{**made, "dimensions": (Dimension("conditions", criteria),)})


class _Cards:
    """Cards of conditions by the objects that they were made of, the latest kept: the objects are
    held with the answer, so that no other can get their identities meanwhile."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Any, ...], tuple[object, object, Asked]] = {}

    def __call__(
        self, card: Card, texts: tuple[str, ...], of: object, make: Callable[[], Asked]
    ) -> Asked:
        key = (id(card), id(of), texts)
        found = self.kept.get(key)
        if found is None:
            while len(self.kept) >= MOST_KEPT:
                self.kept.pop(next(iter(self.kept)), None)
            found = self.kept[key] = (card, of, make())
        return found[2]


_kept = _Cards()


def document(value: Any) -> Document:
    """A document as either database gives it."""
    found: Document = json.loads(value) if isinstance(value, str) else value
    return found
