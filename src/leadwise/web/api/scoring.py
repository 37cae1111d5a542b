"""`POST /api/score`: a score with its ledger of a lead that is sent along and not kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from leadwise.asking.explain import explain
from leadwise.card import Card, content_hash, parse
from leadwise.errors import CardError
from leadwise.ingest.naming import event_names
from leadwise.store.cards import get_version
from leadwise.store.given import LEAD, GivenEvent, given_lead
from leadwise.store.population import explain_lead, lead_population
from leadwise.web.api.ledgers import LedgerLine, QuestionShape, line_shape, question_shape
from leadwise.web.api.parts import Api, Parts, ReadCards, require_live
from leadwise.web.api.shapes import LARGEST_ID, Amount, Moment, Shape, Text, Time

router = APIRouter(tags=["score"])

MOST_EVENTS = 5_000
LONGEST_CARD = 200_000
"""Characters; a card of 400 criteria has about half as many."""
CardText = Annotated[Text, Field(min_length=1, max_length=LONGEST_CARD)]
Values = Annotated[dict[str, Any], Field(max_length=400)]


class SentEvent(Shape):
    """`received` is when it reached us; the same as `at` if not given."""

    event: Annotated[Text, Field(min_length=1, max_length=200)]
    at: Moment
    received: Moment | None = None
    properties: Values = Field(default_factory=dict)


class ToScore(Shape):
    """`card` is the text of a card, `version` the id of one here; the live card without either."""

    card: CardText | None = None
    version: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    lead: Values = Field(default_factory=dict)
    events: list[SentEvent] = Field(default=[], max_length=MOST_EVENTS)
    as_of: Moment | None = None
    known_by: Moment | None = None
    questions: bool = Field(default=False, description="Also what is worth asking.")


class ScoredCard(Shape):
    name: str
    version: int
    hash: str


class ScoredLead(Shape):
    """The lines add up to `score`."""

    card: ScoredCard
    as_of: Time
    known_by: Time
    score: Amount
    band: str | None
    grade: str | None
    dimensions: dict[str, Amount]
    unknown: list[str]
    lines: list[LedgerLine]
    questions: list[QuestionShape] | None


@router.post("/score", summary="Score what is sent")
def score(api: Parts, _who: ReadCards, given: ToScore) -> ScoredLead:
    """Nothing is kept. The answer is exactly what the record would say of such a lead."""
    card = _card(api, given)
    at = api.clock() if given.as_of is None else given.as_of
    known = at if given.known_by is None else given.known_by
    events = [
        GivenEvent(
            event_names(one.event)[0], one.at, one.at if one.received is None else one.received,
            one.properties,
        )
        for one in given.events
    ]  # fmt: skip
    with api.heavy(), given_lead(given.lead, events) as connection:
        found, asked = explain_lead(connection, card, LEAD, at, known), None
        if given.questions:
            with lead_population(connection, card, [LEAD]) as of:
                (whole,) = explain(of, [str(LEAD)], at, known_by_us=known)
            asked = [question_shape(card, question) for question in whole.questions]
    return ScoredLead(
        card=ScoredCard(name=card.id, version=card.version, hash=content_hash(card)),
        as_of=at,
        known_by=known,
        score=found.score,
        band=found.band,
        grade=found.grade,
        dimensions=dict(found.dimensions),
        unknown=list(found.unknown),
        lines=[line_shape(card, line) for line in found.lines],
        questions=asked,
    )


def _card(api: Api, given: ToScore) -> Card:
    if given.card is not None:
        parsed = parse(given.card)
        if parsed.card is None:
            raise CardError(parsed.problems)
        return parsed.card
    with api.store.read() as connection:
        if given.version is not None:
            return get_version(connection, given.version).card
        return require_live(connection).card
