"""Everything that came in or was said of a lead, in one order: the newest first.

What happened at one instant is ordered by kind (`RANKS`), then by id, so that a page goes on
exactly where the one before ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, true

from leadwise.store.outcomes import Outcome
from leadwise.store.said import Change, Overridden, events_of_lead
from leadwise.store.schema import audit, band_change, card_version, merge, outcome, override

Kind: TypeAlias = Literal[
    "band", "override end", "override", "undo", "merge", "owner", "outcome", "event"
]
RANKS: tuple[Kind, ...] = get_args(Kind)
"""What follows from other things stands above them where both are of one instant."""
NOBODY = "nobody"
"""As the trail says whose a lead became that is nobody's now."""
_AFTER_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge: this lead was `kept_id`."""

    id: int
    kept_id: int
    other_id: int
    cause: str
    actor: str
    at_us: int
    undone_us: int | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """Whose lead it became: `owner` is `member:3`, or None for nobody's."""

    id: int
    at_us: int
    actor: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """An entry. `what` is of the kind's own type: Change, Overridden, Merged, Given, Outcome,
    Happening.

    `card` is the name of the card by which a band changed.
    """

    at_us: int
    kind: Kind
    id: int
    what: Any
    card: str | None = None

    @property
    def cursor(self) -> tuple[int, int, int]:
        """Where the timeline goes on after this entry."""
        return self.at_us, RANKS.index(self.kind), self.id


def timeline(
    connection: Connection,
    lead_id: int,
    *,
    kinds: Collection[Kind] = RANKS,
    before: tuple[int, int, int] | None = None,
    limit: int = 50,
) -> list[Item]:
    """The entries of these kinds; `before` is the cursor of the last one seen."""
    found: list[Item] = []
    for kind in RANKS:
        if kind in kinds:
            found += _of_kind(connection, lead_id, kind, before, limit)
    found.sort(key=lambda item: (-item.at_us, RANKS.index(item.kind), -item.id))
    return found[:limit]


def _of_kind(
    connection: Connection, lead_id: int, kind: Kind, before: tuple[int, int, int] | None,
    limit: int,
) -> Iterator[Item]:  # fmt: skip
    if kind == "event":
        last = None if before is None else _last_event(before)
        for event in events_of_lead(connection, lead_id, before=last, limit=limit):
            yield Item(event.at_us, kind, event.id, event)
        return
    sql: Any
    subject: int | str = lead_id
    if kind == "band":
        sql = select(*band_change.c, card_version.c.card).join(
            card_version, card_version.c.id == band_change.c.card_version_id
        )
        sql = sql.where(card_version.c.published_us.is_not(None))
        at, id_, own = band_change.c.at_us, band_change.c.id, band_change.c.lead_id
    elif kind in ("override", "override end"):
        sql = select(override)
        at = override.c.from_us if kind == "override" else override.c.ended_us
        id_, own = override.c.id, override.c.lead_id
        sql = sql.where(at.is_not(None))
    elif kind in ("merge", "undo"):
        sql = select(
            merge.c.id, merge.c.kept_id, merge.c.other_id, merge.c.cause, merge.c.actor,
            merge.c.at_us, merge.c.undone_us, merge.c.undone_by,
        )  # fmt: skip
        at = merge.c.at_us if kind == "merge" else merge.c.undone_us
        id_, own = merge.c.id, merge.c.kept_id
        sql = sql.where(at.is_not(None))
    elif kind == "owner":
        # The trail alone remembers whose leads were.
        sql = select(audit.c.id, audit.c.at_us, audit.c.actor, audit.c.detail).where(
            audit.c.subject == "lead", audit.c.action == "owner"
        )
        at, id_, own, subject = audit.c.at_us, audit.c.id, audit.c.subject_id, str(lead_id)
    else:
        sql = select(
            outcome.c.id, outcome.c.lead_id, outcome.c.kind, outcome.c.at_us,
            outcome.c.received_us, outcome.c.value, outcome.c.currency, outcome.c.reason,
            outcome.c.source, outcome.c.message_id, outcome.c.actor,
        )  # fmt: skip
        at, id_, own = outcome.c.at_us, outcome.c.id, outcome.c.lead_id
    sql = sql.where(own == subject, _below(kind, at, id_, before))
    for row in connection.execute(sql.order_by(at.desc(), id_.desc()).limit(limit)):
        yield _item(kind, tuple(row))


def _item(kind: Kind, row: tuple[Any, ...]) -> Item:
    if kind == "band":
        change = Change(*row[:-1])
        return Item(change.at_us, kind, change.id, change, row[-1])
    if kind == "outcome":
        became = Outcome(*row)
        return Item(became.at_us, kind, became.id, became)
    if kind == "owner":
        given = Given(row[0], row[1], row[2], None if row[3] == NOBODY else row[3])
        return Item(given.at_us, kind, given.id, given)
    if kind in ("merge", "undo"):
        merged = Merged(*row)
        at_us = merged.at_us if kind == "merge" else merged.undone_us
        return Item(at_us or 0, kind, merged.id, merged)
    said = Overridden(*row)
    at_us = said.from_us if kind == "override" else said.ended_us
    return Item(at_us or 0, kind, said.id, said)


def _below(
    kind: Kind, at: Any, id_: Any, before: tuple[int, int, int] | None
) -> ColumnElement[bool]:
    """What comes after the cursor in the order of the timeline."""
    if before is None:
        return true()
    at_us, rank, last_id = before
    own = RANKS.index(kind)
    same = false() if own < rank else true() if own > rank else id_ < last_id
    return or_(at < at_us, and_(at == at_us, same))


def _last_event(before: tuple[int, int, int]) -> tuple[int, int]:
    at_us, rank, last_id = before
    own = RANKS.index("event")
    return at_us, last_id if own == rank else _AFTER_ALL if own > rank else 0
