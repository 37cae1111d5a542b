"""A lead's ledger at any moment, and its scores through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from leadwise.asking.explain import ExplainedLine, Explanation
from leadwise.asking.instants import DAY_US
from leadwise.asking.questions import Question
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.models import Explained
from leadwise.learn.saying import explained as why_models
from leadwise.live.overrides import Shown, band_of
from leadwise.plan.lines import total_name
from leadwise.store.answers import KeptQuote
from leadwise.store.behind import SaidBy, fields_said_by
from leadwise.store.cards import CardVersion, get_version
from leadwise.store.leads import get_head, get_scorable
from leadwise.store.population import count_events, explain_lead, ledgers
from leadwise.store.said import Overridden, overrides_of_lead, said_of_lead
from leadwise.web.api.parts import Parts, ReadLeads, require_live
from leadwise.web.api.reasons import ModelShape, reasons
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Amount,
    AsOf,
    Cursor,
    Id,
    KnownBy,
    Limit,
    Moment,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)
from leadwise.web.api.values import json_value

router = APIRouter(tags=["ledgers"])

MOST_INSTANTS = 400
MOST_ASKED = 20_000_000
"""Events times instants of one history: about ten seconds."""
Value = int | float | bool | str | None
CardId = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_ID, description="A version of a card; the live one if not given."),
]


class CardOf(Shape):
    """Which version of a card it was."""

    id: int
    name: str
    version: int
    hash: str


class QuoteShape(Shape):
    """Words of a turn (from 0) of a conversation, and who said them."""

    turn: int
    start: int
    text: str
    speaker: str


class ProofShape(Shape):
    """The answer that the value of a field comes from; without quotes, it was told on a form."""

    field: str
    answer_id: int
    conversation_id: int | None
    frame: str
    question: str
    answered_by: str
    at: Time
    quotes: list[QuoteShape]


class LedgerLine(Shape):
    """A line; `values` are what its condition looks at, `occurrences` how many events counted,
    `said` the answers from conversations and forms that the values come from, `models` why models
    said what they said.

    The kind `override` is what a person added after the computed sum.
    """

    name: str
    kind: Literal["criterion", "limit", "adjustment", "minimum", "maximum", "override"]
    id: str
    dimension: str | None
    label: str
    points: Amount
    unknown: bool = False
    values: dict[str, Value] = Field(default_factory=dict)
    occurrences: int | None = None
    latest: Time | None = None
    said: list[ProofShape] = Field(default_factory=list)
    models: list[ModelShape] = Field(default_factory=list)
    reason: str | None = None
    sets_band: str | None = None


class QuestionShape(Shape):
    """Fields nobody knows yet, and what the best and the worst answer would do to the score."""

    fields: list[str]
    decides: list[str]
    best: Amount
    worst: Amount
    answer: dict[str, Value]
    band: str | None


class LedgerShape(Shape):
    """The lines up to the first override add up to `score`, all of them to `shown_score`."""

    lead_id: int
    card: CardOf
    as_of: Time
    known_by: Time
    score: Amount
    band: str | None
    grade: str | None
    shown_score: Amount
    shown_band: str | None
    dimensions: dict[str, Amount]
    unknown: list[str]
    lines: list[LedgerLine]


class HistoryPoint(Shape):
    as_of: Time
    score: Amount
    band: str | None
    grade: str | None
    dimensions: dict[str, Amount]


class HistoryShape(Shape):
    lead_id: int
    card: CardOf
    known_by: Time
    scores: list[HistoryPoint]


class SaidShape(Shape):
    id: int
    card_version_id: int
    as_of: Time
    score: Amount
    band: str | None
    shown_score: Amount
    shown_band: str | None


@router.get("/leads/{lead_id}/ledger", summary="A lead's ledger")
def get_ledger(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    as_of: AsOf = None,
    known_by: KnownBy = None,
    card: CardId = None,
) -> LedgerShape:
    """Worked out afresh for the moment that is asked about, with what stands behind each line."""
    at = api.clock() if as_of is None else as_of
    known = at if known_by is None else known_by
    with api.store.read() as connection:
        get_scorable(connection, lead_id)
        version = get_version(connection, card) if card else require_live(connection)
        found = explain_lead(connection, version.card, lead_id, at, known)
        said = [one for one in overrides_of_lead(connection, lead_id) if one.in_force(at)]
        looked = {name for line in found.lines for name, _ in line.evidence.values}
        by = fields_said_by(connection, version.card, lead_id, looked, at, known)
        models = why_models(connection, lead_id, looked, at)
    api.note_read(who, "read", "lead", lead_id, "ledger")
    return ledger_shape(lead_id, version, found, said, by, models)


@router.get("/leads/{lead_id}/history", summary="A lead's score through time")
def get_history(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    start: Annotated[Moment, Query()],
    end: Annotated[Moment | None, Query(description="Now if not given.")] = None,
    days: Annotated[
        float, Query(gt=0, le=3_660, description="Days from one instant to the next.")
    ] = 1.0,
    known_by: Annotated[Moment | None, Query(description="Now if not given.")] = None,
    card: CardId = None,
) -> HistoryShape:
    """What is true now about then, at `start`, `start` + `days`, ... up to `end`."""
    from leadwise.asking.history import instants

    now_us = api.clock()
    step, until = int(days * DAY_US), now_us if end is None else end
    if step < 1_000_000 or (until - start) // step >= MOST_INSTANTS:
        raise UserError(
            "history-too-long",
            f"A history over HTTP has at most {MOST_INSTANTS} instants, a second or more apart.",
            hint="Ask for a shorter time or longer steps.",
        )
    at = instants(start, until, step)
    known = now_us if known_by is None else known_by
    with api.heavy(), api.store.read() as connection:
        get_scorable(connection, lead_id)
        most = MOST_ASKED // len(at)
        if count_events(connection, [lead_id], most + 1) > most:
            raise UserError(
                "history-too-long",
                "The lead has too many events for so many instants.",
                hint="Ask for longer steps.",
            )
        version = get_version(connection, card) if card else require_live(connection)
        rows = ledgers(
            connection, version.card, [(n, lead_id, at_us, known) for n, at_us in enumerate(at)]
        )
    api.note_read(who, "read", "lead", lead_id, "history")
    return HistoryShape(
        lead_id=lead_id,
        card=card_of(version),
        known_by=known,
        scores=[_point(version.card, row) for row in rows],
    )


@router.get("/leads/{lead_id}/scores", summary="What was said of a lead's score")
def get_scores(
    api: Parts, who: ReadLeads, lead_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Page[SaidShape]:
    """The stored scores, the latest first: what we said then, whatever came to light later."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        get_head(connection, lead_id)
        rows = said_of_lead(
            connection, lead_id, before_id=before[0] if before else None, limit=limit
        )
    api.note_read(who, "read", "lead", lead_id, "scores")
    items = [
        SaidShape(
            id=row.id, card_version_id=row.card_version_id, as_of=row.as_of_us, score=row.score,
            band=row.band, shown_score=row.shown_score, shown_band=row.shown_band,
        )
        for row in rows
    ]  # fmt: skip
    return Page[SaidShape](**page(items, limit, (rows[-1].id,) if rows else None))


