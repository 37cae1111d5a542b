"""Imports: a file is taken in, then read by a job with progress."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from leadwise.errors import UserError
from leadwise.jobs import JSON
from leadwise.store.audit import audit
from leadwise.web.api.jobs import JobId, JobShape, find_job, job_shape
from leadwise.web.api.parts import Api, Parts, WriteEvents
from leadwise.web.api.shapes import Cursor, Limit, Page, ShortText, from_cursor, page

router = APIRouter(tags=["imports"])

KIND = "import"
FOLDER = "uploads"
"""In the data folder."""
Format = Literal["csv", "jsonl", "parquet"]
MEDIA_TYPES: dict[str, Format] = {
    "text/csv": "csv",
    "application/x-ndjson": "jsonl",
    "application/vnd.apache.parquet": "parquet",
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/imports",
    status_code=202,
    summary="Import a file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself, not a form.",
            "content": dict.fromkeys(MEDIA_TYPES, _BINARY),
        }
    },
)
async def create_import(
    request: Request,
    api: Parts,
    who: WriteEvents,
    of: Annotated[Literal["leads", "events"], Query(description="What each row is.")],
    source: Annotated[ShortText, Query(description="The name under which the rows are recorded.")],
    identity: Annotated[
        Literal["crm", "email", "user", "anonymous"], Query(description="What `lead_id` is.")
    ] = "crm",
    name: Annotated[ShortText | None, Query(description="What the file is called.")] = None,
    column: Annotated[
        list[ShortText] | None,
        Query(max_length=400, description="NAME=COLUMN, where the file calls it otherwise."),
    ] = None,
) -> JobShape:
    """The media type says the format. A row that is sent twice is recorded once."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA_TYPES:
        raise UserError(
            "media-type",
            f"A file of the type '{media}' cannot be read.",
            hint=f"Send it as {', '.join(MEDIA_TYPES)}.",
        )
    columns = _columns(column or [])
    jobs = api.with_jobs()
    job_id = f"{KIND}:{uuid.uuid4().hex}"
    path = await save_upload(api, request, job_id.replace(":", "-"))
    arguments: dict[str, JSON] = {
        "path": str(path), "format": MEDIA_TYPES[media], "of": of, "source": source,
        "columns": dict(columns), "identity": identity, "name": name, "by": who.actor,
    }  # fmt: skip

    def put_in() -> JobShape:
        now_us = api.clock()

        def work(connection: Connection) -> None:
            audit(connection, who.actor, "import", "job", job_id, of, now_us)

        try:
            api.write(work)
            return job_shape(jobs.get(jobs.enqueue(KIND, arguments, id=job_id)))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    return await run_in_threadpool(put_in)


@router.get("/imports", summary="Imports")
def get_imports(
    api: Parts, _who: WriteEvents, limit: Limit = 50, cursor: Cursor = None
) -> Page[JobShape]:
    """The newest first."""
    after = from_cursor(cursor, int, str)
    where = None if after is None else f"{abs(after[0])}:{after[1]}"
    rows = api.with_jobs().list(KIND, after=where, limit=limit)
    last = (rows[-1].created_us, rows[-1].id) if rows else None
    return Page[JobShape](**page([job_shape(row) for row in rows], limit, last))


@router.get("/imports/{job_id}", summary="An import")
def get_import(api: Parts, _who: WriteEvents, job_id: JobId) -> JobShape:
    """How far it is; its result says how many rows were recorded and refused."""
    job = find_job(api.with_jobs(), job_id)
    if job.kind != KIND:
        raise UserError("no-such-job", f"There is no import {job_id}.", hint="GET /api/imports")
    return job_shape(job)


def _columns(given: list[str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given]
    if any(not sign or not name or not column for name, sign, column in pairs):
        raise UserError(
            "bad-request", "column: expected NAME=COLUMN.", hint="column=lead_id=ContactId"
        )
    return {name: column for name, _, column in pairs}


async def save_upload(api: Api, request: Request, name: str) -> Path:
    """The file as it was sent, whole and on the disk. UserError (`bad-request`): it is empty."""
    folder = anyio.Path(api.settings.data / FOLDER)
    await folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, size = folder / name, 0
    try:
        async with await anyio.open_file(path, "xb") as file:
            async for chunk in request.stream():
                size += await file.write(chunk)
            await file.flush()
            await run_in_threadpool(os.fsync, file.wrapped.fileno())
    except BaseException:
        with contextlib.suppress(OSError), anyio.CancelScope(shield=True):
            await path.unlink(missing_ok=True)
        raise
    if size == 0:
        await path.unlink()
        raise UserError("bad-request", "The file is empty.", hint="curl --data-binary @leads.csv")
    return Path(path)
