"""Touched leads become scores: one transaction from what was touched to what is written.

What is taken is deleted exactly, in the same transaction as the score, its history and the change
of band are written; so whatever moment the process is killed at, a lead is scored and a change told
once. A lead is asked of at an instant that is never before the events it was touched by nor before
its last score, so a clock that goes back harms nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.live.overrides import Override, overrides_of, shown
from leadwise.live.taking import (
    HEAVY_WAIT_US,
    SECOND_US,
    Why,
    drop,
    put_off,
    take_due,
    take_touched,
    whole_second,
)
from leadwise.plan import lines
from leadwise.store.bulk import as_list, insert_rows, listed_whole
from leadwise.store.cards import CardVersion, hold_statuses, versions_to_score
from leadwise.store.driver import ask
from leadwise.store.relations import ask_ledgers
from leadwise.store.remembering import once_per_card
from leadwise.store.schema import band_change, changed, score, score_history
from leadwise.store.touching import touch_accounts

MOST_AT_ONCE = 100
"""Leads in one transaction: some 30 ms, so that what arrives meanwhile does not wait long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`heavy_events`: leads with more wait a minute between scores. `refresh_us`: how old the score
    of a lead may grow whose points fade continuously."""

    heavy_events: int = 5_000
    refresh_us: int = 3_600 * SECOND_US


@dataclass(frozen=True, slots=True)
class Scored:
    """What one transaction did. `lag_us`: how long the longest waiting touched lead had waited;
    `moved` are the leads of which something new is known."""

    taken: int = 0
    leads: int = 0
    band_changes: int = 0
    heavy: int = 0
    lag_us: int = 0
    moved: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """A lead's score as it was stored."""

    as_of_us: int
    score: int
    band: str | None
    shown_score: int
    shown_band: str | None
    band_since_us: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What is written of one version's scores."""

    scores: list[tuple[Any, ...]]
    history: list[tuple[Any, ...]]
    changes: list[tuple[Any, ...]]


def score_touched(
    connection: Connection, now_us: int, pace: Pace | None = None, limit: int = MOST_AT_ONCE
) -> Scored:
    """Score up to `limit` leads that were touched or are due. Nothing to do: `Scored()`."""
    pace = pace or Pace()
    hold_statuses(connection)
    versions = versions_to_score(connection)
    taken = take_touched(connection, now_us, limit)
    leads = dict(taken.leads)
    if len(leads) < limit and versions:
        due = take_due(connection, versions[0], now_us, limit - len(leads))
        leads = due | leads
    if not leads:
        return Scored()
    accounts = _accounts_of_scorable(connection, leads)
    before = _before(connection, versions, accounts)
    heavy: set[int] = set()
    if versions:
        own = before.get(versions[0].id, {})
        recent = {i: b.as_of_us for i, b in own.items() if b.as_of_us > now_us - HEAVY_WAIT_US}
        heavy = put_off(connection, versions[0], recent, leads, pace.heavy_events, now_us)
    wanted = {lead_id: leads[lead_id] for lead_id in accounts if lead_id not in heavy}
    overrides = overrides_of(connection, wanted) if wanted and versions else {}
    changes = 0
    for version in versions if wanted else ():
        own = before.get(version.id, {})
        rows = _rows(connection, version, wanted, own, overrides, pace)
        write_rows(connection, rows)
        changes += len(rows.changes)
    _forget(connection, set(leads) - set(accounts))
    touch_accounts(connection, {a for i, a in accounts.items() if a is not None and i in wanted})
    # Those put off are touched still: publishing writes their scores until it is their turn.
    moved = sorted(i for i, why in leads.items() if why.cause != "time" and i not in heavy)
    insert_rows(connection, changed, ("lead_id",), [(lead_id,) for lead_id in moved])
    drop(connection, taken.ids)
    return Scored(len(taken.ids), len(wanted), changes, len(heavy), taken.lag_us, tuple(moved))


def write_rows(connection: Connection, rows: Rows) -> None:
    """Write scores, their history and changes of band; never over a newer score."""
    insert_rows(connection, score, SCORE_COLUMNS, rows.scores, conflict=_NEWER)
    insert_rows(connection, score_history, HISTORY_COLUMNS, rows.history)
    insert_rows(connection, band_change, CHANGE_COLUMNS, rows.changes)


SCORE_COLUMNS = (
    "card_version_id", "lead_id", "as_of_us", "score", "band", "grade", "unknown", "ledger",
    "totals", "shown_score", "shown_band", "band_since_us", "stable_until_us", "due_us",
)  # fmt: skip
HISTORY_COLUMNS = (
    "lead_id", "card_version_id", "as_of_us", "score", "band", "shown_score", "shown_band",
    "shown_before", "cause",
)  # fmt: skip
CHANGE_COLUMNS = (
    "lead_id", "card_version_id", "at_us", "from_band", "to_band", "score", "cause", "event_id",
)  # fmt: skip
_NEWER = (
    "ON CONFLICT (card_version_id, lead_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in SCORE_COLUMNS[2:])
    + " WHERE score.as_of_us <= excluded.as_of_us"
)


