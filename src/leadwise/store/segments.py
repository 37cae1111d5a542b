"""Leads by how they stand with a question: answered, failed (none, contradicted), or unknown.

What stands is a lead's latest answer that counts and says something. A question that nobody ever
put and one that was not discussed are the same: unknown, never a no. Leads that are part of others
or erased, and those that nobody knows by a name (visitors), are in no segment.
"""

# ruff: noqa: S608 - the SQL is our own; values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, text

from leadwise.store.answers import COUNTS
from leadwise.store.opening import KEPT

Standing: TypeAlias = Literal["stated", "none", "contradicted", "unknown"]
STANDINGS: tuple[Standing, ...] = ("stated", "none", "contradicted", "unknown")
FAILED: tuple[Standing, ...] = ("none", "contradicted")


_MOST_KEPT = 100
_Counts: TypeAlias = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Segment:
    """How many leads stand how with a question."""

    question: str
    stated: int
    none: int
    contradicted: int
    unknown: int


@dataclass(frozen=True, slots=True)
class InSegment:
    """A lead of a segment; the answer that stands and since when, None where it is unknown."""

    lead_id: int
    answer_id: int | None
    at_us: int | None


def count_segments(
    connection: Connection, frame: str, questions: Sequence[str]
) -> tuple[Segment, ...]:
    """The counts of each question of a frame, over all leads."""
    everybody = connection.execute(text(f"SELECT count(*) FROM ({_EVERYBODY}) AS q")).scalar_one()
    found = _answered(connection, frame, everybody)
    made = []
    for question in questions:
        of = found.get(question, {})
        stated, none, contradicted = (of.get(s, 0) for s in STANDINGS[:3])
        unknown = everybody - stated - none - contradicted
        made.append(Segment(question, stated, none, contradicted, unknown))
    return tuple(made)


def _answered(connection: Connection, frame: str, everybody: int) -> _Counts:
    """By question and status how many leads; counted once for a state of the record.

    Counting takes a second at 50,000 qualified leads, telling the state some milliseconds.
    """
    kept: dict[str, tuple[Any, _Counts]] = connection.get_execution_options().get(KEPT, {})
    state = (everybody, *connection.execute(text(_STATE)).one())
    was = kept.get(frame)
    if was is not None and was[0] == state:
        return was[1]
    found: _Counts = {}
    for question, status, number in connection.execute(text(_COUNTED), {"frame": frame}):
        found.setdefault(question, {})[status] = number
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[frame] = (state, found)
    return found


def list_segment(
    connection: Connection,
    frame: str,
    question: str,
    standings: Sequence[Standing],
    *,
    after_id: int = 0,
    limit: int = 50,
) -> list[InSegment]:
    """Leads that stand so with a question, by id, from after `after_id` on."""
    wanted = [one for one in standings if one != "unknown"]
    given: dict[str, Any] = {"frame": frame, "question": question, "after": after_id,
                             "limit": limit}  # fmt: skip
    said = ", ".join(f"'{one}'" for one in STANDINGS[:3] if one in wanted)
    conditions = [f"a.status IN ({said})"] if said else []
    if "unknown" in standings:
        conditions.append("a.status IS NULL")
    if not conditions:
        return []
    sql = (
        f"SELECT w.id, a.id, a.at_us FROM ({_WALK}) AS w LEFT JOIN answer AS a ON a.id = w.answer "
        f"WHERE {' OR '.join(conditions)} ORDER BY w.id LIMIT :limit"
    )
    return [InSegment(*row) for row in connection.execute(text(sql), given)]


_EVERYBODY = "SELECT id FROM lead WHERE merged_into IS NULL AND erased_us IS NULL AND known = 1"
_COUNTING = f"({', '.join(repr(one) for one in COUNTS)})"
# Leads one by one, each with its answer looked up: a page ends where it is full. CROSS JOIN keeps
# SQLite from beginning at the answers.
_WALK = (
    "SELECT l.id, (SELECT b.id FROM identity_lead AS i CROSS JOIN answer AS b "
    "WHERE i.lead_id = l.id AND b.identity_id = i.identity_id AND b.at_us >= i.from_us "
    "AND b.at_us < i.until_us AND b.frame = :frame AND b.question = :question "
    f"AND b.status <> 'not_discussed' AND b.review IN {_COUNTING} "
    "ORDER BY b.at_us DESC, b.id DESC LIMIT 1) AS answer FROM lead AS l "
    "WHERE l.id > :after AND l.merged_into IS NULL AND l.erased_us IS NULL AND l.known = 1"
)
_STANDS = (
    "SELECT i.lead_id, a.question, a.status, a.id AS answer_id, a.at_us, "
    "row_number() OVER (PARTITION BY i.lead_id, a.question ORDER BY a.at_us DESC, a.id DESC) "
    "AS latest FROM answer AS a JOIN identity_lead AS i ON i.identity_id = a.identity_id "
    "AND a.at_us >= i.from_us AND a.at_us < i.until_us "
    "WHERE a.frame = :frame AND a.status <> 'not_discussed' "
    f"AND a.review IN {_COUNTING}"
)
_COUNTED = (
    f"SELECT s.question, s.status, count(*) FROM ({_STANDS}) AS s "
    f"JOIN ({_EVERYBODY}) AS l ON l.id = s.lead_id WHERE s.latest = 1 "
    "GROUP BY s.question, s.status"
)
# Whatever moves a lead from segment to segment changes one of these: answers are added where others
# are replaced or corrected, identities change hands by merges, erasing raises the generation.
_STATE = (
    "SELECT (SELECT max(id) FROM answer), (SELECT count(*) FROM answer), "
    "(SELECT count(*) FROM answer WHERE review = 'rejected'), "
    "(SELECT count(*) FROM identity_lead), (SELECT max(id) FROM merge), "
    "(SELECT count(*) FROM merge WHERE undone_us IS NOT NULL), "
    "(SELECT value FROM meta WHERE key = 'generation')"
)
