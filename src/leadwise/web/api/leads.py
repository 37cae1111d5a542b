"""Leads: by priority, and one with all that is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.live.overrides import Override, shown
from leadwise.plan import lines
from leadwise.report.chance import chance
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.documents import Scalar
from leadwise.store.experiments import left_alone
from leadwise.store.leads import (
    LeadFilter,
    LeadRow,
    facts_at,
    get_head,
    get_score_row,
    list_leads,
    names_of_leads,
)
from leadwise.store.population import MOST_EVENTS, count_events, lead_population
from leadwise.store.said import Overridden, overrides_of_lead
from leadwise.store.studies import calibration_of
from leadwise.web.api.ledgers import QuestionShape, question_shape
from leadwise.web.api.overrides import OverrideShape, override_shape
from leadwise.web.api.parts import Api, Parts, ReadLeads
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Amount,
    Cursor,
    Id,
    Limit,
    Line,
    Moment,
    Page,
    Points,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["leads"])


class Identity(Shape):
    kind: str
    value: str


class AccountOf(Shape):
    id: int
    name: str | None


class ProbabilityShape(Shape):
    """Of a win within the horizon that the card was calibrated for: above 0 and below 1, with its
    95 percent interval."""

    value: float
    low: float
    high: float


class ScoreShape(Shape):
    """A stored score. `shown_score` and `shown_band` are with a person's override."""

    card_version_id: int
    as_of: Time
    score: Amount
    band: str | None
    grade: str | None
    shown_score: Amount
    shown_band: str | None
    band_since: Time
    dimensions: dict[str, Amount]
    lines: dict[str, Amount]
    unknown: list[str]
    probability: ProbabilityShape | None


class ListedLead(Shape):
    id: int
    identities: list[Identity]
    known: bool
    account: AccountOf | None
    score: Amount | None
    band: str | None
    shown_score: Amount | None
    shown_band: str | None
    grade: str | None
    band_since: Time | None
    as_of: Time | None
    created: Time
    probability: ProbabilityShape | None


class LeadShape(Shape):
    """`facts` are those of now; `questions` what is worth asking, null where it was not asked for
    or cannot be worked out."""

    id: int
    created: Time
    known: bool
    identities: list[Identity]
    account: AccountOf | None
    merged_into: int | None
    objected: Time | None
    facts: dict[str, int | float | bool | str | None]
    score: ScoreShape | None
    overrides: list[OverrideShape]
    questions: list[QuestionShape] | None
    left_alone: list[str] = Field(description="Experiments in which nobody is to follow up.")


