"""What is said of a lead at an instant, by nobody who sends: recorded, and taken back again.

It is an identify call like any other, under an identity that the lead has, so that folding, merges,
erasure and the mirror need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from leadwise.store.bulk import as_list, insert_rows, listed, next_ids
from leadwise.store.documents import canonical, text_of
from leadwise.store.driver import ask
from leadwise.store.facts import fold
from leadwise.store.identities import hold_record
from leadwise.store.retention import delete_events
from leadwise.store.schema import event, identity_lead
from leadwise.store.touching import touch

_COLUMNS = (
    "id", "identity_id", "source", "message_id", "type", "event", "at_us", "received_us", "doc",
    "context",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """Facts under an identity, known at `at_us`; null takes a value back. `context` leads to where
    they come from."""

    identity_id: int
    message_id: str
    at_us: int
    facts: Mapping[str, object]
    context: Mapping[str, str]


def tell(connection: Connection, source: str, told: Sequence[Told], now_us: int) -> None:
    """Record facts, and have the leads scored again. Those that state nothing are left out.

    They count as received at their own instant: a trial of a card in the past sees them.
    """
    told = [one for one in told if one.facts]
    if not told:
        return
    hold_record(connection)
    ids = next_ids(connection, event, len(told))
    rows = [
        (
            id_, one.identity_id, source, one.message_id, "identify", "identify", one.at_us,
            one.at_us, text_of(canonical(one.facts)), text_of(dict(one.context)),
        )
        for id_, one in zip(ids, told, strict=True)
    ]  # fmt: skip
    insert_rows(connection, event, _COLUMNS, rows)
    for lead_id, event_id in sorted(_leads(connection, zip(ids, told, strict=True)).items()):
        fold(connection, lead_id)
        touch(connection, [lead_id], "fact", now_us, event_id)


def take_back(connection: Connection, source: str, message_ids: Sequence[str], now_us: int) -> None:
    """What was recorded under these ids was never so: what was known without it is known again."""
    if not message_ids:
        return
    hold_record(connection)
    sql = (
        "SELECT id FROM event WHERE source = :source "  # noqa: S608 - our own SQL
        f"AND message_id IN {listed(connection)}"
    )
    found = [row[0] for row in ask(connection, sql, source=source, list=as_list(message_ids))]
    if found:
        delete_events(connection, found, now_us)


def _leads(connection: Connection, told: Iterable[tuple[int, Told]]) -> dict[int, int]:
    """Whose they are, with the last event of each."""
    found: dict[int, int] = {}
    for event_id, one in told:
        lead_id = connection.execute(
            select(identity_lead.c.lead_id).where(
                identity_lead.c.identity_id == one.identity_id,
                identity_lead.c.from_us <= one.at_us,
                identity_lead.c.until_us > one.at_us,
            )
        ).scalar()
        if lead_id is not None:
            found[lead_id] = event_id
    return found
