"""What the queue shows of its leads: all of a page at once, a fixed number of queries."""

# ruff: noqa: S608 - the SQL is our own; values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from leadwise.store.bulk import as_list, listed_whole

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A lead with its stored score (hundredths); `ledger` and `totals` are JSON texts."""

    lead_id: int
    account_id: int | None
    account_name: str | None
    score: int
    shown_score: int
    band: str | None
    shown_band: str | None
    band_since_us: int
    ledger: str
    totals: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Told:
    """A shown score and since when."""

    at_us: int
    score: int


def queue_rows(
    connection: Connection, version_id: int, lead_ids: Sequence[int]
) -> dict[int, QueueRow]:
    """The rows of these leads, of those that have a score under the version."""
    sql = (
        "SELECT s.lead_id, l.account_id, a.name, s.score, s.shown_score, s.band, s.shown_band, "
        "s.band_since_us, s.ledger, s.totals, s.unknown FROM score AS s "
        "JOIN lead AS l ON l.id = s.lead_id LEFT JOIN account AS a ON a.id = l.account_id "
        "WHERE s.card_version_id = :version AND l.merged_into IS NULL AND l.erased_us IS NULL "
        f"AND s.lead_id IN {listed_whole(connection)}"
    )
    rows = connection.execute(text(sql), {"version": version_id, "list": as_list(lead_ids)})
    return {row[0]: QueueRow(*row) for row in rows}


def told_scores(
    connection: Connection, lead_ids: Sequence[int], since_us: int
) -> dict[int, list[Told]]:
    """What was said of each lead's score, in order: what held at `since_us`, then the last of each
    day (UTC).

    Nothing is said anew that is the same, on whichever card it rests: what a card says that nobody
    was told of is left out.
    """
    listed = listed_whole(connection)
    told = "card_version_id IN (SELECT id FROM card_version WHERE published_us IS NOT NULL)"
    held = (
        "SELECT (SELECT h.id FROM score_history AS h WHERE h.lead_id = l.id "
        f"AND h.as_of_us < :since AND h.{told} ORDER BY h.as_of_us DESC, h.id DESC LIMIT 1) "
        f"FROM lead AS l WHERE l.id IN {listed}"
    )
    days = (
        f"SELECT max(id) FROM score_history WHERE as_of_us >= :since AND {told} "
        f"AND lead_id IN {listed} GROUP BY lead_id, as_of_us / {DAY_US}"
    )
    sql = (
        "SELECT lead_id, as_of_us, shown_score FROM score_history "
        f"WHERE id IN ({held} UNION ALL {days}) ORDER BY lead_id, as_of_us, id"
    )
    given = {"since": since_us, "list": as_list(lead_ids)}
    found: dict[int, list[Told]] = {}
    for lead_id, at_us, score in connection.execute(text(sql), given):
        found.setdefault(lead_id, []).append(Told(at_us, score))
    return found