@router.get("/leads", summary="Leads by priority")
def get_leads(
    api: Parts,
    who: ReadLeads,
    band: Annotated[list[Line] | None, Query(max_length=20, description="Of these bands.")] = None,
    min_score: Annotated[Points | None, Query(description="The shown score, inclusive.")] = None,
    max_score: Annotated[Points | None, Query(description="The shown score, inclusive.")] = None,
    account: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    known: Annotated[bool | None, Query(description="Whether it is known who it is.")] = None,
    email: Annotated[str | None, Query(max_length=320)] = None,
    user_id: Annotated[Line | None, Query(max_length=500)] = None,
    crm_id: Annotated[Line | None, Query(max_length=500)] = None,
    anonymous_id: Annotated[Line | None, Query(max_length=500)] = None,
    updated_since: Annotated[Moment | None, Query(description="Scored at or after.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListedLead]:
    """The greatest shown score first, equal ones by id. Without a live card: all, by id."""
    wanted = LeadFilter(
        tuple(band or ()), min_score, max_score, account, known,
        _identity(email=email, user=user_id, crm=crm_id, anonymous=anonymous_id), updated_since,
    )  # fmt: skip
    after = from_cursor(cursor, (int, type(None)), int)
    with api.store.read() as connection:
        version = live_version(connection)
        rows = list_leads(
            connection, version.id if version else None, wanted,
            after=None if after is None else (after[0], after[1]), limit=limit,
        )  # fmt: skip
        names = names_of_leads(connection, [row.id for row in rows])
        means = _calibration(api, connection, version)
    api.note_read(who, "list", "lead", None, f"{len(rows)} leads")
    items = [_listed(row, names[row.id], means) for row in rows]
    return Page[ListedLead](**page(items, limit, rows[-1].cursor if rows else None))


@router.get("/leads/{lead_id}", summary="A lead")
def get_lead(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    questions: Annotated[
        bool, Query(description="Also work out what is worth asking; takes longer.")
    ] = False,
) -> LeadShape:
    """Facts, identities, account, the computed and the shown score, overrides in force."""
    now_us = api.clock()
    with api.store.read() as connection:
        head = get_head(connection, lead_id)
        version = live_version(connection)
        names = names_of_leads(connection, [lead_id])[lead_id]
        facts = facts_at(connection, lead_id, now_us)
        row = get_score_row(connection, version.id if version else None, lead_id)
        said = [each for each in overrides_of_lead(connection, lead_id) if each.in_force(now_us)]
        means, alone = _calibration(api, connection, version), left_alone(connection, lead_id)
        asked = None
        if questions and version is not None and row is not None:
            asked = _questions(api, connection, version.card, lead_id, now_us)
    api.note_read(who, "read", "lead", lead_id, None)
    account = AccountOf(id=head.account_id, name=head.account_name) if head.account_id else None
    return LeadShape(
        id=head.id,
        created=head.created_us,
        known=head.known,
        identities=[Identity(kind=kind, value=value) for kind, value in names],
        account=account,
        merged_into=head.merged_into,
        objected=head.objected_us,
        facts=_facts(facts),
        score=_score(version, row, said, means, now_us) if version and row is not None else None,
        overrides=[override_shape(each, now_us) for each in said],
        questions=asked,
        left_alone=list(alone),
    )


def _questions(
    api: Api, connection: Connection, card: Card, lead_id: int, now_us: int
) -> list[QuestionShape] | None:
    from leadwise.asking.explain import explain

    if count_events(connection, [lead_id], MOST_EVENTS + 1) > MOST_EVENTS:
        return None
    with api.heavy(), lead_population(connection, card, [lead_id]) as of:
        (found,) = explain(of, [str(lead_id)], now_us)
    return [question_shape(card, question) for question in found.questions]


def _facts(document: dict[str, Scalar]) -> dict[str, Scalar]:
    return dict(document)


def _calibration(
    api: Api, connection: Connection, version: CardVersion | None
) -> Mapping[str, Any] | None:
    if version is None:
        return None
    return calibration_of(connection, version.id, api.settings.learning.goal)


def _probability(means: Mapping[str, Any] | None, score: int | None) -> ProbabilityShape | None:
    found = chance(means, score)
    if found is None:
        return None
    return ProbabilityShape(value=found.value, low=found.low, high=found.high)


def _listed(
    row: LeadRow, names: list[tuple[str, str]], means: Mapping[str, Any] | None
) -> ListedLead:
    return ListedLead(
        id=row.id,
        identities=[Identity(kind=kind, value=value) for kind, value in names[:10]],
        known=row.known,
        account=AccountOf(id=row.account_id, name=row.account_name) if row.account_id else None,
        score=row.score,
        band=row.band,
        shown_score=row.shown_score,
        shown_band=row.shown_band,
        grade=row.grade,
        band_since=row.band_since_us,
        as_of=row.as_of_us,
        created=row.created_us,
        probability=_probability(means, row.score),
    )


def _score(
    version: CardVersion, row: Any, said: list[Overridden], means: Mapping[str, Any] | None,
    now_us: int,
) -> ScoreShape:  # fmt: skip
    card = version.card
    now = shown(card, row.score, row.band, [as_override(each) for each in said], now_us)
    amounts, totals = json.loads(row.ledger), json.loads(row.totals)
    return ScoreShape(
        card_version_id=version.id,
        as_of=row.as_of_us,
        score=row.score,
        band=row.band,
        grade=row.grade,
        shown_score=now.score,
        shown_band=now.band,
        band_since=row.band_since_us,
        dimensions={d.id: total for d, total in zip(card.dimensions, totals, strict=True)},
        lines={line.name: amount for line, amount in zip(lines(card), amounts, strict=True)},
        unknown=row.unknown.split(),
        probability=_probability(means, row.score),
    )


def as_override(said: Overridden) -> Override:
    """An override that was read, as the live system works with it."""
    return Override(
        said.id, said.lead_id, said.band, said.points, said.reason, said.from_us, said.until_us,
        said.actor,
    )  # fmt: skip


def _identity(**given: str | None) -> tuple[str, str] | None:
    """The one identity that is asked for. UserError (`bad-filter`) for several."""
    said = [(kind, value) for kind, value in given.items() if value is not None]
    if len(said) > 1:
        raise UserError(
            "bad-filter",
            "Leads are looked for by one identity.",
            hint="Give one of email, user_id, crm_id and anonymous_id.",
        )
    if not said:
        return None
    kind, value = said[0]
    if kind == "email":
        normal = normalised_email(value)
        if normal is None:
            raise UserError(
                "bad-filter", "This is no e-mail address.", hint="Write it as ann@example.com."
            )
        return kind, normal
    return kind, value
