"""Writing a chunk of scores of one version at one instant: staged in a temporary table first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, MetaData, Table, text

from leadwise.store.bulk import insert_rows
from leadwise.store.columns import text as text_column
from leadwise.store.columns import whole

Fresh: TypeAlias = tuple[Any, ...]
"""The values of `COLUMNS`."""

COLUMNS = (
    "lead_id", "score", "band", "grade", "unknown", "ledger", "totals", "shown_score",
    "shown_band", "stable_until_us", "due_us",
)  # fmt: skip
_NUMBERS = ("lead_id", "score", "shown_score", "stable_until_us", "due_us")


@dataclass(frozen=True, slots=True)
class Written:
    """How many scores were written, and how many of them changed their band (where told)."""

    scores: int = 0
    band_changes: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.scores + other.scores, self.band_changes + other.band_changes)


def write_fresh(
    connection: Connection, version_id: int, as_of_us: int, rows: Sequence[Fresh], cause: str | None
) -> Written:
    """Write what nothing newer is known of. With a `cause` also history and changes of band, for
    scores that were there before and differ, and have the leads' companies scored again."""
    _stage(connection, rows)
    bound = {"version": version_id, "as_of": as_of_us}
    if connection.dialect.name == "postgresql":
        connection.execute(text(_LOCK), bound)
    connection.execute(text(_LEAVE_OUT), bound)
    changes = 0
    same = "IS" if connection.dialect.name == "sqlite" else "IS NOT DISTINCT FROM"
    if cause is not None:
        caused = {**bound, "cause": cause}
        connection.execute(text(_HISTORY.replace("{same}", same)), caused)
        told = connection.execute(text(_CHANGES.replace("{same}", same)), caused)
        changes = told.rowcount
        connection.execute(text(_ACCOUNTS))
    written = connection.execute(text(_WRITE.replace("{same}", same)), bound)
    return Written(written.rowcount, changes)


def _stage(connection: Connection, rows: Sequence[Fresh]) -> None:
    on_commit = " ON COMMIT DROP" if connection.dialect.name == "postgresql" else ""
    kinds = ", ".join(f"{name} {'BIGINT' if name in _NUMBERS else 'TEXT'}" for name in COLUMNS)
    connection.execute(
        text(f"CREATE TEMPORARY TABLE IF NOT EXISTS fresh_score ({kinds}){on_commit}")
    )
    connection.execute(text("DELETE FROM fresh_score"))
    insert_rows(connection, _table(), COLUMNS, rows)


def _table() -> Table:
    columns = [whole(name) if name in _NUMBERS else text_column(name) for name in COLUMNS]
    return Table("fresh_score", MetaData(), *columns)


_LOCK = """
SELECT s.lead_id FROM score AS s JOIN fresh_score AS f ON f.lead_id = s.lead_id
WHERE s.card_version_id = :version ORDER BY s.lead_id FOR UPDATE OF s
"""
_LEAVE_OUT = """
DELETE FROM fresh_score WHERE lead_id IN (SELECT lead_id FROM changed)
OR NOT EXISTS (
    SELECT 1 FROM lead AS l WHERE l.id = fresh_score.lead_id AND l.merged_into IS NULL
    AND l.objected_us IS NULL AND l.erased_us IS NULL
) OR EXISTS (
    SELECT 1 FROM score AS s WHERE s.card_version_id = :version
    AND s.lead_id = fresh_score.lead_id AND s.as_of_us >= :as_of
)
"""
_DIFFERS = """
FROM fresh_score AS f JOIN score AS s ON s.lead_id = f.lead_id AND s.card_version_id = :version
"""
_HISTORY = (
    "INSERT INTO score_history "
    "(lead_id, card_version_id, as_of_us, score, band, shown_score, shown_band, shown_before, "
    "cause) SELECT f.lead_id, :version, :as_of, f.score, f.band, f.shown_score, f.shown_band, "
    "s.shown_score, :cause "
    + _DIFFERS
    + "WHERE NOT (f.score = s.score AND f.band {same} s.band AND f.shown_score = s.shown_score "
    "AND f.shown_band {same} s.shown_band)"
)
_CHANGES = (
    "INSERT INTO band_change "
    "(lead_id, card_version_id, at_us, from_band, to_band, score, cause, event_id) "
    "SELECT f.lead_id, :version, :as_of, s.shown_band, f.shown_band, f.shown_score, :cause, NULL "
    + _DIFFERS
    + "WHERE NOT (f.shown_band {same} s.shown_band)"
)
_ACCOUNTS = (
    "INSERT INTO account_touched (account_id) SELECT DISTINCT l.account_id FROM lead AS l "
    "JOIN fresh_score AS f ON f.lead_id = l.id WHERE l.account_id IS NOT NULL"
)
# A band is entered when it was entered under the card that is live, if it is the same.
_WRITE = """
INSERT INTO score (
    card_version_id, lead_id, as_of_us, score, band, grade, unknown, ledger, totals, shown_score,
    shown_band, band_since_us, stable_until_us, due_us
)
SELECT :version, f.lead_id, :as_of, f.score, f.band, f.grade, f.unknown, f.ledger, f.totals,
    f.shown_score, f.shown_band,
    coalesce((
        SELECT o.band_since_us FROM score AS o JOIN card_version AS v ON v.id = o.card_version_id
        WHERE v.status = 'live' AND v.subject = 'lead' AND o.lead_id = f.lead_id
        AND o.shown_band {same} f.shown_band
    ), :as_of), f.stable_until_us, f.due_us
FROM fresh_score AS f WHERE true
ON CONFLICT (card_version_id, lead_id) DO UPDATE SET
    as_of_us = excluded.as_of_us, score = excluded.score, band = excluded.band,
    grade = excluded.grade, unknown = excluded.unknown, ledger = excluded.ledger,
    totals = excluded.totals, shown_score = excluded.shown_score,
    shown_band = excluded.shown_band, band_since_us = excluded.band_since_us,
    stable_until_us = excluded.stable_until_us, due_us = excluded.due_us
WHERE score.as_of_us < excluded.as_of_us
"""
