"""Playbooks: their versions, which of them start runs, starting and moving runs by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from leadwise.errors import Problem, UserError
from leadwise.playbooks import versions
from leadwise.playbooks.versions import MOST_BY_HAND
from leadwise.store.playbooks import (
    PlaybookVersion,
    get_playbook,
    list_playbooks,
)
from leadwise.store.runs import ACTIVE, count_runs
from leadwise.web.api.parts import Parts, PublishCards, ReadCards, WriteCards, WriteLeads
from leadwise.web.api.shapes import LARGEST_ID, Id, Line, Shape, Text, Time

router = APIRouter(tags=["playbooks"])

Body = Annotated[Text, Field(min_length=1, max_length=500_000)]
Why = Annotated[Text | None, Field(max_length=2_000)]
LeadId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Status = Literal["draft", "live", "paused", "retired"]


class PlaybookShape(Shape):
    """A version. `active`: its runs that are not over; nothing before `published` starts any."""

    id: int
    playbook: str
    number: int
    status: Status
    hash: str
    created: Time
    created_by: str
    published: Time | None
    published_by: str | None
    why: str | None
    active: int


class PlaybookText(PlaybookShape):
    text: str


class PlaybookProblem(Shape):
    code: str
    message: str
    hint: str
    severity: Literal["error", "warning"]
    line: int | None
    column: int | None


class PlaybookChecked(Shape):
    """`ok`: it could be published; warnings do not stand in the way."""

    ok: bool
    problems: list[PlaybookProblem]


class SentPlaybook(Shape):
    text: Body


class NewPlaybook(Shape):
    text: Body
    why: Why = None


class AddedPlaybook(PlaybookText):
    problems: list[PlaybookProblem]


class Reasoned(Shape):
    why: Why = None


class Retiring(Shape):
    """With `stop` its runs end now; else they finish."""

    stop: bool = False


class Retired(Shape):
    stopped: int


class Moving(Shape):
    """`to`: the id of another version of the same playbook."""

    to: LeadId


class MovedShape(Shape):
    """`missing`: runs that stay because the other version does not have their step, by its id;
    `busy`: runs that are at an outer step just now."""

    moved: int
    missing: dict[str, int]
    busy: int


class Starting(Shape):
    lead_ids: list[LeadId] = Field(min_length=1, max_length=MOST_BY_HAND)


class LeftOut(Shape):
    lead_id: int
    why: str


class StartedShape(Shape):
    run_ids: list[int]
    left_out: list[LeftOut]


@router.get("/playbooks", summary="Playbooks")
def get_playbooks(api: Parts, _who: ReadCards, playbook: Line | None = None) -> list[PlaybookShape]:
    """Every version, the newest first."""
    with api.store.read() as connection:
        found = list_playbooks(connection, playbook)
        active = _active(connection, found)
    return [PlaybookShape(**_values(one, active)) for one in found]


@router.post("/playbooks", status_code=201, summary="Add a playbook")
def add_playbook(api: Parts, who: WriteCards, new: NewPlaybook) -> AddedPlaybook:
    """A draft, or the version that has this content already; `problems` are what is doubtful."""
    now_us = api.clock()
    added = api.write(
        lambda c: versions.add(
            c, new.text, actor=who.actor, now_us=now_us, why=new.why, settings=api.settings
        )
    )
    with api.store.read() as connection:
        values = _values(added.version, _active(connection, [added.version]))
    return AddedPlaybook(
        **values, text=added.version.text, problems=[_problem(one) for one in added.warnings]
    )


@router.post("/playbooks/check", summary="Check a playbook")
def check_playbook(api: Parts, _who: ReadCards, sent: SentPlaybook) -> PlaybookChecked:
    """Against the live card, the templates, connections and playbooks that there are."""
    with api.store.read() as connection:
        found = versions.check_playbook(connection, sent.text, settings=api.settings)
    return PlaybookChecked(
        ok=found.playbook is not None, problems=[_problem(one) for one in found.problems]
    )


@router.get("/playbooks/{version_id}", summary="A version of a playbook")
def get_one(api: Parts, _who: ReadCards, version_id: Id) -> PlaybookText:
    """With its text."""
    return _one(api, version_id)


@router.post("/playbooks/{version_id}/publish", summary="Publish a playbook")
def publish_playbook(api: Parts, who: PublishCards, version_id: Id, said: Reasoned) -> PlaybookText:
    """It starts runs from now on; those of the version before finish on it."""
    now_us = api.clock()
    api.write(
        lambda c: versions.publish(
            c, version_id, actor=who.actor, now_us=now_us, why=said.why, settings=api.settings
        )
    )
    return _one(api, version_id)


@router.post("/playbooks/{version_id}/pause", summary="Pause a playbook")
def pause_playbook(api: Parts, who: PublishCards, version_id: Id) -> PlaybookText:
    """Nothing starts, and all runs of the playbook wait."""
    now_us, name = api.clock(), _current(api, version_id)
    api.write(lambda c: versions.pause(c, name, actor=who.actor, now_us=now_us))
    return _one(api, version_id)


@router.post("/playbooks/{version_id}/resume", summary="Let a playbook go on")
def resume_playbook(api: Parts, who: PublishCards, version_id: Id) -> PlaybookText:
    """What happened during the pause starts nothing."""
    now_us, name = api.clock(), _current(api, version_id)
    api.write(lambda c: versions.resume(c, name, actor=who.actor, now_us=now_us))
    return _one(api, version_id)


@router.post("/playbooks/{version_id}/retire", summary="Retire a playbook")
def retire_playbook(api: Parts, who: PublishCards, version_id: Id, how: Retiring) -> Retired:
    """It starts nothing more."""
    now_us, name = api.clock(), _current(api, version_id)
    stopped = api.write(
        lambda c: versions.retire(c, name, actor=who.actor, now_us=now_us, stop=how.stop)
    )
    return Retired(stopped=stopped)


@router.post("/playbooks/{version_id}/move", summary="Move runs to another version")
def move_playbook(api: Parts, who: PublishCards, version_id: Id, new: Moving) -> MovedShape:
    """They go on at the step of the same id."""
    now_us = api.clock()
    done = api.write(
        lambda c: versions.move_runs(c, version_id, new.to, actor=who.actor, now_us=now_us)
    )
    return MovedShape(moved=done.moved, missing=done.missing, busy=done.busy)


@router.post("/playbooks/{version_id}/start", summary="Start a playbook by hand")
def start_playbook(api: Parts, who: WriteLeads, version_id: Id, new: Starting) -> StartedShape:
    """For these leads, whatever its triggers say of them."""
    now_us, name = api.clock(), _current(api, version_id)
    done = api.write(
        lambda c: versions.start_by_hand(c, name, new.lead_ids, actor=who.actor, now_us=now_us)
    )
    left_out = [LeftOut(lead_id=one, why=why) for one, why in done.left_out.items()]
    return StartedShape(run_ids=list(done.run_ids), left_out=left_out)


def _one(api: Parts, version_id: int) -> PlaybookText:
    with api.store.read() as connection:
        found = get_playbook(connection, version_id)
        return PlaybookText(**_values(found, _active(connection, [found])), text=found.text)


def _current(api: Parts, version_id: int) -> str:
    """The playbook of a version that is its current one. UserError (`stale-version`) else."""
    with api.store.read() as connection:
        found = get_playbook(connection, version_id)
    if found.status not in ("live", "paused"):
        raise UserError(
            "stale-version", f"Version {version_id} of {found.playbook} is {found.status}.",
            hint="Say it of the version that is live or paused.",
        )  # fmt: skip
    return found.playbook


def _active(connection: Any, found: Any) -> dict[int, int]:
    active: dict[int, int] = {}
    for (version_id, state, _), n in count_runs(connection, [one.id for one in found]).items():
        if state in ACTIVE:
            active[version_id] = active.get(version_id, 0) + n
    return active


def _values(one: PlaybookVersion, active: dict[int, int]) -> dict[str, Any]:
    return {
        "id": one.id, "playbook": one.playbook, "number": one.number, "status": one.status,
        "hash": one.hash, "created": one.created_us, "created_by": one.created_by,
        "published": one.published_us, "published_by": one.published_by, "why": one.why,
        "active": active.get(one.id, 0),
    }  # fmt: skip


def _problem(one: Problem) -> PlaybookProblem:
    return PlaybookProblem(
        code=one.code, message=one.message, hint=one.hint, severity=one.severity,
        line=one.where.line, column=one.where.column,
    )  # fmt: skip