def card_of(version: CardVersion) -> CardOf:
    """Which version it is."""
    return CardOf(id=version.id, name=version.name, version=version.number, hash=version.hash)


def ledger_shape(
    lead_id: int, version: CardVersion, found: Explanation, said: list[Overridden],
    by: Mapping[str, SaidBy], models: Mapping[str, Explained] | None = None,
) -> LedgerShape:  # fmt: skip
    """A ledger as it is answered, a person's overrides after the computed sum."""
    now = _shown(version.card, found, said)
    computed = [line_shape(version.card, line, by, models) for line in found.lines]
    return LedgerShape(
        lead_id=lead_id,
        card=card_of(version),
        as_of=found.as_of_us,
        known_by=found.known_by_us,
        score=found.score,
        band=found.band,
        grade=found.grade,
        shown_score=now.score,
        shown_band=now.band,
        dimensions=dict(found.dimensions),
        unknown=list(found.unknown),
        lines=[*computed, *(_override_line(one) for one in said)],
    )


def _shown(card: Card, found: Explanation, said: list[Overridden]) -> Shown:
    """As `live.overrides.shown` has it, of overrides that are known to be in force then."""
    added = sum(one.points or 0 for one in said)
    bands = [one.band for one in said if one.band]
    total = found.score + added
    computed = band_of(card, total) if added else found.band
    return Shown(total, bands[-1] if bands else computed)


def line_shape(
    card: Card, explained: ExplainedLine, by: Mapping[str, SaidBy] | None = None,
    models: Mapping[str, Explained] | None = None,
) -> LedgerLine:  # fmt: skip
    """A computed line; `by` tells by field who said its value, `models` why a model said it."""
    line, evidence = explained.line, explained.evidence
    return LedgerLine(
        name=line.name,
        kind=line.kind,
        id=line.id,
        dimension=line.dimension,
        label=line.label,
        points=explained.points,
        unknown=explained.unknown,
        values={name: json_value(card, name, value) for name, value in evidence.values},
        occurrences=evidence.occurrences,
        latest=evidence.latest_us,
        said=_proofs([name for name, _ in evidence.values], by or {}),
        models=reasons([name for name, _ in evidence.values], models or {}),
    )


def _proofs(names: Sequence[str], by: Mapping[str, SaidBy]) -> list[ProofShape]:
    found = []
    for name in names:
        said = by.get(name)
        if said is not None and said.answer is not None:
            answer = said.answer
            found.append(
                ProofShape(
                    field=name, answer_id=answer.answer_id, conversation_id=answer.conversation_id,
                    frame=answer.frame, question=answer.question, answered_by=answer.answered_by,
                    at=said.at_us, quotes=quote_shapes(answer.quotes),
                )
            )  # fmt: skip
    return found


def quote_shapes(quotes: Sequence[KeptQuote]) -> list[QuoteShape]:
    """Kept quotes as they are answered."""
    return [
        QuoteShape(turn=one.turn, start=one.start, text=one.text, speaker=one.speaker)
        for one in quotes
    ]


def question_shape(card: Card, question: Question) -> QuestionShape:
    """A question worth asking."""
    pairs = zip(question.fields, question.answer, strict=True)
    return QuestionShape(
        fields=list(question.fields),
        decides=list(question.decides),
        best=question.best,
        worst=question.worst,
        answer={name: json_value(card, name, value) for name, value in pairs},
        band=question.band,
    )


def _override_line(one: Overridden) -> LedgerLine:
    return LedgerLine(
        name=f"override_{one.id}",
        kind="override",
        id=str(one.id),
        dimension=None,
        label=f"Override by {one.actor}",
        points=one.points or 0,
        reason=one.reason,
        sets_band=one.band,
    )


def _point(card: Card, row: dict[str, Any]) -> HistoryPoint:
    return HistoryPoint(
        as_of=row["as_of_us"],
        score=row["score"],
        band=row["band"],
        grade=row["grade"],
        dimensions={d.id: row[total_name(d.id)] for d in card.dimensions},
    )
