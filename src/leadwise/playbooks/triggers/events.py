"""Events: they start playbooks, wake the runs that wait for them, and are goals.

What a robot did (an event that a mark holds back) is none of these. What was reported long after it
happened starts nothing, but a run that waits for it, or whose goal it is, takes it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.ingest.gate.rules import GateRules
from leadwise.playbooks.conditions.deciding import ask_events, document
from leadwise.playbooks.model import EventTrigger, MessageTrigger
from leadwise.playbooks.triggers.model import Candidate, Live, Rules
from leadwise.store.bulk import as_list, listed
from leadwise.store.documents import Document, values_of
from leadwise.store.driver import ask

DOUBTED = frozenset(GateRules().clicked + GateRules().opened)
"""Events that the bot gate may doubt shortly after: until then they start nothing."""
SAYING = ("identify", "alias", "group")
"""Calls that say who somebody is: no messages."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that no mark holds back, and whose it is now."""

    id: int
    lead_id: int
    source: str
    type: str
    event: str
    at_us: int
    received_us: int
    doc: Document


def events_between(
    connection: Connection, after_id: int, up_to_id: int, names: Iterable[str],
    sources: Iterable[str], limit: int,
) -> list[Happened]:  # fmt: skip
    """Events of these names, or from these sources, in the order of their ids."""
    both = listed(connection)
    sql = _EVENTS.replace(":names", both.replace(":list", ":name_list")).replace(
        ":sources", both.replace(":list", ":source_list")
    )
    rows = ask(
        connection, sql, after=after_id, up_to=up_to_id, limit=limit,
        name_list=as_list(sorted(names)), source_list=as_list(sorted(sources)),
    )  # fmt: skip
    return [Happened(*(*row[:7], document(row[7]))) for row in rows]


def event_candidates(
    connection: Connection, live: Live, events: Sequence[Happened], rules: Rules
) -> list[Candidate]:
    """The events that start this playbook."""
    found: dict[str, Candidate] = {}
    for place, trigger in enumerate(live.playbook.triggers):
        if isinstance(trigger, EventTrigger):
            own = [
                one for one in events if one.event == trigger.event and is_fresh(one, live, rules)
            ]
            for one in fitting(connection, trigger, own):
                made = candidate_of_event(one, place, rules)
                found.setdefault(made.key, made)
        elif isinstance(trigger, MessageTrigger):
            for one in events:
                if is_message(trigger, one) and is_fresh(one, live, rules):
                    made = _message(one, place)
                    found.setdefault(made.key, made)
    return list(found.values())


def fitting(
    connection: Connection, trigger: EventTrigger, events: Sequence[Happened]
) -> list[Happened]:
    """Of events of the trigger's kind, those whose properties meet its `where`."""
    where = trigger.where
    if where is None or not events:
        return list(events)
    happened = [(one.id, one.at_us, one.doc) for one in events]
    verdicts = ask_events(connection, trigger.event, [where], happened)
    return [one for one in events if verdicts[one.id][where.text]]


def is_message(trigger: MessageTrigger, one: Happened) -> bool:
    """Whether an event came from the trigger's source and says more than who somebody is."""
    return one.source == trigger.source and one.type not in SAYING


def is_unmarked(connection: Connection, event_id: int | None) -> bool:
    """Whether an event is there and no mark holds it back."""
    return bool(ask(connection, _UNMARKED, id=event_id))


def told(one: Happened) -> dict[str, Any]:
    """An event as templates see it: its properties by their names, under `name`, `at`, `source`."""
    own = {"id": one.id, "name": one.event, "at": written(one.at_us), "source": one.source}
    return {**values_of(one.doc), **own, "properties": values_of(one.doc)}


def is_fresh(one: Happened, live: Live, rules: Rules) -> bool:
    """Whether it happened since the playbook is live, and was told in time."""
    return one.at_us >= live.since_us and one.received_us - one.at_us <= rules.late_us


def candidate_of_event(one: Happened, place: int, rules: Rules) -> Candidate:
    """The event as what starts a playbook; one that may still be doubted has to wait."""
    wait_us = rules.burst_us if one.event in DOUBTED else 0
    return Candidate(
        f"event:{one.id}", "event", place, one.lead_id, one.at_us, {"event": told(one)}, one.id,
        wait_us=wait_us,
    )  # fmt: skip


def _message(one: Happened, place: int) -> Candidate:
    doc = {"event": told(one), "message": told(one)}
    return Candidate(f"event:{one.id}", "message", place, one.lead_id, one.at_us, doc, one.id)


_EVENTS = """
SELECT e.id, o.lead_id, e.source, e.type, e.event, e.at_us, e.received_us, e.doc
FROM event AS e JOIN identity_lead AS o ON o.identity_id = e.identity_id
AND o.from_us <= e.at_us AND o.until_us > e.at_us
WHERE e.id > :after AND e.id <= :up_to AND (e.event IN :names OR e.source IN :sources)
AND NOT EXISTS (SELECT 1 FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)
ORDER BY e.id LIMIT :limit
"""
_UNMARKED = """
SELECT 1 FROM event AS e WHERE e.id = :id
AND NOT EXISTS (SELECT 1 FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)
"""
