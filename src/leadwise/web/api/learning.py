"""Learning: studies of the past, and the models that they made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from leadwise.errors import UserError
from leadwise.jobs.model import FINISHED
from leadwise.learn.asked import Asked
from leadwise.learn.jobs import CANCELLED, start_study
from leadwise.store.audit import audit
from leadwise.store.cards import get_version
from leadwise.store.models import list_models, retire_model, use_model
from leadwise.store.studies import Goal, Kind, Study, end_study, find_study, list_studies
from leadwise.web.api.jobs import Said
from leadwise.web.api.parts import Api, Parts, ReadCards, WriteCards, require_live
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Cursor,
    Id,
    Limit,
    Line,
    Moment,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["learning"])

Name = Annotated[Line, Field(max_length=200)]
Names = Annotated[list[Name], Field(max_length=200)]


class NewStudy(Shape):
    """`card` is the id of a version, the live one if not given. What is not given is as settings
    and usage have it: see docs/learning.md."""

    kind: Kind
    card: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    goal: Goal | None = None
    horizon_days: float | None = Field(default=None, ge=1, le=3_650)
    every_days: float = Field(default=7, ge=1, le=365)
    allow: Names = Field(default=[], description="Fields and events that are known by then.")
    without: Names = Field(default=[], description="Fields and events not to learn from.")
    calls_a_day: int | None = Field(default=None, ge=1, le=1_000_000)
    value: float | None = Field(default=None, gt=0, le=1e12, description="Of a won deal.")
    cost: float | None = Field(default=None, gt=0, le=1e12, description="Of the work on a lead.")
    until: Moment | None = Field(default=None, description="Outcomes count until then.")
    name: str = Field(
        default="best",
        max_length=60,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Of a model: cards read it as the field `model_<name>`.",
    )
    kinds: list[Literal["logistic", "ebm", "lightgbm"]] = Field(
        default=[], max_length=3, description="Of models to choose among; all if not given."
    )  # fmt: skip


class ListedStudy(Shape):
    """`state` is `waiting`, `done` or `failed`; then `problem` says why."""

    id: int
    kind: Kind
    card: int
    goal: Goal
    state: str
    asked: Time
    asked_by: str
    done: Time | None
    job_id: str
    problem: str | None


class StudyShape(ListedStudy):
    """`result` is null until it is done."""

    options: dict[str, Any]
    result: dict[str, Any] | None


class ModelOf(Shape):
    """`about` is what its study found: how well it ordered later leads, beside what. `used` is
    since when it is asked, none: it waits until somebody puts it to use."""

    id: int
    name: str
    field: str
    kind: str
    card: int
    created: Time
    used: Time | None
    retired: Time | None
    about: dict[str, Any]


@router.get("/studies", summary="Studies of the past")
def get_studies(
    api: Parts,
    _who: ReadCards,
    kind: Kind | None = None,
    card: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListedStudy]:
    """The newest first."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_studies(
            connection, kind, card, before=before[0] if before else None, limit=limit
        )
    last = (rows[-1].id,) if rows else None
    return Page[ListedStudy](**page([ListedStudy(**_values(one)) for one in rows], limit, last))


@router.post("/studies", status_code=202, summary="Ask the past")
def create_study(api: Parts, who: WriteCards, new: NewStudy) -> ListedStudy:
    """A job; the same question that is being answered already is not asked twice."""
    now_us = api.clock()
    with api.store.read() as connection:
        version = get_version(connection, new.card) if new.card else require_live(connection)
    if version.subject != "lead":
        raise UserError(
            "not-for-leads", "This is a card for companies, which have no outcomes.",
            hint="Name a card for leads.",
        )  # fmt: skip
    settings = api.settings.learning
    asked = Asked(
        horizon_days=new.horizon_days or settings.horizon_days, every_days=new.every_days,
        allow=tuple(new.allow), without=tuple(new.without), calls_a_day=new.calls_a_day,
        value=new.value, cost=new.cost, until_us=new.until, name=new.name,
        kinds=tuple(dict.fromkeys(new.kinds)),
    )  # fmt: skip
    found = start_study(
        api.store, api.with_jobs(), new.kind, version.id, new.goal or settings.goal, asked,
        by=who.actor, now_us=now_us,
    )  # fmt: skip
    return ListedStudy(**_values(found))


@router.get("/studies/{study_id}", summary="A study")
def get_study(api: Parts, _who: ReadCards, study_id: Id) -> StudyShape:
    """With what came of it."""
    with api.store.read() as connection:
        found = find_study(connection, study_id)
    result = None if found.document is None else dict(found.document)
    return StudyShape(**_values(found), options=dict(found.options), result=result)


@router.post("/studies/{study_id}/cancel", summary="Cancel a study")
def cancel_study(api: Parts, who: WriteCards, study_id: Id) -> Said:
    """It is not answered; it can be asked again."""
    return Said(did=cancel(api, study_id, who.actor))


def cancel(api: Api, study_id: int, actor: str) -> bool:
    """Whether there was anything to cancel."""
    with api.store.read() as connection:
        found = find_study(connection, study_id)
    if found.done_us is not None:
        return False
    now_us, jobs = api.clock(), api.with_jobs()
    try:
        jobs.cancel(found.job_id)
        over = jobs.get(found.job_id).state in FINISHED
    except UserError:  # it was forgotten
        over = True
    api.write(lambda c: audit(c, actor, "cancel", "study", study_id, None, now_us))
    if over:  # else its job says so when it has stopped
        api.write(lambda c: end_study(c, study_id, now_us, problem=CANCELLED))
    return True


@router.get("/models", summary="Models")
def get_models(api: Parts, _who: ReadCards) -> list[ModelOf]:
    """The newest first. One that is in use says `model_<name>` of every lead."""
    with api.store.read() as connection:
        return [
            ModelOf(
                id=one.id, name=one.name, field=one.field, kind=one.kind, card=one.version_id,
                created=one.created_us, used=one.used_us, retired=one.retired_us,
                about=dict(one.document),
            )
            for one in list_models(connection)
        ]  # fmt: skip


@router.post("/models/{model_id}/use", summary="Put a model to use")
def start_model(api: Parts, who: WriteCards, model_id: Id) -> Said:
    """In the place of the one of its name: what it says of leads may change their scores. One that
    was retired comes back."""
    now_us = api.clock()
    return Said(did=api.write(lambda c: use_model(c, model_id, by=who.actor, now_us=now_us)))


@router.post("/models/{model_id}/retire", summary="Let a model say nothing more")
def stop_model(api: Parts, who: WriteCards, model_id: Id) -> Said:
    """What it has said stays known."""
    now_us = api.clock()
    return Said(did=api.write(lambda c: retire_model(c, model_id, by=who.actor, now_us=now_us)))


def _values(one: Study) -> dict[str, Any]:
    state = "waiting" if one.done_us is None else "failed" if one.problem else "done"
    return {
        "id": one.id, "kind": one.kind, "card": one.version_id, "goal": one.goal, "state": state,
        "asked": one.asked_us, "asked_by": one.asked_by, "done": one.done_us,
        "job_id": one.job_id, "problem": one.problem,
    }  # fmt: skip
