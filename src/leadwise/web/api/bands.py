"""Bands: how many leads are in each, and who moved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from leadwise.store.said import Change, changes_after, count_bands
from leadwise.web.api.ledgers import CardOf, card_of
from leadwise.web.api.parts import Parts, ReadLeads, require_live
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Amount,
    Cursor,
    Limit,
    Page,
    Shape,
    Time,
    from_cursor,
    to_cursor,
)

router = APIRouter(tags=["bands"])


class BandCount(Shape):
    """`threshold` is null for the lowest band; `above`: the threshold itself is outside."""

    id: str
    label: str | None
    threshold: Amount | None
    above: bool
    leads: int


class Bands(Shape):
    card: CardOf
    items: list[BandCount]
    without: int


class ChangeShape(Shape):
    id: int
    lead_id: int
    card_version_id: int
    at: Time
    from_band: str | None
    to_band: str | None
    score: Amount
    cause: str
    event_id: int | None


@router.get("/bands", summary="How many leads are in each band")
def get_bands(api: Parts, _who: ReadLeads) -> Bands:
    """The bands of the live card as shown, from the lowest; `without`: leads in none of them."""
    with api.store.read() as connection:
        version = require_live(connection)
        counts = count_bands(connection, version.id)
    items = [
        BandCount(
            id=band.id, label=band.label, threshold=band.threshold, above=band.above,
            leads=counts.pop(band.id, 0),
        )
        for band in version.card.bands
    ]  # fmt: skip
    return Bands(card=card_of(version), items=items, without=sum(counts.values()))


@router.get("/bands/changes", summary="Changes of bands")
def get_changes(
    api: Parts,
    _who: ReadLeads,
    lead: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_ID, description="Those with greater ids than this.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ChangeShape]:
    """In the order of their ids. `next` is never null but on an empty page: it is where to go on
    later. What is still being written by another process comes in a later page."""
    where = from_cursor(cursor, int)
    after_id = where[0] if where else after or 0
    with api.store.read() as connection:
        up_to = api.feed.horizon.look(connection)
        rows = changes_after(connection, after_id, up_to_id=up_to, lead_id=lead, limit=limit)
    last = to_cursor((rows[-1].id,)) if rows else None
    return Page[ChangeShape](items=[change_shape(row) for row in rows], next=last)


def change_shape(row: Change) -> ChangeShape:
    """A change as it is answered."""
    return ChangeShape(
        id=row.id, lead_id=row.lead_id, card_version_id=row.card_version_id, at=row.at_us,
        from_band=row.from_band, to_band=row.to_band, score=row.score, cause=row.cause,
        event_id=row.event_id,
    )  # fmt: skip
