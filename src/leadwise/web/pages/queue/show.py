"""The queue itself: a page of it, rows that have changed, what is new above."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.audit import audit
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.members import Member, list_members
from leadwise.store.owners import owning_members
from leadwise.store.queue import MOST_COUNTED, QueueFilter, count_bands, list_places
from leadwise.store.snoozes import count_snoozed
from leadwise.store.tasks import count_own
from leadwise.store.views import View, first_view, list_views
from leadwise.web.pages.lead.naming import band_label, band_level
from leadwise.web.pages.queue.asked import (
    PAGE,
    Asked,
    asked_of,
    back_of,
    filter_of,
    numbers_of,
    place_of,
    written,
)
from leadwise.web.pages.queue.rows import Row, levels_for, rows_of
from leadwise.web.pages.visit import Visit

ROWS = 50
"""Leads of a page."""


@dataclass(frozen=True, slots=True)
class BandLink:
    """A band among the filters: how many there are, and the address that shows them alone."""

    label: str
    level: int
    count: str
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the queue. `more` is the place behind which the next one begins."""

    rows: list[Row]
    more: str | None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the list. `tasks` are the member's open ones, `late` those of them whose
    time is over."""

    bands: list[BandLink]
    views: list[View]
    first: str | None
    members: list[Member]
    snoozed: int
    tasks: int
    late: int


def show_queue(visit: Visit) -> Response:
    """The filter stands in the address: `owner band answer q company least visitors`, and `after`
    where a page goes on. Without any it is the view that the member opens with."""
    if not visit.request.url.query:
        first = visit.read(lambda c: first_view(c, visit.who.id, PAGE))
        if first:
            return visit.go(f"/queue?{first}")
    asked = asked_of(visit)
    part = visit.partial and "after" in visit.query

    def reading(connection: Connection) -> tuple[Listing, Around | None] | None:
        version = live_version(connection)
        if version is None:
            return None
        wanted = filter_of(connection, asked)
        found = _listing(connection, visit, version, wanted)
        return found, None if part else _around(connection, visit, version, asked, wanted)

    read = visit.read(reading)
    if read is None:
        return visit.page("queue/empty.html")
    listing, around = read
    note_listed(visit, listing.rows)
    values: dict[str, Any] = {
        "rows": listing.rows,
        "more": listing.more,
        "asked": asked,
        "back": asked.address,
    }
    if part:
        return visit.page("queue/rows.html", **values)
    return visit.page("queue/queue.html", around=around, **values)


def show_rows(visit: Visit) -> Response:
    """Some rows as they are now, wherever they stand: `ids=3,17`."""
    ids = numbers_of(visit, "ids")

    def reading(connection: Connection) -> list[Row]:
        version = live_version(connection)
        return rows_of(connection, visit, version, ids) if version else []

    rows = visit.read(reading)
    note_listed(visit, rows)
    return visit.page("queue/rows.html", rows=rows, more=None, back=back_of(visit))


def show_fresh(visit: Visit) -> Response:
    """Which of the leads `ids` belong to the list of the address, above the place `above`: JSON."""
    ids, above = numbers_of(visit, "ids"), place_of(visit.query.get("above"))
    asked = asked_of(visit)

    def reading(connection: Connection) -> list[int]:
        version = live_version(connection)
        if version is None or not ids:
            return []
        wanted = filter_of(connection, asked)
        among = ids if wanted.among is None else [one for one in wanted.among if one in ids]
        places = list_places(
            connection, version.id, levels_for(visit, version),
            replace(wanted, among=tuple(among)), member_id=visit.who.id, now_us=visit.now_us,
            limit=len(ids),
        )  # fmt: skip
        return [place.lead_id for place in places if above is None or place > above]

    found = json.dumps({"ids": visit.read(reading)})
    return Response(found, 200, {"Cache-Control": "no-store"}, "application/json")


def note_listed(visit: Visit, rows: Sequence[Row]) -> None:
    """Write down that somebody saw a list of people."""
    if not rows:
        return
    own = str(rows[0].id) if len(rows) == 1 else None
    said = f"queue, {len(rows)} leads"
    visit.write(lambda c: audit(c, visit.who.actor, "list", "lead", own, said, visit.now_us))


def _listing(
    connection: Connection, visit: Visit, version: CardVersion, wanted: QueueFilter
) -> Listing:
    places = list_places(
        connection, version.id, levels_for(visit, version), wanted, member_id=visit.who.id,
        now_us=visit.now_us, after=place_of(visit.query.get("after")), limit=ROWS + 1,
    )  # fmt: skip
    shown = places[:ROWS]
    more = written(shown[-1]) if len(places) > ROWS else None
    return Listing(rows_of(connection, visit, version, [one.lead_id for one in shown]), more)


def _around(
    connection: Connection, visit: Visit, version: CardVersion, asked: Asked, wanted: QueueFilter
) -> Around:
    counts = count_bands(
        connection, version.id, levels_for(visit, version), wanted, member_id=visit.who.id,
        now_us=visit.now_us,
    )  # fmt: skip
    owning = owning_members(connection)
    return Around(
        _band_links(visit, version, asked, counts),
        list_views(connection, visit.who.id, PAGE),
        first_view(connection, visit.who.id, PAGE),
        # Leads of those who have left are to be found, and given to somebody else.
        [one for one in list_members(connection) if one.disabled_us is None or one.id in owning],
        count_snoozed(connection, visit.who.id, visit.now_us),
        *count_own(connection, visit.who.id, visit.now_us),
    )


def _band_links(
    visit: Visit, version: CardVersion, asked: Asked, counts: dict[str | None, int]
) -> list[BandLink]:
    card, number = version.card, visit.texts.number
    found = []
    for band in reversed(card.bands):
        count = counts.get(band.id, 0)
        found.append(
            BandLink(
                band_label(card, band.id), band_level(card, band.id),
                f"{number(MOST_COUNTED)}+" if count > MOST_COUNTED else number(count),
                f"/queue?{asked.query_of((band.id,))}", band.id in asked.bands,
            )
        )  # fmt: skip
    return found
