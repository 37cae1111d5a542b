"""What reports read of the bands that leads came into, and of what became of them after.

Everybody's rows are read in the order in which the tables hold them and put together here: asking
lead by lead takes several times as long.
"""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from sqlalchemy import Connection

from leadwise.report.conversion import Entry
from leadwise.report.cycle import Closed
from leadwise.report.response import Rise
from leadwise.store.bulk import as_list, listed
from leadwise.store.driver import ask
from leadwise.store.outcomes import ANSWERS
from leadwise.store.report_scope import Scope, firsts, listed_texts


def band_entries(connection: Connection, scope: Scope) -> Iterator[Entry]:
    """The first time in the period that each lead came into each band, by arriving or changing."""
    sql = (
        "SELECT b.lead_id, b.to_band, b.at_us FROM band_change AS b "
        "JOIN lead AS l ON l.id = b.lead_id WHERE b.at_us >= :start AND b.at_us < :end "
        f"AND b.to_band IS NOT NULL AND {scope.leads}{scope.of_version('b')}"
    )
    entered: dict[tuple[int, str], int] = {}
    for lead_id, band, at_us in ask(connection, sql, **scope.values):
        before = entered.get((lead_id, band))
        if before is None or at_us < before:
            entered[lead_id, band] = at_us
    reached = reached_us(connection, scope)
    return (Entry(band, at_us, reached.get(who)) for (who, band), at_us in entered.items())


def arrivals(connection: Connection, scope: Scope) -> list[tuple[int, int | None]]:
    """When each lead of the period arrived, and when it first reached the goal."""
    sql = (
        "SELECT l.id, l.created_us FROM lead AS l "
        f"WHERE l.created_us >= :start AND l.created_us < :end AND {scope.leads}"
    )
    reached = reached_us(connection, scope)
    return [
        (created_us, reached.get(lead_id))
        for lead_id, created_us in ask(connection, sql, **scope.values)
    ]


def reached_us(connection: Connection, scope: Scope) -> dict[int, int]:
    """When each lead that reached the goal by now first did."""
    sql = (
        "SELECT o.lead_id, o.at_us FROM outcome AS o "
        f"WHERE o.kind IN ({scope.goals}) AND o.at_us <= :now"
    )
    return firsts((row[0], row[1]) for row in ask(connection, sql, **scope.values))


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
        f"{ending}SELECT c.lead_id, b.to_band, b.at_us FROM closed AS c "
        "JOIN band_change AS b ON b.lead_id = c.lead_id AND b.at_us <= c.at_us "
        f"WHERE b.to_band IS NOT NULL{scope.of_version('b')} ORDER BY c.lead_id, b.at_us"
    )
    for lead_id, band, at_us in ask(connection, entered, **scope.values):
        found[lead_id][3].setdefault(band, at_us)
    return [Closed(*each) for each in found.values()]


def rises(
    connection: Connection, scope: Scope, bands: tuple[str, ...]
) -> Iterator[tuple[int, str | None, Rise]]:
    """(lead, band it came from, rise) of every change in the period into one of `bands`, in order
    of time. `first_rises` picks those that are rises."""
    sql = (
        "SELECT b.lead_id, b.from_band, b.to_band, b.at_us, w.member_id FROM band_change AS b "
        "JOIN lead AS l ON l.id = b.lead_id LEFT JOIN lead_owner AS w ON w.lead_id = b.lead_id "
        f"WHERE b.at_us >= :start AND b.at_us < :end AND b.to_band IN {listed(connection)} "
        f"AND {scope.leads}{scope.of_version('b')} ORDER BY b.at_us, b.id"
    )
    changes = ask(connection, sql, list=as_list(bands), **scope.values)
    answers = _answers(connection, scope)
    reached = reached_us(connection, scope)
    for lead_id, came_from, band, at_us, owner in changes:
        calls = answers.get(lead_id, ())
        place = bisect_left(calls, at_us)
        answered_us = calls[place] if place < len(calls) else None
        yield lead_id, came_from, Rise(band, at_us, answered_us, owner, reached.get(lead_id))


def _answers(connection: Connection, scope: Scope) -> dict[int, list[int]]:
    """When somebody answered each lead, in order of time: what stops the queue's clock."""
    sql = (
        f"SELECT o.lead_id, o.at_us FROM outcome AS o WHERE o.kind IN ({listed_texts(ANSWERS)}) "
        "AND o.at_us >= :start AND o.at_us <= :now ORDER BY o.at_us"
    )
    found: dict[int, list[int]] = {}
    for lead_id, at_us in ask(connection, sql, **scope.values):
        found.setdefault(lead_id, []).append(at_us)
    return found
