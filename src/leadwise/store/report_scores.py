"""What reports read of scores that were said, of ledgers, and of who was active when."""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import Connection

from leadwise.report.ranking import Tied
from leadwise.store.driver import ask
from leadwise.store.report_scope import Scope

_AMOUNTS = msgspec.json.Decoder(list[int])


def scores_said(connection: Connection, scope: Scope, at_us: int) -> list[Tied]:
    """Of the leads that had a score at an instant: how many of each score, and how many of them
    reached the goal within the horizon after it. Those that had reached it before are left out."""
    sql = (
        "WITH said AS MATERIALIZED (SELECT (SELECT h.score FROM score_history AS h "
        f"WHERE h.lead_id = l.id AND h.as_of_us <= :at{scope.of_version('h')} "
        "ORDER BY h.as_of_us DESC, h.id DESC LIMIT 1) AS score, "
        f"{scope.reached_us('l.id')} AS reached_us FROM lead AS l WHERE {scope.leads}) "
        "SELECT score, count(*), "
        "sum(CASE WHEN reached_us <= :at + :horizon THEN 1 ELSE 0 END) FROM said "
        "WHERE score IS NOT NULL AND (reached_us IS NULL OR reached_us > :at) "
        "GROUP BY score ORDER BY score"
    )
    found = ask(connection, sql, at=at_us, **scope.values)
    return [Tied(score, int(leads), int(won)) for score, leads, won in found]


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
) -> list[tuple[list[int], int, int]]:
    """(amounts, leads, how many reached the goal in the period) of leads with like ledgers.

    Of leads that arrived before the period's end and had not reached the goal before its start.
    """
    sql = (
        f"SELECT s.ledger, {scope.reached_us('s.lead_id')} "
        "FROM score AS s JOIN lead AS l ON l.id = s.lead_id "
        f"WHERE s.card_version_id = :of AND l.created_us < :end AND {scope.leads}"
    )
    leads: Counter[str] = Counter()
    won: Counter[str] = Counter()
    for ledger, reached_us in ask(connection, sql, of=version_id, **scope.values):
        if reached_us is not None and reached_us < scope.start_us:
            continue
        leads[ledger] += 1
        if reached_us is not None and reached_us < scope.end_us:
            won[ledger] += 1
    return [(_AMOUNTS.decode(text), number, won[text]) for text, number in leads.items()]


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
    connection: Connection, scope: Scope, first_us: int, week_us: int
) -> tuple[Counted, dict[str, int]]:
    """Known leads that did something in each week, and in any, by band. Events that are suspected
    to be no person's do not count."""
    weeks = (
        "WITH active AS MATERIALIZED (SELECT DISTINCT i.lead_id, "
        "(e.at_us - :first) / :week AS week "
        f"FROM identity_lead AS i {_join(connection)} event AS e ON e.identity_id = i.identity_id "
        "AND e.at_us >= :first AND e.at_us < :end "
        "WHERE e.at_us >= i.from_us AND e.at_us < i.until_us "
        "AND e.id NOT IN (SELECT m.event_id FROM event_mark AS m WHERE m.cleared_us IS NULL)) "
    )
    sql = (
        f"{weeks}, placed AS MATERIALIZED (SELECT coalesce(s.shown_band, '') AS band, a.week, "
        f"a.lead_id FROM active AS a JOIN lead AS l ON l.id = a.lead_id {_SCORE} "
        f"WHERE l.known = 1 AND l.created_us < :end AND {scope.leads}) "
        "SELECT band, week, count(*) FROM placed GROUP BY band, week "
        "UNION ALL SELECT band, -1, count(DISTINCT lead_id) FROM placed GROUP BY band"
    )
    found = ask(connection, sql, first=first_us, week=week_us, **scope.values)
    counted = [(band, int(week), int(leads)) for band, week, leads in found]
    in_any = {band: leads for band, week, leads in counted if week < 0}
    return [each for each in counted if each[1] >= 0], in_any


_SCORE = "LEFT JOIN score AS s ON s.card_version_id = :live AND s.lead_id = l.id"


def _join(connection: Connection) -> str:
    """SQLite keeps the order of a CROSS JOIN: each identity's events by their index."""
    return "CROSS JOIN" if connection.dialect.name == "sqlite" else "JOIN"
