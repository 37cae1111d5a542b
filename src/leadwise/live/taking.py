"""Which leads are scored next, and why: those touched, then those whose time has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import as_list, insert_rows, listed_whole
from leadwise.store.cards import CardVersion
from leadwise.store.driver import ask
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
    ((found,),) = ask(connection, _ANY, now=now_us)
    return bool(found)


def take_touched(connection: Connection, now_us: int, limit: int) -> Taken:
    """All rows of the next leads that were touched.

    On PostgreSQL the leads are locked, and those that another process works on are left to it.
    """
    rows = ask(connection, _NEXT, now=now_us, limit=limit * 4)
    wanted = _locked(connection, list(dict.fromkeys(lead_id for (lead_id,) in rows))[:limit])
    if not wanted:
        return Taken((), {})
    sql = (
        "SELECT id, lead_id, cause, event_id, at_us FROM touched "  # noqa: S608 - our own SQL
        f"WHERE not_before_us <= :now AND lead_id IN {listed_whole(connection)}"
    )
    taken = ask(connection, sql, now=now_us, list=as_list(wanted))
    leads: dict[int, Why] = {}
    for _, lead_id, cause, event_id, at_us in taken:
        had = leads.get(lead_id)
        if had is None:
            leads[lead_id] = Why(cause, event_id, max(now_us, at_us))
            continue
        if cause != had.cause:
            had.cause = min(had.cause, cause, key=CAUSES.index)
        had.event_id = max(had.event_id or 0, event_id or 0) or None
        had.as_of_us = max(had.as_of_us, at_us)
    lag_us = now_us - min(row[4] for row in taken) if taken else 0
    return Taken([row[0] for row in taken], leads, max(lag_us, 0))


def take_due(connection: Connection, live: CardVersion, now_us: int, limit: int) -> dict[int, Why]:
    """Leads whose time has come although nothing happened."""
    rows = ask(connection, _DUE, version=live.id, now=now_us, limit=limit)
    due = _locked(connection, [lead_id for (lead_id,) in rows])
    return {lead_id: Why("time", None, now_us) for lead_id in due}


def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Delete exactly these rows of `touched`."""
    sql = f"DELETE FROM touched WHERE id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
    ask(connection, sql, list=as_list(ids))


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
    sql = (
        "SELECT i.lead_id FROM identity_lead AS i "  # noqa: S608 - our own SQL
        "JOIN event AS e ON e.identity_id = i.identity_id "
        f"WHERE i.lead_id IN {listed_whole(connection)} "
        "GROUP BY i.lead_id HAVING count(*) > :number"
    )
    asked = ask(connection, sql, list=as_list(recent), number=heavy_events)
    heavy = [lead_id for (lead_id,) in asked]
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
            ask(connection, _DUE_LATER, version=live.id, lead=lead_id, due=later[lead_id])
    return set(heavy)


def whole_second(at_us: int) -> int:
    """Bands are told apart at whole seconds: the first at or after this instant."""
    return at_us if at_us >= FOREVER else -(-at_us // SECOND_US) * SECOND_US


def _locked(connection: Connection, lead_ids: Sequence[int]) -> list[int]:
    if connection.dialect.name != "postgresql" or not lead_ids:
        return list(lead_ids)
    return [lead_id for (lead_id,) in ask(connection, _LOCK, list=as_list(sorted(lead_ids)))]


_ANY = (
    "SELECT EXISTS (SELECT 1 FROM touched WHERE not_before_us <= :now) OR EXISTS ("
    "SELECT 1 FROM score AS s JOIN card_version AS v ON v.id = s.card_version_id "
    "WHERE v.status = 'live' AND v.subject = 'lead' AND s.due_us <= :now)"
)
_NEXT = "SELECT lead_id FROM touched WHERE not_before_us <= :now ORDER BY id LIMIT :limit"
_LOCK = (
    "SELECT id FROM lead WHERE id IN (SELECT CAST(value AS bigint) "
    "FROM json_array_elements_text(CAST(:list AS json))) ORDER BY id FOR UPDATE SKIP LOCKED"
)
_DUE = (
    "SELECT lead_id FROM score WHERE card_version_id = :version AND due_us <= :now "
    "ORDER BY due_us LIMIT :limit"
)
_DUE_LATER = "UPDATE score SET due_us = :due WHERE card_version_id = :version AND lead_id = :lead"
