"""Small records for tests, written straight into the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from leadwise.plan.lines import lines, total_name
from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store.cards import CardVersion, add_version, get_version, set_status
from leadwise.store.documents import canonical
from leadwise.store.facts import fold
from leadwise.store.relations import ask_ledgers
from leadwise.store.schema import event, identity, identity_lead, lead, score

DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000
CARD = """
card: small
version: 1
fields:
  employees: number
  country: text
events:
  visit:
  demo_requested:
bands:
  - {id: cold}
  - {id: warm, from: 20}
  - {id: hot, from: 50}
dimensions:
  - id: fit
    criteria:
      - id: large
        when: employees >= 100
        points: 20
  - id: interest
    criteria:
      - id: visits
        on: visit
        points: 5
        limit: {points: 15}
      - id: asked
        on: demo_requested
        points: 30
        half_life: 30 days
"""

Event = tuple[str, int, Mapping[str, Any]]
"""Its name, when it happened and its properties."""


def add_lead(
    connection: Connection,
    email: str,
    facts: Mapping[str, Any] | None = None,
    events: Sequence[Event] = (),
    at_us: int = NOW_US - 10 * DAY_US,
) -> int:
    """A lead with an e-mail, what an identify call said of it, and what it did."""
    lead_id = connection.execute(
        insert(lead).values(created_us=at_us, known=1)
    ).inserted_primary_key[0]
    identity_id = connection.execute(
        insert(identity).values(kind="email", value=email, created_us=at_us)
    ).inserted_primary_key[0]
    connection.execute(
        insert(identity_lead).values(
            identity_id=identity_id, lead_id=lead_id, from_us=ALWAYS, until_us=FOREVER
        )
    )
    said = {"email": email, **(facts or {})}
    for number, (name, when_us, properties) in enumerate([("identify", at_us, said), *events]):
        connection.execute(
            insert(event).values(
                identity_id=identity_id, source="test", message_id=f"{email}-{number}",
                type="identify" if name == "identify" else "track", event=name, at_us=when_us,
                received_us=when_us, doc=canonical(properties),
                context=json.dumps({"ip": "192.0.2.7", "user_agent": email}),
            )
        )  # fmt: skip
    fold(connection, lead_id)
    return int(lead_id)


def make_live(connection: Connection, text: str = CARD) -> CardVersion:
    """The card, live."""
    version = add_version(connection, text, subject="lead", by="test", now_us=NOW_US)
    set_status(connection, version.id, "live", published_us=NOW_US, published_by="test")
    return get_version(connection, version.id)


def score_all(connection: Connection, version: CardVersion, as_of_us: int = NOW_US) -> None:
    """Write what the card's query answers for every lead."""
    card = version.card
    ids = connection.scalars(select(lead.c.id).order_by(lead.c.id)).all()
    moments = [(lead_id, lead_id, as_of_us, as_of_us) for lead_id in ids]
    amounts, dimensions = len(lines(card)), len([total_name(d.id) for d in card.dimensions])
    for row in ask_ledgers(connection, card, moments):
        values = list(row[4:])
        shown, band, grade, unknown, stable = values[amounts + dimensions :]
        connection.execute(
            insert(score).values(
                card_version_id=version.id, lead_id=row[1], as_of_us=as_of_us, score=shown,
                band=band, grade=grade, unknown=unknown or "",
                ledger=json.dumps(values[:amounts]),
                totals=json.dumps(values[amounts : amounts + dimensions]),
                shown_score=shown, shown_band=band, band_since_us=as_of_us,
                stable_until_us=stable, due_us=stable,
            )
        )  # fmt: skip


def change(connection: Connection, table: Any, **values: Any) -> None:
    """Set columns in all rows of a table."""
    connection.execute(update(table).values(**values))
