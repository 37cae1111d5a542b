"""Jobs: what is being done, and how far it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.errors import UserError
from leadwise.jobs import JSON, Job, State
from leadwise.store.audit import audit
from leadwise.web.api.parts import Admin, Parts
from leadwise.web.api.shapes import (
    Cursor,
    Limit,
    Line,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["jobs"])

HUNDREDTHS = ("old_score", "new_score")
"""Of the results of jobs."""
JobId = Annotated[str, Path(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9._:@/-]+$")]


class JobErrorShape(Shape):
    code: str
    message: str
    hint: str


class JobShape(Shape):
    """`done` of `total` is the progress; a waiting job with an `error` is to be tried again."""

    id: str
    kind: str
    state: State
    due: Time
    done: int | None
    total: int | None
    message: str
    result: Any
    error: JobErrorShape | None
    attempt: int
    created: Time
    updated: Time


class Said(Shape):
    did: bool = Field(description="False where there was nothing to do.")


@router.get("/jobs", summary="Jobs")
def get_jobs(
    api: Parts,
    _who: Admin,
    kind: Annotated[Line | None, Query(max_length=60)] = None,
    state: State | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobShape]:
    """The newest first."""
    after = from_cursor(cursor, int, str)
    where = None if after is None else f"{abs(after[0])}:{after[1]}"
    rows = api.with_jobs().list(kind, state, after=where, limit=limit)
    last = (rows[-1].created_us, rows[-1].id) if rows else None
    return Page[JobShape](**page([job_shape(row) for row in rows], limit, last))


@router.get("/jobs/{job_id}", summary="A job")
def get_job(api: Parts, _who: Admin, job_id: JobId) -> JobShape:
    """How far it is, its result, or why it failed."""
    return job_shape(find_job(api.with_jobs(), job_id))


@router.post("/jobs/{job_id}/cancel", summary="Cancel a job")
def cancel_job(api: Parts, who: Admin, job_id: JobId) -> Said:
    """It does not begin, or ends at its next step."""
    did = api.with_jobs().cancel(find_job(api.with_jobs(), job_id).id)
    _note(api, who.actor, "cancel", job_id)
    return Said(did=did)


@router.post("/jobs/{job_id}/retry", summary="Try a failed job again")
def retry_job(api: Parts, who: Admin, job_id: JobId) -> Said:
    """From the step at which it failed."""
    did = api.with_jobs().retry(find_job(api.with_jobs(), job_id).id)
    _note(api, who.actor, "retry", job_id)
    return Said(did=did)


def find_job(jobs: Any, job_id: str) -> Job:
    """The job. UserError (`no-such-job`) where there is none."""
    try:
        found: Job = jobs.get(job_id)
    except UserError as error:
        raise UserError("no-such-job", f"There is no job {job_id}.", hint=error.hint) from None
    return found


def job_shape(job: Job) -> JobShape:
    """A job as it is answered."""
    error = job.error
    return JobShape(
        id=job.id, kind=job.kind, state=job.state, due=job.due_us, done=job.done, total=job.total,
        message=job.message, result=_told(job.result),
        error=JobErrorShape(code=error.code, message=error.message, hint=error.hint)
        if error
        else None,
        attempt=job.attempt, created=job.created_us, updated=job.updated_us,
    )  # fmt: skip


def _told(result: JSON, name: str = "") -> Any:
    """A result with points and times as they are told: `as_of_us` is `as_of`, hundredths points."""
    if isinstance(result, dict):
        return {_plain(key): _told(value, key) for key, value in result.items()}
    if isinstance(result, list):
        return [_told(value) for value in result]
    if isinstance(result, int) and not isinstance(result, bool):
        if name.endswith("_us"):
            return written(result)
        if name in HUNDREDTHS:
            return result // 100 if result % 100 == 0 else result / 100
    return result


def _plain(name: str) -> str:
    return name.removesuffix("_us")


def _note(api: Parts, actor: str, action: str, job_id: str) -> None:
    now_us = api.clock()

    def work(connection: Connection) -> None:
        audit(connection, actor, action, "job", job_id, None, now_us)

    api.write(work)
