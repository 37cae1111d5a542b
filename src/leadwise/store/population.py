"""Leads of the store as a population of `leadwise.asking`, and their ledgers in the store itself.

Ledgers, evidence and histories are asked of the store in place, however many events a lead has.
What asks again and again (what is worth asking, forecasts) works on a private copy of a few leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, text

from leadwise.asking.explain import Explanation, explanation
from leadwise.asking.population import Population, ledger_schema
from leadwise.card.model import Card
from leadwise.engines.entry.dataset import schemas
from leadwise.engines.sqlite import SQLiteEngine
from leadwise.errors import UserError
from leadwise.plan import Each
from leadwise.store.relations import MomentRow, ask_evidence, ask_ledgers, rows_of_leads

MOST_EVENTS = 50_000
"""Of the leads that are copied: more would take seconds and hundreds of megabytes."""


@contextmanager
def lead_population(
    connection: Connection, card: Card, lead_ids: Sequence[int]
) -> Iterator[Population]:
    """These leads with their typed facts and events, on an engine of their own.

    UserError (`lead-too-long`) where they have more than MOST_EVENTS events.
    """
    require_few_events(connection, lead_ids)
    facts, events = rows_of_leads(connection, card, lead_ids)
    with population_of_rows(card, [str(lead_id) for lead_id in lead_ids], facts, events) as of:
        yield of


@contextmanager
def population_of_rows(
    card: Card,
    lead_ids: Sequence[str],
    facts: Sequence[dict[str, Any]],
    events: Sequence[dict[str, Any]],
) -> Iterator[Population]:
    """The same of rows that are typed already, with the columns of the plan's relations."""
    rows = {
        "leads": [{"lead_id": lead_id} for lead_id in lead_ids],
        "facts": [_of_text_id(row) for row in facts],
        "events": [_of_text_id(row) for row in events],
    }
    with SQLiteEngine() as engine:
        for name, schema in schemas(card).items():
            engine.load(name, pa.Table.from_pylist(rows[name], schema=schema))
        yield Population(card, None, engine)


def explain_lead(
    connection: Connection, card: Card, lead_id: int, as_of_us: int, known_by_us: int
) -> Explanation:
    """A lead's ledger with its evidence, without what is worth asking and what comes next."""
    moments = [(0, lead_id, as_of_us, known_by_us)]
    (ledger,) = ledgers(connection, card, moments)
    (evidence,) = ask_evidence(connection, card, moments)
    return explanation(card, ledger, evidence)


def ledgers(
    connection: Connection, card: Card, moments: Sequence[MomentRow]
) -> list[dict[str, Any]]:
    """The rows of the card's query as mappings, in the order of the moments' numbers."""
    names = ledger_schema(card, Each(), stable=True).names
    rows = [dict(zip(names, row, strict=True)) for row in ask_ledgers(connection, card, moments)]
    return sorted(rows, key=lambda row: int(row["_moment"]))


def count_events(connection: Connection, lead_ids: Sequence[int], most: int) -> int:
    """How many events these leads have; counting ends at `most`."""
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM identity_lead AS i "
        "JOIN event AS e ON e.identity_id = i.identity_id WHERE i.lead_id = :lead "
        "AND e.at_us >= i.from_us AND e.at_us < i.until_us LIMIT :most) AS counted"
    )
    counted = 0
    for lead_id in lead_ids:
        asked = {"lead": lead_id, "most": most}
        counted += connection.execute(text(sql), asked).scalar_one()
    return counted


def require_few_events(connection: Connection, lead_ids: Sequence[int]) -> None:
    """Raise UserError where the leads have too many events for a copy."""
    if count_events(connection, lead_ids, MOST_EVENTS + 1) > MOST_EVENTS:
        raise UserError(
            "lead-too-long",
            f"More than {MOST_EVENTS:,} events are too many to look ahead or try answers.",
            hint="Its ledger and its history can be asked for.",
        )


def _of_text_id(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"lead_id": str(row["lead_id"])}
