"""What reports read of scores that were said, of ledgers, and of who was active when."""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from leadwise.report.ranking import Tied
from leadwise.store.driver import ask
from leadwise.store.report_bands import reached_us
from leadwise.store.report_scope import Scope

_AMOUNTS = msgspec.json.Decoder(list[list[int]])


def scores_said(connection: Connection, scope: Scope, moments: Sequence[int]) -> list[list[Tied]]:
    """For each of some instants, of the leads that had a score then: how many of each score, and
    how many of them reached the goal within the horizon after it, in rising order of score. Leads
    that had reached it before are left out."""
    asked = ", ".join(
        "(SELECT h.score FROM score_history AS h WHERE h.lead_id = l.id "
        f"AND h.as_of_us <= :at{name}{scope.of_version('h')} "
        "ORDER BY h.as_of_us DESC, h.id DESC LIMIT 1)"
        for name in "abcdef"[: len(moments)]
    )
    named = {f"at{name}": at_us for name, at_us in zip("abcdef", moments, strict=False)}
    sql = f"SELECT l.id, {asked} FROM lead AS l WHERE {scope.leads}"
    found: list[dict[int, list[int]]] = [{} for _ in moments]
    reached = reached_us(connection, scope)
    for lead_id, *scores in ask(connection, sql, **named, **scope.values):
        at_goal_us = reached.get(lead_id)
        for at_us, score, counted in zip(moments, scores, found, strict=True):
            if score is None or (at_goal_us is not None and at_goal_us <= at_us):
                continue
            own = counted.setdefault(score, [0, 0])
            own[0] += 1
            own[1] += at_goal_us is not None and at_goal_us <= at_us + scope.horizon_us
    return [[Tied(score, *counted[score]) for score in sorted(counted)] for counted in found]


def first_said_us(connection: Connection, scope: Scope) -> int | None:
    """When the first score of all was said (rows are in the order in which they were said)."""
    sql = (
        "SELECT h.as_of_us FROM score_history AS h "
        f"WHERE 1 = 1{scope.of_version('h')} ORDER BY h.id LIMIT 1"
    )
    found = ask(connection, sql, **scope.values)
    return int(found[0][0]) if found else None


def ledgers_and_goals(
    connection: Connection, scope: Scope, version_id: int
) -> tuple[list[list[int]], list[list[int]]]:
    """The amounts of the ledgers of all leads, and of those that reached the goal in the period.

    Of leads that arrived before the period's end and had not reached the goal before its start.
    """
    sql = (
        "SELECT s.lead_id, s.ledger FROM score AS s JOIN lead AS l ON l.id = s.lead_id "
        f"WHERE s.card_version_id = :of AND l.created_us < :end AND {scope.leads}"
    )
    reached = reached_us(connection, scope)
    found: list[str] = []
    won: list[int] = []
    for lead_id, ledger in ask(connection, sql, of=version_id, **scope.values):
        at_us = reached.get(lead_id)
        if at_us is not None and at_us < scope.start_us:
            continue
        if at_us is not None and at_us < scope.end_us:
            won.append(len(found))
        found.append(ledger)
    amounts = _AMOUNTS.decode(f"[{','.join(found)}]")
    return amounts, [amounts[place] for place in won]


Counted = list[tuple[str, int, int]]
"""(band, week, leads). The band is that of now, empty where there is none."""


def known_by_week(connection: Connection, scope: Scope, first_us: int, week_us: int) -> Counted:
    """Known leads by their band and the week from `first_us` in which they arrived; before: -1."""
    sql = (
        "SELECT coalesce(s.shown_band, ''), CASE WHEN l.created_us < :first THEN -1 "
        "ELSE (l.created_us - :first) / :week END AS week, count(*) "
        f"FROM lead AS l {_SCORE} WHERE l.known = 1 AND l.created_us < :end "
        f"AND {scope.leads} GROUP BY 1, 2"
    )
    found = ask(connection, sql, first=first_us, week=week_us, **scope.values)
    return [(band, int(week), int(leads)) for band, week, leads in found]


