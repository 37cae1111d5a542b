"""What reports read of the bands that leads came into, and of what became of them after."""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from leadwise.report.conversion import Entry
from leadwise.report.cycle import Closed
from leadwise.report.response import Rise
from leadwise.store.driver import ask
from leadwise.store.report_scope import ANSWERS, Scope, listed_texts


def band_entries(connection: Connection, scope: Scope) -> Iterator[Entry]:
    """The first time in the period that each lead came into each band, by arriving or changing."""
    sql = (
        "WITH entered AS (SELECT b.lead_id, b.to_band, min(b.at_us) AS at_us FROM band_change AS b "
        "WHERE b.at_us >= :start AND b.at_us < :end AND b.to_band IS NOT NULL"
        f"{scope.of_version('b')} GROUP BY b.lead_id, b.to_band) "
        f"SELECT n.to_band, n.at_us, {scope.reached_us('n.lead_id')} "
        f"FROM entered AS n JOIN lead AS l ON l.id = n.lead_id WHERE {scope.leads}"
    )
    return (Entry(*row) for row in ask(connection, sql, **scope.values))


def arrivals(connection: Connection, scope: Scope) -> list[tuple[int, int | None]]:
    """When each lead of the period arrived, and when it first reached the goal."""
    sql = (
        f"SELECT l.created_us, {scope.reached_us('l.id')} FROM lead AS l "
        f"WHERE l.created_us >= :start AND l.created_us < :end AND {scope.leads}"
    )
    return [(row[0], row[1]) for row in ask(connection, sql, **scope.values)]


def closed_leads(connection: Connection, scope: Scope) -> list[Closed]:
    """Leads that were first won or lost in the period, with what was before that."""
    found: dict[int, tuple[int, bool, int | None, dict[str, int]]] = {}
    ending = (
        "WITH closing AS (SELECT o.lead_id, min(o.at_us) AS at_us FROM outcome AS o "
        "WHERE o.kind IN ('won', 'lost') AND o.at_us <= :now GROUP BY o.lead_id), "
        "closed AS (SELECT c.lead_id, c.at_us FROM closing AS c JOIN lead AS l ON l.id = c.lead_id "
        f"WHERE c.at_us >= :start AND c.at_us < :end AND {scope.leads}) "
    )
    heads = (
        f"{ending}SELECT c.lead_id, c.at_us, (SELECT count(*) FROM outcome AS w "
        "WHERE w.lead_id = c.lead_id AND w.at_us = c.at_us AND w.kind = 'won'), "
        "(SELECT min(a.at_us) FROM outcome AS a WHERE a.lead_id = c.lead_id "
        "AND a.kind = 'sales_accepted' AND a.at_us <= c.at_us) FROM closed AS c"
    )
    for lead_id, at_us, wins, accepted_us in ask(connection, heads, **scope.values):
        found[lead_id] = (at_us, bool(wins), accepted_us, {})
    entered = (
        f"{ending}SELECT c.lead_id, b.to_band, min(b.at_us) FROM closed AS c "
        "JOIN band_change AS b ON b.lead_id = c.lead_id AND b.at_us <= c.at_us "
        f"WHERE b.to_band IS NOT NULL{scope.of_version('b')} GROUP BY c.lead_id, b.to_band"
    )
    for lead_id, band, at_us in ask(connection, entered, **scope.values):
        found[lead_id][3][band] = at_us
    return [Closed(*each) for each in found.values()]


def rises(connection: Connection, scope: Scope) -> Iterator[tuple[int, str | None, Rise]]:
    """(lead, band it came from, rise) of every change of band in the period, in order of time.

    `first_rises` picks those that are rises.
    """
    sql = (
        "SELECT b.lead_id, b.from_band, b.to_band, b.at_us, "
        "(SELECT min(a.at_us) FROM outcome AS a WHERE a.lead_id = b.lead_id "
        f"AND a.kind IN ({listed_texts(ANSWERS)}) AND a.at_us >= b.at_us AND a.at_us <= :now), "
        "(SELECT w.member_id FROM lead_owner AS w WHERE w.lead_id = b.lead_id), "
        f"{scope.reached_us('b.lead_id')} "
        "FROM band_change AS b JOIN lead AS l ON l.id = b.lead_id "
        "WHERE b.at_us >= :start AND b.at_us < :end AND b.to_band IS NOT NULL "
        f"AND {scope.leads}{scope.of_version('b')} ORDER BY b.at_us, b.id"
    )
    for lead_id, came_from, *rise in ask(connection, sql, **scope.values):
        yield lead_id, came_from, Rise(*rise)
