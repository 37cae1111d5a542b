"""What a person says over the computed score: a band, or points more or less, for a while.

An override is kept apart from the score (design, 2.5): the card's ledger stays as it is, the
override is a line of its own after it, and both scores are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select, update

from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask
from leadwise.store.schema import override
from leadwise.store.touching import touch

LONGEST_REASON = 2_000
MOST_POINTS = 1_000_000_00


@dataclass(frozen=True, slots=True)
class Override:
    """`band` replaces the computed one, or `points` (hundredths) are added to the score."""

    id: int
    lead_id: int
    band: str | None
    points: int | None
    reason: str
    from_us: int
    until_us: int | None
    actor: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The score and band that are shown, and when that has to be looked at again."""

    score: int
    band: str | None
    until_us: int = FOREVER


def shown(
    card: Card, score: int, band: str | None, overrides: Iterable[Override], now_us: int
) -> Shown:
    """The computed score and band with those overrides that are in force.

    Points add up; of several bands the one said last holds.
    """
    until_us = FOREVER
    said: str | None = None
    added = 0
    for each in sorted(overrides, key=lambda one: (one.from_us, one.id)):
        ends = FOREVER if each.until_us is None else each.until_us
        if each.from_us > now_us:
            until_us = min(until_us, each.from_us)
        elif ends > now_us:
            until_us = min(until_us, ends)
            added += each.points or 0
            said = each.band or said
    total = score + added
    return Shown(total, said or (band_of(card, total) if added else band), until_us)


def band_of(card: Card, score: int) -> str | None:
    """The band of a score in hundredths, as the card's thresholds have it."""
    found = None
    for band in card.bands:
        if band.threshold is None or score > band.threshold - (0 if band.above else 1):
            found = band.id
    return found


def overrides_of(connection: Connection, lead_ids: Iterable[int]) -> dict[int, list[Override]]:
    """Those that nobody has ended, by lead."""
    sql = (
        "SELECT id, lead_id, band, points, reason, from_us, until_us, actor "  # noqa: S608 - our own SQL
        f"FROM override WHERE ended_us IS NULL AND lead_id IN {listed_whole(connection)}"
    )
    found: dict[int, list[Override]] = {}
    for row in ask(connection, sql, list=as_list(lead_ids)):
        found.setdefault(row[1], []).append(Override(*row))
    return found


def add_override(
    connection: Connection,
    card: Card | None,
    lead_id: int,
    *,
    band: str | None,
    points: int | None,
    reason: str,
    until_us: int | None,
    actor: str,
    now_us: int,
) -> Override:
    """Set a lead's band or add points, with a reason. Raises UserError where it makes no sense."""
    _check(card, band, points, reason, until_us, now_us)
    row = connection.execute(
        insert(override)
        .values(
            lead_id=lead_id, band=band, points=points, reason=reason.strip(), from_us=now_us,
            until_us=until_us, actor=actor,
        )
        .returning(override.c.id)
    )  # fmt: skip
    touch(connection, (lead_id,), "override", now_us)
    id_ = row.scalar_one()
    return Override(id_, lead_id, band, points, reason.strip(), now_us, until_us, actor)


def end_override(connection: Connection, override_id: int, actor: str, now_us: int) -> Override:
    """End one before its time. Raises UserError where there is none in force."""
    row = connection.execute(
        update(override)
        .where(
            override.c.id == override_id,
            override.c.ended_us.is_(None),
            or_(override.c.until_us.is_(None), override.c.until_us > now_us),
        )
        .values(ended_us=now_us, ended_by=actor)
        .returning(
            override.c.id, override.c.lead_id, override.c.band, override.c.points,
            override.c.reason, override.c.from_us, override.c.until_us, override.c.actor,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise UserError(
            "override-unknown",
            f"There is no override {override_id} in force.",
            hint="The lead's page lists those that are.",
        )
    touch(connection, (row.lead_id,), "override", now_us)
    return Override(*row)


def history_of_overrides(connection: Connection, lead_id: int) -> list[Override]:
    """All that were ever said of a lead, the latest first."""
    rows = connection.execute(
        select(
            override.c.id, override.c.lead_id, override.c.band, override.c.points,
            override.c.reason, override.c.from_us, override.c.until_us, override.c.actor,
        )
        .where(override.c.lead_id == lead_id)
        .order_by(override.c.id.desc())
    )  # fmt: skip
    return [Override(*row) for row in rows]


def _check(
    card: Card | None, band: str | None, points: int | None, reason: str, until_us: int | None,
    now_us: int,
) -> None:  # fmt: skip
    if (band is None) == (points is None):
        raise UserError(
            "override-what", "An override sets a band or adds points: one of the two.",
            hint='For example {"band": "hot"} or {"points": 10}.',
        )  # fmt: skip
    if points is not None and (points == 0 or abs(points) > MOST_POINTS):
        raise UserError("override-points", "The points of an override are not 0, up to 1,000,000.")
    bands = [one.id for one in card.bands] if card else []
    if band is not None and band not in bands:
        known = ", ".join(bands) or "none"
        raise UserError(
            "override-band", f"The live card has no band {band!r}.", hint=f"It has: {known}."
        )
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise UserError(
            "override-reason", f"An override needs a reason of up to {LONGEST_REASON} characters.",
            hint="Say why: whoever looks at the lead will read it.",
        )  # fmt: skip
    if until_us is not None and until_us <= now_us:
        raise UserError("override-end", "An override ends later than now, or not at all.")
