"""All leads: filtered, by score, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.card.model import Card
from leadwise.store.account_pages import get_account
from leadwise.store.cards import live_version
from leadwise.store.lead_pages import (
    MOST_FOUND,
    facts_of_leads,
    list_everybody,
    owners_of_leads,
    search_leads,
)
from leadwise.store.leads import LeadFilter, LeadRow, names_of_leads
from leadwise.web.api.shapes import from_cursor, to_cursor
from leadwise.web.pages.lead.asked import whole_of
from leadwise.web.pages.lead.naming import account_name, band_label, band_level, lead_name
from leadwise.web.pages.lead.reading import labels, note_read
from leadwise.web.pages.visit import Visit

PAGE = 50
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A lead in a list. `address` is a name it goes by, where `name` is another one."""

    id: int
    name: str
    address: str | None
    known: bool
    account_id: int | None
    company: str | None
    score: int | None
    computed: int | None
    label: str
    level: int
    band_since_us: int | None
    owner: str | None


def show_leads(visit: Visit) -> Response:
    """The list. What filters stands in the address: `q`, `band`, `known`, `company`, `after`."""
    query = visit.query
    words = query.get("q", "").strip()[:LONGEST_WORDS]
    known = {"yes": True, "no": False}.get(query.get("known", ""))
    company = whole_of(query.get("company", "")) or None
    where = from_cursor(query.get("after"), (int, type(None)), int)

    def reading(connection: Connection) -> tuple[Card | None, list[Listed], str | None, bool, str]:
        version = live_version(connection)
        card = version.card if version else None
        ids = {band.id for band in card.bands} if card else set()
        wanted = LeadFilter(
            tuple(b for b in query.getlist("band") if b in ids), account_id=company, known=known
        )
        among = search_leads(connection, words) if words else None
        rows = list_everybody(
            connection, version.id if version else None, wanted, among=among, limit=PAGE + 1,
            span=_span(card, wanted.bands),
            after=None if where is None else (where[0], where[1]),
        )  # fmt: skip
        more = to_cursor(rows[PAGE - 1].cursor) if len(rows) > PAGE else None
        many = among is not None and len(among) >= MOST_FOUND
        of = ""
        if company is not None:
            row = get_account(connection, None, company)
            of = account_name(row.id, row.name, visit.texts) or ""
        return card, listed(connection, visit, card, rows[:PAGE]), more, many, of

    card, rows, more, many, of = visit.read(reading)
    note_read(visit, None, f"{len(rows)} leads", "list")
    kept = [(key, value) for key, value in query.multi_items() if key != "after" and value]
    following = urlencode([*kept, ("after", more)]) if more else None
    bands = labels(card)
    return visit.page(
        "lead/leads.html",
        rows=rows, more=following, many=many, words=words, known=query.get("known", ""),
        chosen=query.getlist("band"), bands=dict(reversed(bands.items())), company=company,
        company_name=of, filtered=bool(kept),
    )  # fmt: skip


def _span(card: Card | None, bands: Sequence[str]) -> tuple[int | None, int | None] | None:
    """From which to which score these bands reach; None for no bands."""
    if card is None or not bands:
        return None
    places = [place for place, band in enumerate(card.bands) if band.id in bands]
    above = card.bands[max(places) + 1 :]
    return card.bands[min(places)].threshold, above[0].threshold if above else None


def listed(
    connection: Connection, visit: Visit, card: Card | None, rows: Sequence[LeadRow]
) -> list[Listed]:
    """Leads as lists show them, with what they are called and whose they are."""
    ids = [row.id for row in rows]
    names, facts = names_of_leads(connection, ids), facts_of_leads(connection, ids)
    owners = owners_of_leads(connection, ids)
    found = []
    for row in rows:
        name = lead_name(row.id, names[row.id], facts.get(row.id, {}), visit.texts)
        address = next((value for kind, value in names[row.id] if kind != "anonymous"), None)
        owner = owners.get(row.id)
        found.append(
            Listed(
                row.id, name, address if address != name else None, row.known, row.account_id,
                account_name(row.account_id, row.account_name, visit.texts), row.shown_score,
                row.score, band_label(card, row.shown_band), band_level(card, row.shown_band),
                row.band_since_us, owner.name if owner else None,
            )
        )  # fmt: skip
    return found
