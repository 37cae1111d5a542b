"""Learning: studies of the past, and experiments."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from leadwise.errors import UserError
from leadwise.jobs.model import FINISHED
from leadwise.learn.asked import Asked
from leadwise.learn.experiments import uplift_of
from leadwise.learn.jobs import CANCELLED, start_study
from leadwise.store.audit import audit
from leadwise.store.cards import get_version
from leadwise.store.experiments import (
    Experiment,
    begin_experiment,
    end_experiment,
    list_experiments,
)
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


class NewExperiment(Shape):
    """`share` of the leads that enter one of `bands` from now on are left alone, by lot."""

    name: Name
    share: float = Field(gt=0, le=0.5)
    bands: list[Name] = Field(min_length=1, max_length=100)


class ExperimentShape(Shape):
    id: int
    name: str
    share: float
    bands: list[str]
    begun: Time
    ended: Time | None
    begun_by: str


class UpliftShape(Shape):
    """Of a band (or `all`): how many were followed up and left alone, how many of them were won,
    and the difference of the shares with its 95 percent interval."""

    band: str
    followed_up: int
    followed_up_won: int
    left_alone: int
    left_alone_won: int
    uplift: float | None
    low: float | None
    high: float | None
    text: str


class ExperimentResult(ExperimentShape):
    uplift: list[UpliftShape]


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
        value=new.value, cost=new.cost, until_us=new.until,
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


@router.get("/experiments", summary="Experiments")
def get_experiments(api: Parts, _who: ReadCards) -> list[ExperimentShape]:
    """The newest first."""
    with api.store.read() as connection:
        return [ExperimentShape(**_experiment(one)) for one in list_experiments(connection)]


@router.post("/experiments", status_code=201, summary="Begin an experiment")
def create_experiment(api: Parts, who: WriteCards, new: NewExperiment) -> ExperimentShape:
    """Leads that are in a band already are not drawn for."""
    now_us = api.clock()
    with api.store.read() as connection:
        known = [band.id for band in require_live(connection).card.bands]
    missing = [band for band in new.bands if band not in known]
    if missing:
        raise UserError(
            "holdout-bands", f"The live card has no band {missing[0]}.",
            hint=f"It has {', '.join(known)}.",
        )  # fmt: skip
    made = api.write(
        lambda c: begin_experiment(
            c, new.name, new.share, new.bands, by=who.actor, now_us=now_us
        )
    )  # fmt: skip
    return ExperimentShape(**_experiment(made))


@router.get("/experiments/{experiment_id}", summary="What an experiment shows")
def get_experiment(api: Parts, _who: ReadCards, experiment_id: Id) -> ExperimentResult:
    """The uplift of follow-up, of all and by band: in numbers, no lead is named."""
    found, told = uplift_of(api.store, experiment_id)
    shapes = [
        UpliftShape(
            band=one.band, followed_up=one.treated, followed_up_won=one.treated_won,
            left_alone=one.held_out, left_alone_won=one.held_out_won,
            uplift=_said(one.uplift.value), low=_said(one.uplift.low), high=_said(one.uplift.high),
            text=one.text,
        )
        for one in told
    ]  # fmt: skip
    return ExperimentResult(**_experiment(found), uplift=shapes)


@router.post("/experiments/{experiment_id}/end", summary="End an experiment")
def finish_experiment(api: Parts, who: WriteCards, experiment_id: Id) -> Said:
    """Who was left alone is in the queue again."""
    now_us = api.clock()
    return Said(
        did=api.write(lambda c: end_experiment(c, experiment_id, by=who.actor, now_us=now_us))
    )


def _said(value: float) -> float | None:
    return value if value == value else None


def _values(one: Study) -> dict[str, Any]:
    state = "waiting" if one.done_us is None else "failed" if one.problem else "done"
    return {
        "id": one.id, "kind": one.kind, "card": one.version_id, "goal": one.goal, "state": state,
        "asked": one.asked_us, "asked_by": one.asked_by, "done": one.done_us,
        "job_id": one.job_id, "problem": one.problem,
    }  # fmt: skip


def _experiment(one: Experiment) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "share": one.share, "bands": list(one.bands),
        "begun": one.from_us, "ended": one.until_us, "begun_by": one.made_by,
    }  # fmt: skip
