"""A lead with those that became part of it, and where to write to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask


def kept_leads(connection: Connection, lead_ids: Iterable[int]) -> dict[int, int]:
    """By each id the lead that it is now, where that is a lead that may be followed up: neither
    erased nor one that objected."""
    found: dict[int, int] = {}
    looked = {lead_id: lead_id for lead_id in lead_ids}
    sql = (
        "SELECT id, merged_into FROM lead WHERE erased_us IS NULL AND objected_us IS NULL "  # noqa: S608 - our own SQL
        f"AND id IN {listed_whole(connection)}"
    )
    while looked:
        rows = dict(ask(connection, sql, list=as_list(sorted(set(looked.values())))))
        there = {asked: now for asked, now in looked.items() if now in rows}
        found.update({asked: now for asked, now in there.items() if rows[now] is None})
        looked = {asked: rows[now] for asked, now in there.items() if rows[now] is not None}
    return found


def all_ids(connection: Connection, lead_ids: Iterable[int]) -> dict[int, set[int]]:
    """By each lead its own id and those of all leads that became part of it."""
    found = {lead_id: {lead_id} for lead_id in lead_ids}
    whose = {lead_id: lead_id for lead_id in found}
    sql = (
        "SELECT kept_id, other_id FROM merge WHERE undone_us IS NULL "  # noqa: S608 - our own SQL
        f"AND kept_id IN {listed_whole(connection)}"
    )
    while whose:
        rows = ask(connection, sql, list=as_list(sorted(whose)))
        parts = {other: whose[kept] for kept, other in rows if other not in found[whose[kept]]}
        for other, lead_id in parts.items():
            found[lead_id].add(other)
        whose = parts
    return found


def addresses(connection: Connection, lead_ids: Iterable[int]) -> dict[int, set[str]]:
    """The e-mail addresses of each lead that has any."""
    # CROSS JOIN: SQLite takes the leads first, and does not go through everybody's addresses.
    sql = (
        "SELECT o.lead_id, i.value FROM identity_lead AS o "  # noqa: S608 - our own SQL
        "CROSS JOIN identity AS i "
        f"WHERE i.id = o.identity_id AND i.kind = 'email' AND o.until_us = {FOREVER} "
        f"AND o.lead_id IN {listed_whole(connection)}"
    )
    found: dict[int, set[str]] = {}
    for lead_id, address in ask(connection, sql, list=as_list(lead_ids)):
        found.setdefault(lead_id, set()).add(address)
    return found


def ids_of(whole: Mapping[int, set[int]]) -> list[int]:
    """All ids of several leads."""
    return sorted({part for parts in whole.values() for part in parts})
