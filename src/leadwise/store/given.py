"""A lead that is sent to be scored, and is not kept: a record in memory that holds nothing else.

So a score of what is sent is worked out exactly as the record's own: the same documents, the same
relations, the same query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, event, insert
from sqlalchemy.pool import StaticPool

from leadwise.engines.sqlite import add_missing_functions
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store.documents import canonical
from leadwise.store.schema import event as event_table
from leadwise.store.schema import event_mark, identity_lead, lead_fact, metadata

LEAD = 1
"""The id of the lead that was given."""
_TABLES = (event_table, event_mark, identity_lead, lead_fact)


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event; `event` is the plain name."""

    event: str
    at_us: int
    received_us: int
    properties: Mapping[str, object] = field(default_factory=dict)


@contextmanager
def given_lead(facts: Mapping[str, object], events: Sequence[GivenEvent]) -> Iterator[Connection]:
    """A connection to a record with one lead, LEAD, of which these facts were always known."""
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        add_missing_functions(connection)

    try:
        with engine.connect() as connection:
            metadata.create_all(connection, tables=list(_TABLES))
            whole = {"lead_id": LEAD, "from_us": ALWAYS, "until_us": FOREVER}
            connection.execute(insert(identity_lead).values(identity_id=1, **whole))
            connection.execute(insert(lead_fact).values(doc=canonical(facts), **whole))
            rows = [_row(place, one) for place, one in enumerate(events)]
            if rows:
                connection.execute(insert(event_table), rows)
            yield connection
    finally:
        engine.dispose()


def _row(place: int, one: GivenEvent) -> dict[str, Any]:
    return {
        "identity_id": 1, "source": "given", "message_id": str(place), "type": "track",
        "event": one.event, "at_us": one.at_us, "received_us": one.received_us,
        "doc": canonical(one.properties),
    }  # fmt: skip
