"""When a lead's band changes by itself, with no new event."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from leadwise.asking.forecast import end_of, forecast
from leadwise.asking.instants import DAY_US
from leadwise.store.cards import get_version
from leadwise.store.leads import get_scorable
from leadwise.store.population import population_of_rows, require_few_events
from leadwise.store.relations import rows_of_leads
from leadwise.web.api.ledgers import CardId, CardOf, card_of
from leadwise.web.api.parts import Parts, ReadLeads, require_live
from leadwise.web.api.shapes import Amount, AsOf, Id, Shape, Time

router = APIRouter(tags=["ledgers"])


class ComingChange(Shape):
    at: Time
    from_band: str
    to_band: str
    score: Amount


class ForecastShape(Shape):
    lead_id: int
    card: CardOf
    as_of: Time
    until: Time
    changes: list[ComingChange]


@router.get("/leads/{lead_id}/forecast", summary="Band changes ahead")
def get_forecast(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    as_of: AsOf = None,
    days: Annotated[int, Query(ge=1, le=3_660, description="How far to look ahead.")] = 365,
    card: CardId = None,
) -> ForecastShape:
    """Every whole second at which the computed band changes if nothing new happens."""
    at, key = api.clock() if as_of is None else as_of, str(lead_id)
    with api.heavy():
        with api.store.read() as connection:
            get_scorable(connection, lead_id)
            version = get_version(connection, card) if card else require_live(connection)
            require_few_events(connection, [lead_id])
            facts, events = rows_of_leads(connection, version.card, [lead_id])
        with population_of_rows(version.card, [key], facts, events) as of:
            changes = forecast(of, [key], at, horizon_us=days * DAY_US)
    api.note_read(who, "read", "lead", lead_id, "forecast")
    return ForecastShape(
        lead_id=lead_id,
        card=card_of(version),
        as_of=at,
        until=end_of(at, days * DAY_US),
        changes=[
            ComingChange(at=c.at_us, from_band=c.from_band, to_band=c.to_band, score=c.score)
            for c in changes
        ],
    )
