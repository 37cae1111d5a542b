"""What reports read of outcomes: when leads reached each stage, what calls brought."""

# ruff: noqa: S608 - the SQL is made of our own constants and of what `Scope` writes

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.report.velocity import STAGES, Journey
from leadwise.store.driver import ask
from leadwise.store.report_scope import CALLS, Scope, firsts, listed_texts

GIVEN_UP = ("lost", "sales_rejected")
"""The outcomes after which a lead is in no stage any more, until it reaches another one."""


def journeys(connection: Connection, scope: Scope, top_band: str | None) -> list[Journey]:
    """When each lead first reached each stage and was last given up, ever; leads of no stage are
    left out.

    A lead without the outcome `mql` is one from when it first came into `top_band`.
    """
    kinds = (*STAGES, *GIVEN_UP)
    places = {kind: min(place, len(STAGES)) for place, kind in enumerate(kinds)}
    sql = (
        "SELECT o.lead_id, o.kind, o.at_us FROM outcome AS o JOIN lead AS l ON l.id = o.lead_id "
        f"WHERE o.kind IN ({listed_texts(kinds)}) AND o.at_us <= :now AND {scope.leads}"
    )
    found: dict[int, list[int | None]] = {}
    for lead_id, kind, at_us in ask(connection, sql, **scope.values):
        own = found.setdefault(lead_id, [None] * (len(STAGES) + 1))
        place = places[kind]
        before = own[place]
        if before is None or (at_us > before if place == len(STAGES) else at_us < before):
            own[place] = at_us
    if top_band is not None:
        risen = (
            "SELECT b.lead_id, b.at_us FROM band_change AS b "
            "JOIN lead AS l ON l.id = b.lead_id WHERE b.to_band = :top "
            f"AND b.at_us <= :now AND {scope.leads}{scope.of_version('b')}"
        )
        rows = ((row[0], row[1]) for row in ask(connection, risen, top=top_band, **scope.values))
        for lead_id, at_us in firsts(rows).items():
            own = found.setdefault(lead_id, [None] * (len(STAGES) + 1))
            if own[0] is None:
                own[0] = at_us
    return [Journey(tuple(moments[:-1]), moments[-1]) for moments in found.values()]


def calls_by_band(connection: Connection, scope: Scope) -> list[tuple[str, int]]:
    """(band, calls in the period); the band is that in which the lead was first called."""
    sql = (
        "WITH calls AS (SELECT o.lead_id, min(o.at_us) AS first_us, "
        "sum(CASE WHEN o.at_us >= :start AND o.at_us < :end THEN 1 ELSE 0 END) AS number "
        f"FROM outcome AS o WHERE o.kind IN ({listed_texts(CALLS)}) GROUP BY o.lead_id), "
        f"placed AS (SELECT {_band_at('c.lead_id', 'c.first_us', scope)} AS band, c.number "
        "FROM calls AS c JOIN lead AS l ON l.id = c.lead_id "
        f"WHERE c.number > 0 AND {scope.leads}) "
        "SELECT band, sum(number) FROM placed GROUP BY band"
    )
    return [(band or "", int(number)) for band, number in ask(connection, sql, **scope.values)]


def wins_by_band(
    connection: Connection, scope: Scope
) -> list[tuple[str | None, str | None, int | None]]:
    """(band, currency, value) of each win in the period; None as the band: never called."""
    sql = (
        "WITH wins AS (SELECT o.lead_id, o.currency, o.value, (SELECT min(a.at_us) "
        "FROM outcome AS a WHERE a.lead_id = o.lead_id AND a.at_us <= o.at_us "
        f"AND a.kind IN ({listed_texts(CALLS)})) AS first_us FROM outcome AS o "
        "WHERE o.kind = 'won' AND o.at_us >= :start AND o.at_us < :end) "
        f"SELECT n.first_us, {_band_at('n.lead_id', 'n.first_us', scope)}, n.currency, n.value "
        f"FROM wins AS n JOIN lead AS l ON l.id = n.lead_id WHERE {scope.leads}"
    )
    return [
        (None if first_us is None else band or "", currency, value)
        for first_us, band, currency, value in ask(connection, sql, **scope.values)
    ]


def _band_at(lead_id: str, at_us: str, scope: Scope) -> str:
    """SQL of the band that a lead had at an instant."""
    return (
        f"(SELECT b.to_band FROM band_change AS b WHERE b.lead_id = {lead_id} "
        f"AND b.at_us <= {at_us}{scope.of_version('b')} ORDER BY b.at_us DESC, b.id DESC LIMIT 1)"
    )