def active_by_week(
    connection: Connection, scope: Scope, first_us: int, week_us: int, weeks: int
) -> tuple[Counted, dict[str, int]]:
    """Known leads that did something in each week, and in any, by band; at most MOST_WEEKS weeks.
    Events that are suspected to be no person's do not count."""
    assert weeks <= MOST_WEEKS
    masks = (
        f"WITH active AS MATERIALIZED (SELECT DISTINCT i.lead_id, {_WEEK} AS week "
        f"FROM identity_lead AS i {_join(connection)} event AS e ON e.identity_id = i.identity_id "
        f"AND e.at_us >= :first AND e.at_us < :end WHERE {_OWN}), masks AS MATERIALIZED "
        "(SELECT lead_id, sum(CAST(1 AS BIGINT) << CAST(week AS INTEGER)) AS mask "
        "FROM active GROUP BY lead_id) "
        f"SELECT k.lead_id, coalesce(s.shown_band, ''), k.mask "
        f"FROM masks AS k JOIN lead AS l ON l.id = k.lead_id {_SCORE} "
        f"WHERE l.known = 1 AND l.created_us < :end AND {scope.leads}"
    )
    values = {"first": first_us, "week": week_us, **scope.values}
    doubted = _only_doubted(connection, values)
    found: dict[str, list[str]] = {}
    for lead_id, band, mask in ask(connection, masks, **values):
        own = int(mask) & ~doubted.get(lead_id, 0)
        if own:
            found.setdefault(band, []).append(f"{own:0{weeks}b}"[::-1])
    counted = [
        (band, week, signs.count("1"))
        for band, each in found.items()
        for week, signs in enumerate(zip(*each, strict=True))
    ]
    return counted, {band: len(each) for band, each in found.items()}


def _only_doubted(connection: Connection, values: dict[str, Any]) -> dict[int, int]:
    """For each lead the weeks, as bits, in which all its events are suspected to be no person's.

    There are few suspects: looking each event up among them would take longer than all else.
    """
    sql = (
        f"WITH doubted AS MATERIALIZED (SELECT DISTINCT i.lead_id, {_WEEK} AS week "
        f"FROM event_mark AS m {_join(connection)} event AS e ON e.id = m.event_id "
        f"{_join(connection)} identity_lead AS i ON i.identity_id = e.identity_id "
        "WHERE m.cleared_us IS NULL AND e.at_us >= :first AND e.at_us < :end "
        f"AND {_OWN}) SELECT d.lead_id, d.week FROM doubted AS d WHERE NOT EXISTS "
        f"(SELECT 1 FROM identity_lead AS i {_join(connection)} event AS e "
        "ON e.identity_id = i.identity_id AND e.at_us >= :first + d.week * :week "
        "AND e.at_us < :first + (d.week + 1) * :week WHERE i.lead_id = d.lead_id "
        f"AND e.at_us < :end AND {_OWN} AND NOT EXISTS (SELECT 1 FROM event_mark AS m "
        "WHERE m.event_id = e.id AND m.cleared_us IS NULL))"
    )
    found: dict[int, int] = {}
    for lead_id, week in ask(connection, sql, **values):
        found[lead_id] = found.get(lead_id, 0) | 1 << int(week)
    return found


MOST_WEEKS = 60
"""They are bits of a number of 64."""
_WEEK = "(e.at_us - :first) / :week"
_OWN = "e.at_us >= i.from_us AND e.at_us < i.until_us"
_SCORE = "LEFT JOIN score AS s ON s.card_version_id = :live AND s.lead_id = l.id"


def _join(connection: Connection) -> str:
    """SQLite keeps the order of a CROSS JOIN: each identity's events by their index."""
    return "CROSS JOIN" if connection.dialect.name == "sqlite" else "JOIN"
