"""The conformance corpus recorded in a store, as senders would have sent it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from leadwise.card.model import Card
from leadwise.card.values import FIRST_US
from leadwise.engines.entry.events import event_name_of
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.plan import lines
from leadwise.plan.lines import total_name
from leadwise.store import identities
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.relations import ask_ledgers
from tests.asking_engines import answer_of
from tests.corpus import Case, cases
from tests.many import one_in
from tests.oracle import Answer
from tests.oracle_conditions import time_us

OURS = {"lead_id", "event", "timestamp", "received_at", "message_id", "source", "known_at"}
LATER_US = time_us("2030-01-01T00:00:00Z")


def some_cases(first: int, every: int) -> list[Case]:
    """One case in so many, for each costs a tenth of a second; `make laws` asks them all."""
    return one_in(every, cases(), first)


def record_cases(store: Store, cases: list[Case]) -> None:
    """Each lead of each case under a CRM id of its own: `<place of the case>/<lead_id>`."""
    for place, case in enumerate(cases):
        messages = tuple(_messages(place, case))
        received = Received(messages)
        store.write(lambda c, r=received: record(c, r, GateRules(), LATER_US))


def ask_case(connection: Connection, place: int, case: Case) -> list[Answer]:
    """What the record answers to the case's questions, in their order."""
    names = [("crm", f"{place}/{ask.lead}") for ask in case.asks]
    ids = identities.find(connection, names)
    owner = identities.owners(connection, ids.values())
    moments = [
        (n, owner[ids[name]].lead_id, ask.as_of_us, ask.known_by_us)
        for n, (name, ask) in enumerate(zip(names, case.asks, strict=True))
    ]
    rows = sorted(ask_ledgers(connection, case.card, moments))
    columns = _columns(case.card)
    return [answer_of(case.card, dict(zip(columns, row, strict=True))) for row in rows]


def _columns(card: Card) -> list[str]:
    names = ["_moment", "lead_id", "as_of_us", "known_by_us"]
    names += [line.name for line in lines(card)]
    names += [total_name(dimension.id) for dimension in card.dimensions]
    return [*names, "score", "band", "grade", "unknown", "stable_until_us"]


def _messages(place: int, case: Case) -> list[Message]:
    found = []
    source = f"case-{place}"
    # A row of a file is whole: what it leaves out is not known any more.
    columns = {name for row in case.leads for name in row}
    for number, row in enumerate(case.leads):
        at_us = time_us(row["known_at"]) if row.get("known_at") else FIRST_US
        whole = dict.fromkeys(columns, "") | dict(row)
        found.append(
            Message(
                "identify", source, f"lead-{number}", "identify", at_us, at_us,
                crm_id=f"{place}/{row['lead_id']}", document=canonical(_values(whole)),
            )
        )  # fmt: skip
    name_of = event_name_of(case.card)
    for number, row in enumerate(case.events):
        at_us = time_us(row["timestamp"])
        received = row.get("received_at")
        message_id = row.get("message_id") or f"event-{number}"
        found.append(
            Message(
                "track", f"{source} {row.get('source', '')}", message_id, name_of(row["event"]),
                at_us, time_us(received) if received else at_us,
                crm_id=f"{place}/{row['lead_id']}", document=canonical(_values(row)),
            )
        )  # fmt: skip
    return found


def _values(row: Mapping[str, str]) -> dict[str, str | None]:
    return {name: value or None for name, value in row.items() if name not in OURS}
