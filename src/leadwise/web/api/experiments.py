"""Experiments: leads left alone by lot, and what follow-up brings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from leadwise.errors import UserError
from leadwise.learn.experiments import uplift_of
from leadwise.store.experiments import (
    Experiment,
    begin_experiment,
    end_experiment,
    list_experiments,
)
from leadwise.web.api.jobs import Said
from leadwise.web.api.parts import Parts, ReadCards, WriteCards, require_live
from leadwise.web.api.shapes import Id, Line, Shape, Time

router = APIRouter(tags=["experiments"])

Name = Annotated[Line, Field(max_length=200)]


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


def _experiment(one: Experiment) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "share": one.share, "bands": list(one.bands),
        "begun": one.from_us, "ended": one.until_us, "begun_by": one.made_by,
    }  # fmt: skip
