"""Rows of a record for tests, put into its tables directly: what is tested reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, insert, select

from leadwise.card.model import Variable
from leadwise.plan import ALWAYS, FOREVER
from leadwise.store import schema
from leadwise.store.documents import canonical
from tests.histories import Lead
from tests.oracle_conditions import Value

Doc = Mapping[str, object]


@dataclass(frozen=True)
class Did:
    event: str
    at_us: int
    doc: Doc = field(default_factory=dict)
    received_us: int | None = None


@dataclass(frozen=True)
class Person:
    """`facts`: (from_us, doc), each until the next; `events` in any order."""

    facts: Sequence[tuple[int, Doc]] = ()
    events: Sequence[Did] = ()


def add_people(connection: Connection, people: Iterable[Person]) -> list[int]:
    """Each a lead with one identity; their ids."""
    return [_add(connection, person) for person in people]


def _add(connection: Connection, person: Person) -> int:
    lead_id = connection.execute(insert(schema.lead).values(created_us=0)).inserted_primary_key[0]
    identity_id = connection.execute(
        insert(schema.identity).values(kind="user", value=f"u{lead_id}", created_us=0)
    ).inserted_primary_key[0]
    connection.execute(
        insert(schema.identity_lead).values(
            identity_id=identity_id, lead_id=lead_id, from_us=ALWAYS, until_us=FOREVER
        )
    )
    rows = sorted(person.facts, key=lambda row: row[0])
    for place, (from_us, doc) in enumerate(rows):
        until_us = rows[place + 1][0] if place + 1 < len(rows) else FOREVER
        connection.execute(
            insert(schema.lead_fact).values(
                lead_id=lead_id, from_us=from_us, until_us=until_us,
                doc={k: v for k, v in canonical(doc).items() if v is not None},
            )
        )  # fmt: skip
    add_events(connection, identity_id, person.events)
    return lead_id


def add_events(connection: Connection, identity_id: int, events: Iterable[Did]) -> None:
    count = connection.execute(select(func.count()).select_from(schema.event)).scalar_one()
    for number, did in enumerate(events, count):
        connection.execute(
            insert(schema.event).values(
                identity_id=identity_id, source="test", message_id=f"m{number}", type="track",
                event=did.event, at_us=did.at_us, doc=canonical(did.doc),
                received_us=did.at_us if did.received_us is None else did.received_us,
            )
        )  # fmt: skip


def person_of(
    lead: Lead, fields: Sequence[Variable], events: Mapping[str, Sequence[Variable]]
) -> Person:
    """A lead of `tests.histories` as somebody would have sent it."""
    return Person(
        [(ALWAYS if at is None else at, _doc(values, fields)) for at, values in lead.facts],
        [
            Did(e.event, e.at_us, _doc(e.properties, events.get(e.event, ())), e.received_us)
            for e in lead.events
        ],
    )


def _doc(values: Mapping[str, Value], variables: Sequence[Variable]) -> Doc:
    return {v.source: _sent(v, values[v.name]) for v in variables if values.get(v.name) is not None}


def _sent(variable: Variable, value: Value) -> object:
    if variable.type == "time":
        from leadwise.asking.instants import written

        return written(int(value))
    return value
