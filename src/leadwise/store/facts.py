"""Facts over time: a whole row for each change, folded from what identify and group calls said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from leadwise.plan.relations import FOREVER
from leadwise.store.documents import Document, prefixed, renewed
from leadwise.store.schema import lead, lead_fact

ACCOUNT = "account."
"""Before the traits of a lead's company."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """What was known of a lead from `from_us` on, before `until_us`."""

    from_us: int
    until_us: int
    document: Document


def facts_of(connection: Connection, lead_id: int) -> list[FactRow]:
    """All rows of a lead, in the order of time."""
    rows = connection.execute(
        select(lead_fact.c.from_us, lead_fact.c.until_us, lead_fact.c.doc)
        .where(lead_fact.c.lead_id == lead_id)
        .order_by(lead_fact.c.from_us)
    )
    return [FactRow(*row) for row in rows]


def facts_now(connection: Connection, lead_id: int) -> Document:
    """What is known of a lead by its latest row; empty where nothing is."""
    found: Document | None = connection.execute(
        select(lead_fact.c.doc).where(
            lead_fact.c.lead_id == lead_id, lead_fact.c.until_us == FOREVER
        )
    ).scalar()
    return found or {}


def learn(
    connection: Connection, lead_id: int, at_us: int, document: Document, event_id: int
) -> bool:
    """Add what became known at `at_us` by an event that is recorded already.

    A late one folds the lead's rows again. Returns whether anything changed.
    """
    last = connection.execute(
        select(lead_fact.c.from_us, lead_fact.c.doc).where(
            lead_fact.c.lead_id == lead_id, lead_fact.c.until_us == FOREVER
        )
    ).one_or_none()
    if last is not None and at_us < last.from_us:
        return fold(connection, lead_id)
    before = last.doc if last is not None else {}
    after = renewed(before, document)
    if after == before:
        return False
    # What was said later may have changed nothing then, and so have left no row, but does so now.
    if _said_later(connection, lead_id, at_us, event_id):
        return fold(connection, lead_id)
    own = lead_fact.c.lead_id == lead_id
    if last is not None and last.from_us == at_us:
        connection.execute(
            update(lead_fact).where(own, lead_fact.c.from_us == at_us).values(doc=after)
        )
        return True
    if last is not None:
        connection.execute(
            update(lead_fact).where(own, lead_fact.c.from_us == last.from_us).values(until_us=at_us)
        )
    connection.execute(
        insert(lead_fact).values(lead_id=lead_id, from_us=at_us, until_us=FOREVER, doc=after)
    )
    return True


def fold(connection: Connection, lead_id: int) -> bool:
    """Work out all rows of a lead afresh, from its events. Returns whether anything changed."""
    rows = folded_facts(connection, lead_id)
    if rows == facts_of(connection, lead_id):
        return False
    connection.execute(delete(lead_fact).where(lead_fact.c.lead_id == lead_id))
    if rows:
        connection.execute(
            insert(lead_fact),
            [
                {
                    "lead_id": lead_id,
                    "from_us": r.from_us,
                    "until_us": r.until_us,
                    "doc": r.document,
                }
                for r in rows
            ],
        )
    return True


def folded_facts(connection: Connection, lead_id: int) -> list[FactRow]:
    """What the rows of a lead should be: the fold of what was said of it, in the order of time."""
    document: Document = {}
    starts: dict[int, Document] = {}
    for at_us, said in _said(connection, lead_id):
        after = renewed(document, said)
        if after != document:
            document = starts[at_us] = after
    times = list(starts)
    return [
        FactRow(from_us, until_us, starts[from_us])
        for from_us, until_us in zip(times, [*times[1:], FOREVER], strict=False)
    ]


def _said(connection: Connection, lead_id: int) -> Iterable[tuple[int, Document]]:
    """Identify calls of the lead's identities and group calls of its company, by time."""
    rows: list[tuple[int, int, str, Any]] = []
    for sql in (_IDENTIFIES, _GROUPS):
        rows += [tuple(row) for row in connection.execute(text(sql), {"lead": lead_id})]
    rows.sort(key=lambda row: row[:2])
    for at_us, _, type_, doc in rows:
        document = json.loads(doc) if isinstance(doc, str) else doc
        yield at_us, document if type_ == "identify" else prefixed(document, ACCOUNT)


_IDENTIFIES = """
SELECT e.at_us, e.id, e.type, e.doc
FROM identity_lead AS i JOIN event AS e ON e.identity_id = i.identity_id
WHERE i.lead_id = :lead AND e.at_us >= i.from_us AND e.at_us < i.until_us AND e.type = 'identify'
"""
_GROUPS = """
SELECT e.at_us, e.id, e.type, e.doc
FROM lead AS l JOIN event AS e ON e.account_id = l.account_id
WHERE l.id = :lead AND l.merged_into IS NULL AND e.type = 'group'
"""


def _said_later(connection: Connection, lead_id: int, at_us: int, event_id: int) -> bool:
    """Whether an earlier recorded event said something of the lead for a later instant."""
    given = {"lead": lead_id, "at": at_us, "event": event_id}
    later = "AND e.at_us > :at AND e.id < :event"
    sql = f"SELECT EXISTS ({_IDENTIFIES} {later}) OR EXISTS ({_GROUPS} {later})"
    return bool(connection.execute(text(sql), given).scalar())


def leads_of_account(connection: Connection, account_id: int) -> list[int]:
    """The leads of a company, without those that are part of another lead."""
    own = (lead.c.account_id == account_id) & lead.c.merged_into.is_(None)
    return list(connection.scalars(select(lead.c.id).where(own)))
