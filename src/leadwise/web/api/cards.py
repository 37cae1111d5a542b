"""Cards: checked, added, tried, published, compared."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.card import check_text, diff
from leadwise.errors import Problem, UserError
from leadwise.jobs import JSON
from leadwise.live.shadow import switch_shadow
from leadwise.store.audit import audit
from leadwise.store.cards import (
    CardVersion,
    Status,
    Subject,
    add_version,
    get_version,
    list_versions,
    live_version,
)
from leadwise.store.studies import require_gate
from leadwise.web.api.jobs import JobShape, job_shape
from leadwise.web.api.parts import Api, Parts, PublishCards, ReadCards, WriteCards
from leadwise.web.api.scoring import CardText
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Cursor,
    Id,
    Limit,
    Page,
    Reason,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["cards"])


class ListedCard(Shape):
    """A version: its `id` is what other routes want, `version` what the card says of itself."""

    id: int
    subject: Subject
    name: str
    version: int
    hash: str
    status: Status
    created: Time
    created_by: str
    published: Time | None
    published_by: str | None
    why: str | None


class CardShape(ListedCard):
    text: str


class ToCheck(Shape):
    card: CardText


class ProblemShape(Shape):
    """Line and column count from 1."""

    code: str
    message: str
    hint: str
    severity: Literal["error", "warning"]
    line: int | None
    column: int | None


class Checked(Shape):
    """`usable`: there is no error, warnings perhaps."""

    usable: bool
    problems: list[ProblemShape]


class NewCard(Shape):
    card: CardText
    subject: Subject = "lead"
    why: Reason | None = None


class Why(Shape):
    why: Reason


class Publishing(Why):
    """`despite_gate`: although `learning.gate` is on and nothing shows that it is better."""

    despite_gate: bool = False


class Shadow(Shape):
    """Whether the draft is to be scored over the mirror and compared with the live card."""

    on: bool


class Differences(Shape):
    """One sentence a change, from `against` to this one."""

    against: int
    changes: list[str]


class Back(Shape):
    subject: Subject = "lead"
    why: Reason


class TryOver(Shape):
    """`days`: over how many days the hot leads a day are counted."""

    days: int = Field(default=28, ge=1, le=365)


@router.get("/cards", summary="Versions of cards")
def get_cards(
    api: Parts,
    _who: ReadCards,
    subject: Subject | None = None,
    status: Annotated[Status | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListedCard]:
    """The newest first."""
    before = from_cursor(cursor, int)
    with api.store.read() as connection:
        found = list_versions(connection, subject)
    rows = [
        row
        for row in found
        if (before is None or row.id < before[0]) and status in (None, row.status)
    ][:limit]
    last = (rows[-1].id,) if rows else None
    return Page[ListedCard](**page([ListedCard(**_values(row)) for row in rows], limit, last))


@router.get("/cards/{card_id}", summary="A version of a card")
def get_card(api: Parts, _who: ReadCards, card_id: Id) -> CardShape:
    """With its text."""
    with api.store.read() as connection:
        return _shape(get_version(connection, card_id))


@router.post("/cards/check", summary="Check a card")
def check(api: Parts, _who: ReadCards, given: ToCheck) -> Checked:
    """All problems of a text; nothing is kept."""
    with api.heavy():
        problems = check_text(given.card)
    return Checked(
        usable=all(problem.severity == "warning" for problem in problems),
        problems=[problem_shape(problem) for problem in problems],
    )


@router.post("/cards", status_code=201, summary="Add a draft")
def add(api: Parts, who: WriteCards, new: NewCard) -> CardShape:
    """The version that has this content already, where there is one."""
    now_us = api.clock()

    def work(connection: Connection) -> CardVersion:
        version = add_version(
            connection, new.card, subject=new.subject, by=who.actor, now_us=now_us, why=new.why
        )
        audit(connection, who.actor, "add", "card", version.id, version.name, now_us)
        return version

    return _shape(api.write(work))


@router.get("/cards/{card_id}/diff", summary="What changed between two versions")
def differences(
    api: Parts,
    _who: ReadCards,
    card_id: Id,
    against: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="The live version if not given.")
    ] = None,
) -> Differences:
    """In words, in the card's order; empty where the two are equal."""
    with api.store.read() as connection:
        new = get_version(connection, card_id)
        old = get_version(connection, against) if against else live_version(connection, new.subject)
    if old is None:
        raise UserError(
            "no-such-live-card", "There is no live card to compare with.", hint="Say `against`."
        )
    return Differences(against=old.id, changes=list(diff(old.card, new.card)))


