"""What was said of leads: their scores at the time, changes of bands, the events behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, text

from leadwise.errors import UserError
from leadwise.store.documents import Document, values_of
from leadwise.store.schema import band_change, event_mark, override, score, score_history


@dataclass(frozen=True, slots=True)
class Said:
    """A row of `score_history`: the score as it was told at the time."""

    id: int
    lead_id: int
    card_version_id: int
    as_of_us: int
    score: int
    band: str | None
    shown_score: int
    shown_band: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `band_change`. `from_band` is None for a lead that had none yet."""

    id: int
    lead_id: int
    card_version_id: int
    at_us: int
    from_band: str | None
    to_band: str | None
    score: int
    cause: str
    event_id: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Why an event is suspected to be no person's; it weighs nothing until that is cleared."""

    id: int
    reason: str
    detail: str | None
    marked_us: int
    cleared_us: int | None
    cleared_by: str | None
    cleared_why: str | None


@dataclass(frozen=True, slots=True)
class Overridden:
    """A row of `override`: what a person said over a computed score, and how it ended."""

    id: int
    lead_id: int
    band: str | None
    points: int | None
    reason: str
    from_us: int
    until_us: int | None
    actor: str
    ended_us: int | None
    ended_by: str | None

    def in_force(self, at_us: int) -> bool:
        """Whether it held at an instant."""
        ends = [end for end in (self.until_us, self.ended_us) if end is not None]
        return self.from_us <= at_us and all(at_us < end for end in ends)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a lead with its marks."""

    id: int
    type: str
    event: str
    name: str | None
    source: str
    message_id: str
    at_us: int
    received_us: int
    properties: Document
    context: dict[str, Any]
    marks: tuple[Mark, ...]


def said_of_lead(
    connection: Connection, lead_id: int, *, before_id: int | None = None, limit: int = 50
) -> list[Said]:
    """The stored scores of a lead, the latest first."""
    rows = select(*_SAID).where(score_history.c.lead_id == lead_id)
    if before_id is not None:
        rows = rows.where(score_history.c.id < before_id)
    found = connection.execute(rows.order_by(score_history.c.id.desc()).limit(limit))
    return [Said(*row) for row in found]


def changes_after(
    connection: Connection,
    after_id: int,
    *,
    up_to_id: int | None = None,
    lead_id: int | None = None,
    limit: int = 100,
) -> list[Change]:
    """Changes of bands in the order of their ids, from after `after_id` on."""
    rows = select(band_change).where(band_change.c.id > after_id)
    if up_to_id is not None:
        rows = rows.where(band_change.c.id <= up_to_id)
    if lead_id is not None:
        rows = rows.where(band_change.c.lead_id == lead_id)
    return [
        Change(*row) for row in connection.execute(rows.order_by(band_change.c.id).limit(limit))
    ]


def said_after(connection: Connection, after_id: int, limit: int) -> list[Said]:
    """Stored scores of everybody in the order of their ids, from after `after_id` on."""
    rows = select(*_SAID).where(score_history.c.id > after_id)
    found = connection.execute(rows.order_by(score_history.c.id).limit(limit))
    return [Said(*row) for row in found]


def last_ids(connection: Connection) -> tuple[int, int]:
    """The greatest ids of band changes and of stored scores, 0 where there is none."""
    ids = [
        connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        for table in (band_change, score_history)
    ]
    return ids[0], ids[1]


def overrides_of_lead(connection: Connection, lead_id: int) -> list[Overridden]:
    """Every override of a lead, in the order in which they were said."""
    rows = select(override).where(override.c.lead_id == lead_id).order_by(override.c.id)
    return [Overridden(*row) for row in connection.execute(rows)]


def count_bands(connection: Connection, version_id: int) -> dict[str | None, int]:
    """How many leads are in each band as shown, under a version of a card."""
    rows = connection.execute(
        select(score.c.shown_band, func.count())
        .where(score.c.card_version_id == version_id)
        .group_by(score.c.shown_band)
    )
    return {row[0]: row[1] for row in rows}


def events_of_lead(
    connection: Connection,
    lead_id: int,
    *,
    event: str | None = None,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Happening]:
    """The events of a lead's identities, the latest first; `before` is (at_us, id) of the last
    seen."""
    asked: dict[str, Any] = {"lead": lead_id, "limit": limit}
    conditions = ""
    if event is not None:
        conditions += " AND e.event = :event"
        asked["event"] = event
    if before is not None:
        conditions += " AND (e.at_us < :at OR (e.at_us = :at AND e.id < :id))"
        asked |= {"at": before[0], "id": before[1]}
    rows = connection.execute(text(_EVENTS.format(conditions=conditions)), asked).all()
    marks = _marks(connection, [row.id for row in rows])
    return [_happening(row, tuple(marks.get(row.id, ()))) for row in rows]


def event_of_lead(connection: Connection, lead_id: int, event_id: int) -> Happening:
    """One event of the lead's. UserError (`no-such-event`) where it is none of its."""
    require_event(connection, lead_id, event_id)
    condition = " AND e.id = :event"
    asked = {"lead": lead_id, "event": event_id, "limit": 1}
    row = connection.execute(text(_EVENTS.format(conditions=condition)), asked).one()
    return _happening(row, tuple(_marks(connection, [row.id]).get(row.id, ())))


def require_event(connection: Connection, lead_id: int, event_id: int) -> None:
    """Raise UserError (`no-such-event`) unless the event is one of the lead's."""
    found = connection.execute(text(_OWN), {"lead": lead_id, "event": event_id}).scalar()
    if found is None:
        raise UserError(
            "no-such-event",
            f"Lead {lead_id} has no event {event_id}.",
            hint=f"GET /api/leads/{lead_id}/events lists them.",
        )


def _happening(row: Any, marks: tuple[Mark, ...]) -> Happening:
    return Happening(
        row.id, row.type, row.event, row.name, row.source, row.message_id, row.at_us,
        row.received_us, values_of(_decoded(row.doc)), _decoded(row.context), marks,
    )  # fmt: skip


def _marks(connection: Connection, event_ids: Sequence[int]) -> dict[int, list[Mark]]:
    rows = connection.execute(
        select(event_mark)
        .where(event_mark.c.event_id.in_(event_ids))
        .order_by(event_mark.c.event_id, event_mark.c.id)
    )
    found: dict[int, list[Mark]] = {}
    for row in rows:
        mark = Mark(
            row.id, row.reason, row.detail, row.marked_us, row.cleared_us, row.cleared_by,
            row.cleared_why,
        )  # fmt: skip
        found.setdefault(row.event_id, []).append(mark)
    return found


def _decoded(value: Any) -> dict[str, Any]:
    """SQLite hands out JSON as text where SQL is written by hand."""
    if value is None:
        return {}
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


_EVENTS = """
SELECT e.id, e.type, e.event, e.name, e.source, e.message_id, e.at_us, e.received_us, e.doc,
    e.context
FROM identity_lead AS i JOIN event AS e ON e.identity_id = i.identity_id
WHERE i.lead_id = :lead AND e.at_us >= i.from_us AND e.at_us < i.until_us{conditions}
ORDER BY e.at_us DESC, e.id DESC LIMIT :limit
"""
_OWN = """
SELECT e.id FROM event AS e JOIN identity_lead AS i ON i.identity_id = e.identity_id
WHERE e.id = :event AND i.lead_id = :lead AND e.at_us >= i.from_us AND e.at_us < i.until_us
"""


_SAID = tuple(score_history.c[name] for name in Said.__dataclass_fields__)