def _rows(
    connection: Connection,
    version: CardVersion,
    leads: Mapping[int, Why],
    before: Mapping[int, Before],
    overrides: Mapping[int, Sequence[Override]],
    pace: Pace,
) -> Rows:
    """Ask the card's query of the leads; what is to be written of its answers."""
    moments = []
    for place, (lead_id, why) in enumerate(leads.items()):
        had = before.get(lead_id)
        as_of = max(why.as_of_us, had.as_of_us) if had else why.as_of_us
        moments.append((place, lead_id, as_of, as_of))
    rows = Rows([], [], [])
    for answer in ask_ledgers(connection, version.card, moments):
        own: int = answer[1]
        add_rows(rows, version, answer, before.get(own), overrides.get(own, ()), leads[own], pace)
    return rows


def add_rows(
    rows: Rows,
    version: CardVersion,
    answer: tuple[Any, ...],
    had: Before | None,
    overrides: Iterable[Override],
    why: Why,
    pace: Pace,
) -> None:
    """Add what is to be written of one answer: a row of `relations.ask_ledgers`."""
    card, shape = version.card, _shape(version.card, "")
    _, lead_id, as_of_us, _, *amounts = answer
    points, band, grade, unknown, stable_until_us = amounts[shape.score :]
    seen = shown(card, points, band, overrides, as_of_us)
    since_us = had.band_since_us if had and had.shown_band == seen.band else as_of_us
    due_us = min(whole_second(stable_until_us), seen.until_us)
    if any(amounts[place] for place in shape.fading):
        due_us = min(due_us, as_of_us + pace.refresh_us)
    rows.scores.append(
        (
            version.id, lead_id, as_of_us, points, band, grade, unknown,
            as_list(amounts[: shape.lines]), as_list(amounts[shape.lines : shape.score]),
            seen.score, seen.band, since_us, stable_until_us, due_us,
        )
    )  # fmt: skip
    if version.status != "live":
        return
    now = (points, band, seen.score, seen.band)
    if had is None or now != (had.score, had.band, had.shown_score, had.shown_band):
        before = had.shown_score if had else None
        rows.history.append((lead_id, version.id, as_of_us, *now, before, why.cause))
    if had is None or had.shown_band != seen.band:
        from_band = had.shown_band if had else None
        rows.changes.append(
            (lead_id, version.id, as_of_us, from_band, seen.band, seen.score, why.cause,
             why.event_id)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where in an answer, after the moment's four columns, the lines end and the score stands."""

    lines: int
    score: int
    fading: tuple[int, ...]
    """The places of lines that fade all the time: their points age by half-life."""


@once_per_card
def _shape(card: Card, _: str) -> _Shape:
    names = [line.name for line in lines(card)]
    halved = {
        criterion.id
        for criterion in card.criteria
        if isinstance(criterion, OccurrenceCriterion) and criterion.half_life is not None
    }
    fading = tuple(
        place
        for place, line in enumerate(lines(card))
        if line.kind == "criterion" and line.id in halved
    )
    return _Shape(len(names), len(names) + len(card.dimensions), fading)


def _accounts_of_scorable(connection: Connection, leads: Iterable[int]) -> dict[int, int | None]:
    """Those that are still leads of their own and have not objected, each with its company."""
    sql = (
        "SELECT id, account_id FROM lead WHERE merged_into IS NULL "  # noqa: S608 - our own SQL
        "AND objected_us IS NULL AND erased_us IS NULL "
        f"AND id IN {listed_whole(connection)} ORDER BY id"
    )
    return dict(ask(connection, sql, list=as_list(leads)))


def _before(
    connection: Connection, versions: Sequence[CardVersion], leads: Iterable[int]
) -> dict[int, dict[int, Before]]:
    """The stored scores of leads, by version and lead."""
    sql = (
        "SELECT lead_id, as_of_us, score, band, shown_score, shown_band, band_since_us "  # noqa: S608 - our own SQL
        f"FROM score WHERE card_version_id = :version AND lead_id IN {listed_whole(connection)}"
    )
    listed = as_list(leads)
    return {
        version.id: {
            row[0]: Before(*row[1:])
            for row in ask(connection, sql, version=version.id, list=listed)
        }
        for version in versions
    }


def _forget(connection: Connection, lead_ids: Iterable[int]) -> None:
    """Leads that are none any more have no score."""
    gone = sorted(lead_ids)
    if gone:
        sql = f"DELETE FROM score WHERE lead_id IN {listed_whole(connection)}"  # noqa: S608 - our own SQL
        ask(connection, sql, list=as_list(gone))
