"""Which leads are scored next, and why: those touched, then those whose time has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from leadwise.store.bulk import insert_rows, listed_whole
from leadwise.store.cards import CardVersion
from leadwise.store.schema import touched
from leadwise.store.touching import CAUSES, Cause

SECOND_US = 1_000_000
HEAVY_WAIT_US = 60 * SECOND_US
"""How long a lead with very many events is left alone between two scores."""


@dataclass(slots=True)
class Why:
    """Why and as of when one lead is scored."""

    cause: Cause
    event_id: int | None
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of `touched` that one transaction answers for, the leads they name, the longest wait."""

    ids: Sequence[int]
    leads: dict[int, Why]
    lag_us: int = 0


def is_due(connection: Connection, now_us: int) -> bool:
    """Whether there is anything to score: cheap, and no lock is taken."""
    return bool(connection.execute(_ANY, {"now": now_us}).scalar())


def take_touched(connection: Connection, now_us: int, limit: int) -> Taken:
    """All rows of the next leads that were touched.

    On PostgreSQL the leads are locked, and those that another process works on are left to it.
    """
    rows = connection.execute(_NEXT, {"now": now_us, "limit": limit * 4}).all()
    wanted = _locked(connection, list(dict.fromkeys(row.lead_id for row in rows))[:limit])
    if not wanted:
        return Taken((), {})
    sql = text(
        "SELECT id, lead_id, cause, event_id, at_us FROM touched "  # noqa: S608 - our own SQL
        f"WHERE not_before_us <= :now AND lead_id IN {listed_whole(connection)}"
    )
    taken = connection.execute(sql, {"now": now_us, "list": json.dumps(wanted)}).all()
    leads: dict[int, Why] = {}
    for row in taken:
        had = leads.get(row.lead_id)
        if had is None:
            leads[row.lead_id] = Why(row.cause, row.event_id, max(now_us, row.at_us))
            continue
        had.cause = min(had.cause, row.cause, key=CAUSES.index)
        had.event_id = max(had.event_id or 0, row.event_id or 0) or None
        had.as_of_us = max(had.as_of_us, row.at_us)
    lag_us = max(now_us - row.at_us for row in taken) if taken else 0
    return Taken([row.id for row in taken], leads, max(lag_us, 0))


def take_due(connection: Connection, live: CardVersion, now_us: int, limit: int) -> dict[int, Why]:
    """Leads whose time has come although nothing happened."""
    rows = connection.execute(_DUE, {"version": live.id, "now": now_us, "limit": limit})
    due = _locked(connection, [row.lead_id for row in rows])
    return {lead_id: Why("time", None, now_us) for lead_id in due}


def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Delete exactly these rows of `touched`."""
    sql = f"DELETE FROM touched WHERE id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
    connection.execute(text(sql), {"list": json.dumps(list(ids))})


def put_off(
    connection: Connection,
    live: CardVersion,
    recent: Mapping[int, int],
    leads: Mapping[int, Why],
    heavy_events: int,
    now_us: int,
) -> set[int]:
    """Of leads scored within the last minute (`recent`: when), those with very many events.

    They are touched again for later, with their cause, and left out now.
    """
    if not recent:
        return set()
    sql = text(
        "SELECT i.lead_id FROM identity_lead AS i "  # noqa: S608 - our own SQL
        "JOIN event AS e ON e.identity_id = i.identity_id "
        f"WHERE i.lead_id IN {listed_whole(connection)} "
        "GROUP BY i.lead_id HAVING count(*) > :number"
    )
    given = {"list": json.dumps(list(recent)), "number": heavy_events}
    heavy = list(connection.execute(sql, given).scalars())
    columns = ("lead_id", "cause", "event_id", "at_us", "not_before_us")
    later = {lead_id: recent[lead_id] + HEAVY_WAIT_US for lead_id in heavy}
    rows = [
        (lead_id, leads[lead_id].cause, leads[lead_id].event_id, now_us, later[lead_id])
        for lead_id in heavy
        if leads[lead_id].cause != "time"
    ]
    insert_rows(connection, touched, columns, rows)
    for lead_id in heavy:
        if leads[lead_id].cause == "time":
            given = {"version": live.id, "lead": lead_id, "due": later[lead_id]}
            connection.execute(_DUE_LATER, given)
    return set(heavy)


def _locked(connection: Connection, lead_ids: Sequence[int]) -> list[int]:
    if connection.dialect.name != "postgresql" or not lead_ids:
        return list(lead_ids)
    return [row.id for row in connection.execute(_LOCK, {"list": json.dumps(sorted(lead_ids))})]


_ANY = text(
    "SELECT EXISTS (SELECT 1 FROM touched WHERE not_before_us <= :now) OR EXISTS ("
    "SELECT 1 FROM score AS s JOIN card_version AS v ON v.id = s.card_version_id "
    "WHERE v.status = 'live' AND v.subject = 'lead' AND s.due_us <= :now)"
)
_NEXT = text("SELECT id, lead_id FROM touched WHERE not_before_us <= :now ORDER BY id LIMIT :limit")
_LOCK = text(
    "SELECT id FROM lead WHERE id IN (SELECT CAST(value AS bigint) "
    "FROM json_array_elements_text(CAST(:list AS json))) ORDER BY id FOR UPDATE SKIP LOCKED"
)
_DUE = text(
    "SELECT lead_id FROM score WHERE card_version_id = :version AND due_us <= :now "
    "ORDER BY due_us LIMIT :limit"
)
_DUE_LATER = text(
    "UPDATE score SET due_us = :due WHERE card_version_id = :version AND lead_id = :lead"
)
