"""What stands behind a line of a lead's ledger: the events it looks at, and who said its facts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from leadwise.card.model import Card
from leadwise.plan.behind import selections
from leadwise.store.answers import KeptQuote, kept_quotes
from leadwise.store.relations import ask_behind
from leadwise.store.schema import answer

MOST_SHOWN = 5
"""Events that are kept of each selection, the latest ones."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that a line looks at."""

    id: int
    event: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Behind:
    """How many events a criterion or measure looks at, and the latest of them."""

    count: int
    latest: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class SaidIn:
    """The answer that a value comes from, with the words that prove it (none: it was told on a
    form)."""

    answer_id: int
    conversation_id: int | None
    frame: str
    question: str
    answered_by: str
    quotes: tuple[KeptQuote, ...]


@dataclass(frozen=True, slots=True)
class SaidBy:
    """The event by which a value became known. `answer` is what it was read from, where it was."""

    event_id: int
    type: str
    source: str
    at_us: int
    answer: SaidIn | None = None


def events_behind(
    connection: Connection, card: Card, lead_id: int, as_of_us: int, known_by_us: int
) -> dict[tuple[str, str], Behind]:
    """By (`criterion`, id) and (`measure`, name) what is looked at; nothing where none is."""
    by_item = selections(card)
    wanted = list(dict.fromkeys(by_item.values()))
    if not any(selection.kinds for selection in wanted):
        return {}
    rows = ask_behind(connection, card, [(0, lead_id, as_of_us, known_by_us)])
    rows.sort(key=lambda row: (row[2], row[0]), reverse=True)
    found = []
    for place in range(len(wanted)):
        own = [row for row in rows if row[3 + place]]
        latest = tuple(Seen(row[0], row[1], row[2]) for row in own[:MOST_SHOWN])
        found.append(Behind(len(own), latest))
    return {item: found[wanted.index(selection)] for item, selection in by_item.items()}


def facts_said_by(
    connection: Connection, lead_id: int, keys: Iterable[str], as_of_us: int, known_by_us: int
) -> dict[str, SaidBy]:
    """For each key of the lead's facts the latest event that said it."""
    missing = set(keys)
    found: dict[str, SaidBy] = {}
    asked = {"lead": lead_id, "at": as_of_us, "known": known_by_us}
    rows: list[Any] = []
    for sql in (_IDENTIFIES, _GROUPS):
        rows += connection.execute(text(sql), asked).all()
    rows.sort(key=lambda row: (row.at_us, row.id), reverse=True)
    answers = _answers(connection, rows)
    for row in rows:
        if not missing:
            break
        said = json.loads(row.doc) if isinstance(row.doc, str) else row.doc
        names = {f"account.{key}" for key in said} if row.type == "group" else set(said)
        for key in missing & names:
            found[key] = SaidBy(row.id, row.type, row.source, row.at_us, answers.get(row.id))
        missing -= names
    return found


def fields_said_by(
    connection: Connection,
    card: Card,
    lead_id: int,
    names: Collection[str],
    as_of_us: int,
    known_by_us: int,
) -> dict[str, SaidBy]:
    """The same by the names that a card gives to the facts; those of its fields among `names`."""
    keys = {field.source: field.name for field in card.fields if field.name in names}
    found = facts_said_by(connection, lead_id, keys, as_of_us, known_by_us)
    return {keys[key]: each for key, each in found.items()}


def _answers(connection: Connection, rows: Iterable[Any]) -> dict[int, SaidIn]:
    """By event the answer that it is of."""
    of = {
        int(row.message_id.partition(":")[2]): row.id
        for row in rows
        if row.source == "qualify" and row.message_id.startswith("answer:")
    }
    found = connection.execute(select(answer).where(answer.c.id.in_(list(of)))) if of else ()
    return {
        of[one.id]: SaidIn(
            one.id, one.conversation_id, one.frame, one.question, one.answered_by,
            kept_quotes(one.quotes),
        )
        for one in found
    }  # fmt: skip


_IDENTIFIES = """
SELECT e.id, e.at_us, e.type, e.source, e.message_id, e.doc
FROM identity_lead AS i JOIN event AS e ON e.identity_id = i.identity_id
WHERE i.lead_id = :lead AND e.at_us >= i.from_us AND e.at_us < i.until_us AND e.type = 'identify'
AND e.at_us <= :at AND e.received_us <= :known
"""
_GROUPS = """
SELECT e.id, e.at_us, e.type, e.source, e.message_id, e.doc
FROM lead AS l JOIN event AS e ON e.account_id = l.account_id
WHERE l.id = :lead AND e.type = 'group' AND e.at_us <= :at AND e.received_us <= :known
"""