@router.post("/cards/{card_id}/shadow", summary="Let a draft run as a shadow card")
def shadow(api: Parts, who: WriteCards, card_id: Id, wanted: Shadow) -> ListedCard:
    """It is scored nightly over the mirror and shown to nobody; or is a mere draft again."""
    now_us = api.clock()

    switched = api.write(
        lambda c: switch_shadow(c, card_id, on=wanted.on, by=who.actor, now_us=now_us)
    )
    return ListedCard(**_values(switched))


@router.post("/cards/{card_id}/shadow/score", status_code=202, summary="Score a shadow card now")
def score_shadow(api: Parts, who: WriteCards, card_id: Id, over: TryOver) -> JobShape:
    """A job, as it is done nightly: its result is the comparison with the live card."""
    with api.store.read() as connection:
        version = get_version(connection, card_id)
    if version.status != "shadow":
        raise UserError(
            "not-a-shadow", f"Version {card_id} is {version.status}.", hint="Make it one first."
        )
    return _job(api, "shadow", {"version_id": card_id, "by": who.actor, "days": over.days})


@router.post("/cards/{card_id}/try", status_code=202, summary="Try a card on everybody")
def try_card(api: Parts, who: WriteCards, card_id: Id, over: TryOver) -> JobShape:
    """A job whose result says who would change band, and how many leads get hot a day."""
    with api.store.read() as connection:
        version = get_version(connection, card_id)
    if version.subject != "lead":
        raise UserError(
            "not-for-leads",
            f"Version {card_id} is a card for accounts.",
            hint="Cards for leads can be tried on everybody.",
        )
    return _job(api, "try", {"version_id": card_id, "by": who.actor, "days": over.days})


@router.post("/cards/{card_id}/publish", status_code=202, summary="Publish a card")
def publish(api: Parts, who: PublishCards, card_id: Id, why: Publishing) -> JobShape:
    """A job: everybody is scored under it first; the card before serves until that is done."""
    with api.store.read() as connection:
        version = get_version(connection, card_id)
    if version.status == "live":
        raise UserError("already-live", f"Version {card_id} is live.", hint="Nothing was done.")
    if api.settings.learning.gate == "on" and not why.despite_gate:
        with api.store.read() as connection:
            require_gate(connection, version)
    return _publish(api, who.actor, version, why.why)


@router.post("/cards/roll-back", status_code=202, summary="Go back to the card before")
def roll_back(api: Parts, who: PublishCards, back: Back) -> JobShape:
    """Publishes the version that was live before the live one."""
    with api.store.read() as connection:
        found = list_versions(connection, back.subject)
    former = [row for row in found if row.status == "retired" and row.published_us is not None]
    if not former:
        raise UserError(
            "no-such-earlier-card", "No card was live before.", hint="Publish another version."
        )
    return _publish(api, who.actor, max(former, key=lambda row: row.published_us or 0), back.why)


def _publish(api: Api, actor: str, version: CardVersion, why: str) -> JobShape:
    now_us = api.clock()
    made = _job(api, "publish", {"version_id": version.id, "by": actor, "why": why})
    api.write(lambda c: audit(c, actor, "publish", "card", version.id, why, now_us))
    return made


def _job(api: Api, kind: str, arguments: dict[str, JSON]) -> JobShape:
    jobs = api.with_jobs()
    job_id = f"{kind}:{arguments['version_id']}:{uuid.uuid4().hex}"
    return job_shape(jobs.get(jobs.enqueue(kind, arguments, id=job_id)))


def problem_shape(problem: Problem) -> ProblemShape:
    """A problem as it is answered."""
    return ProblemShape(
        code=problem.code, message=problem.message, hint=problem.hint, severity=problem.severity,
        line=problem.where.line, column=problem.where.column,
    )  # fmt: skip


def _shape(version: CardVersion) -> CardShape:
    return CardShape(**_values(version), text=version.text)


def _values(version: CardVersion) -> dict[str, Any]:
    return {
        "id": version.id, "subject": version.subject, "name": version.name,
        "version": version.number, "hash": version.hash, "status": version.status,
        "created": version.created_us, "created_by": version.created_by,
        "published": version.published_us, "published_by": version.published_by,
        "why": version.why,
    }  # fmt: skip
