"""What reports read of scores that were said, of ledgers, and of who was active when."""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from leadwise.report.ranking import Tied
from leadwise.store.driver import ask
from leadwise.store.report_bands import reached_us
from leadwise.store.report_scope import Scope

_AMOUNTS = msgspec.json.Decoder(list[int])


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


Columns = list[list[int]]
"""For each line of a ledger its amounts (hundredths), one for each lead."""


def ledgers_and_goals(
    connection: Connection, scope: Scope, version_id: int, lines: int
) -> tuple[Columns, Columns]:
    """The columns of the ledgers of all leads, and of those that reached the goal in the period.

    Of leads that arrived before the period's end and had not reached the goal before its start.
    """
    sql = (
        "SELECT s.lead_id, s.ledger FROM score AS s JOIN lead AS l ON l.id = s.lead_id "
        f"WHERE s.card_version_id = :of AND l.created_us < :end AND {scope.leads}"
    )
    reached = reached_us(connection, scope)
    found: list[str] = []
    won: list[str] = []
    for lead_id, ledger in ask(connection, sql, of=version_id, **scope.values):
        at_us = reached.get(lead_id)
        if at_us is not None and at_us < scope.start_us:
            continue
        found.append(ledger)
        if at_us is not None and at_us < scope.end_us:
            won.append(ledger)
    return _columns(found, lines), _columns(won, lines)


def _columns(ledgers: list[str], lines: int) -> Columns:
    """Of JSON lists of one length: as one long list, for a list each would be slow."""
    amounts = _AMOUNTS.decode(f"[{','.join(text.strip('[]') for text in ledgers)}]")
    assert len(amounts) == len(ledgers) * lines
    return [amounts[place::lines] for place in range(lines)]


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
) -> tuple[Counted, Counter[str]]:
    """Known leads that did something in each week, and in any, by band; at most MOST_WEEKS weeks.
    Events that are suspected to be no person's do not count."""
    assert weeks <= MOST_WEEKS
    join = _join(connection)
    sign = "group_concat(char" if connection.dialect.name == "sqlite" else "string_agg(chr"
    # The weeks of a lead's events as one text, a sign for each: nothing has to be sorted for it.
    sql = (
        f"WITH active AS MATERIALIZED (SELECT i.lead_id, {sign}(CAST({_FIRST_SIGN} + {_WEEK} "
        f"AS INTEGER)), '') AS signs FROM identity_lead AS i {join} event AS e "
        "ON e.identity_id = i.identity_id AND e.at_us >= :first AND e.at_us < :end "
        f"WHERE {_OWN} GROUP BY i.lead_id) SELECT a.lead_id, coalesce(s.shown_band, ''), a.signs "
        f"FROM active AS a JOIN lead AS l ON l.id = a.lead_id {_SCORE} "
        f"WHERE l.known = 1 AND l.created_us < :end AND {scope.leads}"
    )
    values = {"first": first_us, "week": week_us, **scope.values}
    doubted = _only_doubted(connection, values)
    counted: dict[str, Counter[str]] = {}
    in_any: Counter[str] = Counter()
    for lead_id, band, signs in ask(connection, sql, **values):
        own = set(signs)
        if lead_id in doubted:
            own -= doubted[lead_id]
        if own:
            in_any[band] += 1
            counted.setdefault(band, Counter()).update(own)
    weekly = [
        (band, ord(sign) - _FIRST_SIGN, leads)
        for band, each in counted.items()
        for sign, leads in each.items()
    ]
    return weekly, in_any


def _only_doubted(connection: Connection, values: dict[str, Any]) -> dict[int, set[str]]:
    """For each lead the weeks, as signs, in which all its events are suspected to be no person's.

    There are few suspects: looking each event up among them would take longer than all else.
    """
    join = _join(connection)
    sql = (
        f"WITH doubted AS MATERIALIZED (SELECT DISTINCT i.lead_id, {_WEEK} AS week "
        f"FROM event_mark AS m {join} event AS e ON e.id = m.event_id "
        f"{join} identity_lead AS i ON i.identity_id = e.identity_id "
        "WHERE m.cleared_us IS NULL AND e.at_us >= :first AND e.at_us < :end "
        f"AND {_OWN}) SELECT d.lead_id, d.week FROM doubted AS d WHERE NOT EXISTS "
        f"(SELECT 1 FROM identity_lead AS i {join} event AS e "
        "ON e.identity_id = i.identity_id AND e.at_us >= :first + d.week * :week "
        "AND e.at_us < :first + (d.week + 1) * :week WHERE i.lead_id = d.lead_id "
        f"AND e.at_us < :end AND {_OWN} AND NOT EXISTS (SELECT 1 FROM event_mark AS m "
        "WHERE m.event_id = e.id AND m.cleared_us IS NULL))"
    )
    found: dict[int, set[str]] = {}
    for lead_id, week in ask(connection, sql, **values):
        found.setdefault(lead_id, set()).add(chr(_FIRST_SIGN + int(week)))
    return found


MOST_WEEKS = 60
"""So that each has a sign of ASCII."""
_FIRST_SIGN = 48
_WEEK = "(e.at_us - :first) / :week"
_OWN = "e.at_us >= i.from_us AND e.at_us < i.until_us"
_SCORE = "LEFT JOIN score AS s ON s.card_version_id = :live AND s.lead_id = l.id"


def _join(connection: Connection) -> str:
    """SQLite keeps the order of a CROSS JOIN: each identity's events by their index."""
    return "CROSS JOIN" if connection.dialect.name == "sqlite" else "JOIN"
