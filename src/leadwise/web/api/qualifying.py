"""Qualification beside the record: reading what is sent, questions of one's own, many at once."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from leadwise.errors import UserError
from leadwise.jobs import JSON, Job
from leadwise.qualify.answer import Answer, Reading
from leadwise.qualify.batch import KIND as BATCH
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.intake import opened, read_kept, text_forgotten
from leadwise.qualify.library import Asked, frame_named, question_kept
from leadwise.qualify.reading import read
from leadwise.qualify.recording import conversation_of, keep_conversation
from leadwise.qualify.talk import Conversation
from leadwise.store.audit import audit
from leadwise.store.conversations import get_conversation
from leadwise.store.leads import get_head
from leadwise.store.segments import Standing, count_segments, list_segment
from leadwise.web.api.answers import Part, Status, value_part
from leadwise.web.api.conversations import (
    FrameName,
    ReaderName,
    SentConversation,
    note,
    reader_of,
)
from leadwise.web.api.imports import save_upload
from leadwise.web.api.jobs import JobId, JobShape, find_job, job_shape
from leadwise.web.api.ledgers import QuoteShape
from leadwise.web.api.parts import Api, Parts, ReadCards, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Cursor,
    Limit,
    Page,
    Shape,
    ShortText,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["qualification"])

LINES = "application/x-ndjson"
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class ToQualify(SentConversation):
    frame: FrameName = "bant"


class ReadAnswer(Shape):
    """`value` has the parts of the question's kind; `why` says in a few words what decided."""

    question: str
    status: Status
    value: dict[str, Part]
    confidence: float
    quotes: list[QuoteShape]
    why: str


class Qualified(Shape):
    """`facts` is what the answers write into fields; null takes a value back. `refused` counts
    answers without a quote that is in the conversation."""

    frame: str
    version: int
    reader: str
    seconds: float
    has_buyer: bool
    answers: list[ReadAnswer]
    facts: dict[str, Part]
    refused: int


class OwnQuestion(SentConversation):
    """A question of one's own, put to a conversation: one that is sent, or a kept one by its
    `conversation_id`. With a `field` the answer is a fact: of the lead of the kept conversation, or
    of `lead_id`, with whom the sent one then is kept."""

    question: Annotated[ShortText, Field(max_length=500)]
    conversation_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    lead_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    field: FieldName | None = None


class ToClassify(OwnQuestion):
    choices: list[ShortText] = Field(min_length=2, max_length=60)


class ToExtract(OwnQuestion):
    kind: Literal["text", "number", "money", "yes_no", "timeline", "authority"] = "text"


class OwnAnswer(Qualified):
    """`conversation_id` is where it was recorded, null where it was not."""

    conversation_id: int | None


class SegmentShape(Shape):
    """How many leads stand how with a question: `unknown` is not a no."""

    question: str
    stated: int
    none: int
    contradicted: int
    unknown: int


class Segments(Shape):
    frame: str
    version: int
    items: list[SegmentShape]


class LeadInSegment(Shape):
    lead_id: int
    answer_id: int | None
    at: Time | None


@router.post("/qualify", summary="Read a conversation that is sent")
def qualify(api: Parts, _who: ReadCards, given: ToQualify) -> Qualified:
    """Nothing is kept. The embedded reader; nothing leaves this machine."""
    with api.store.read() as connection:
        frame = frame_named(connection, given.frame)
    conversation, reading = _read(api, given, frame)
    return Qualified(**_said(frame, conversation, reading))


@router.post("/classify", summary="Choose one of your choices for a conversation")
def classify_conversation(api: Parts, who: WriteLeads, given: ToClassify) -> OwnAnswer:
    """A question of your own; with a field, the answer is recorded with its quote."""
    asked = Asked(given.question, given.field, None, tuple(given.choices))
    return _own(api, who.actor, given, asked)


@router.post("/extract", summary="Find a value in a conversation")
def extract_from_conversation(api: Parts, who: WriteLeads, given: ToExtract) -> OwnAnswer:
    """A question of your own; with a field, the answer is recorded with its quote."""
    return _own(api, who.actor, given, Asked(given.question, given.field, given.kind))


@router.get("/qualification/segments", summary="Leads by question, counted")
def get_segments(api: Parts, _who: ReadLeads, frame: ShortText = "bant") -> Segments:
    """How many leads answered each question of a frame, failed it, or are unknown."""
    with api.store.read() as connection:
        found = frame_named(connection, frame)
        rows = count_segments(connection, frame, [one.id for one in found.questions])
    items = [
        SegmentShape(question=one.question, stated=one.stated, none=one.none,
                     contradicted=one.contradicted, unknown=one.unknown)
        for one in rows
    ]  # fmt: skip
    return Segments(frame=found.name, version=found.version, items=items)


@router.get("/qualification/segments/leads", summary="The leads of a segment")
def get_segment(
    api: Parts,
    who: ReadLeads,
    question: ShortText,
    standing: Annotated[list[Standing], Query(min_length=1, max_length=4)],
    frame: ShortText = "bant",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[LeadInSegment]:
    """By id: those whose latest answer stands so, `unknown` where there is none."""
    after = from_cursor(cursor, int)
    with api.store.read() as connection:
        _require_question(frame_named(connection, frame), question)
        rows = list_segment(
            connection, frame, question, standing, after_id=after[0] if after else 0, limit=limit
        )
    api.note_read(who, "list", "lead", None, f"{len(rows)} leads")
    items = [
        LeadInSegment(lead_id=one.lead_id, answer_id=one.answer_id, at=one.at_us) for one in rows
    ]
    return Page[LeadInSegment](**page(items, limit, (rows[-1].lead_id,) if rows else None))


@router.post(
    "/qualify/batch",
    status_code=202,
    summary="Read many conversations of the past",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A conversation a line.",
            "content": {LINES: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def create_batch(
    request: Request,
    api: Parts,
    who: WriteLeads,
    frame: Annotated[ShortText, Query(description="What they are read under.")] = "bant",
    reader: ReaderName = "embedded",
    source: Annotated[ShortText, Query(description="Where they come from.")] = "batch",
) -> JobShape:
    """A job; its result says which lines were refused. A conversation sent twice is kept once."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != LINES:
        raise UserError(
            "media-type", f"Conversations of the type '{media}' cannot be read.",
            hint=f"Send JSON lines, as {LINES}.",
        )  # fmt: skip
    job_id = f"{BATCH}:{uuid.uuid4().hex}"

    def put_in(path: Path) -> JobShape:
        return job_shape(
            begin_batch(api, who.actor, path, job_id, frame=frame, reader=reader, source=source)
        )

    path = await save_upload(api, request, job_id.replace(":", "-"))
    return await run_in_threadpool(put_in, path)


@router.get("/qualify/batch/{job_id}", summary="A batch of conversations")
def get_batch(api: Parts, _who: WriteLeads, job_id: JobId) -> JobShape:
    """How far it is; its result counts conversations and answers, and names what was refused."""
    job = find_job(api.with_jobs(), job_id)
    if job.kind != BATCH:
        raise UserError("no-such-job", f"There is no batch {job_id}.", hint="GET /api/jobs")
    return job_shape(job)


def begin_batch(
    api: Api, actor: str, path: Path, job_id: str, *, frame: str, reader: str, source: str
) -> Job:
    """The job over an uploaded file, which is removed where it cannot begin."""
    now_us = api.clock()
    arguments: dict[str, JSON] = {
        "path": str(path), "frame": frame, "reader": reader, "source": source, "by": actor,
    }  # fmt: skip

    def work(connection: Connection) -> None:
        reader_of(api, reader)
        frame_named(connection, frame)
        audit(connection, actor, "read many", "job", job_id, frame, now_us)

    try:
        api.write(work)
        jobs = api.with_jobs()
        return jobs.get(jobs.enqueue(BATCH, arguments, id=job_id))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _own(api: Api, actor: str, given: OwnQuestion, asked: Asked) -> OwnAnswer:
    """A question of one's own: recorded where it has a field and there is a lead."""
    is_kept = given.conversation_id is not None
    if is_kept and (given.text is not None or given.turns is not None or given.lead_id):
        raise UserError(
            "bad-conversation", "A kept conversation is named by its id alone.",
            hint="Give conversation_id, or send a conversation, perhaps with lead_id.",
        )  # fmt: skip
    if given.lead_id is not None and given.field is None:
        raise UserError(
            "own-question", "An answer that is recorded needs a field.",
            hint='Give "field": "deal_kind".',
        )  # fmt: skip
    frame = asked.frame()
    if given.field is None or not (is_kept or given.lead_id):
        conversation, reading = _read(api, given, frame)
        return OwnAnswer(**_said(frame, conversation, reading), conversation_id=None)
    kept_id = given.conversation_id or _keep(api, actor, given)
    frame = api.write(lambda c: question_kept(c, asked, actor=actor, now_us=api.clock()))
    note(api, actor, "read again", kept_id)
    with api.heavy():
        _, reading = read_kept(
            api.store,
            kept_id,
            frame,
            reader_of(api, "embedded"),
            api.settings.qualify,
            api.clock(),
        )
    with api.store.read() as connection:
        conversation = conversation_of(get_conversation(connection, kept_id))
    return OwnAnswer(**_said(frame, conversation, reading), conversation_id=kept_id)


def _keep(api: Api, actor: str, given: OwnQuestion) -> int:
    now_us, lead_id = api.clock(), given.lead_id or 0
    conversation, held_us = opened(given.sent(), now_us)

    def work(connection: Connection) -> int:
        get_head(connection, lead_id)
        return keep_conversation(
            connection, lead_id, conversation, held_us=held_us, source="api", actor=actor,
            now_us=now_us,
        )[0]  # fmt: skip

    return api.write(work)


def _read(api: Api, given: SentConversation, frame: Frame) -> tuple[Conversation, Reading]:
    kept_id = given.conversation_id if isinstance(given, OwnQuestion) else None
    if kept_id is not None:
        with api.store.read() as connection:
            held = get_conversation(connection, kept_id)
        if held.aged:
            raise text_forgotten(kept_id)
        conversation = conversation_of(held)
    else:
        conversation, _ = opened(given.sent(), api.clock())
    with api.heavy():
        return conversation, read(conversation, frame, reader_of(api, "embedded"))


def _said(frame: Frame, conversation: Conversation, reading: Reading) -> dict[str, Any]:
    facts = facts_of(frame, reading.answers)
    return {
        "frame": frame.name, "version": frame.version, "reader": reading.reader,
        "seconds": round(reading.seconds, 3), "has_buyer": conversation.has_buyer,
        "answers": [_answer(one, conversation) for one in reading.answers],
        "facts": {name: value_part(found) for name, found in facts.items()},
        "refused": len(reading.refused),
    }  # fmt: skip


def _answer(one: Answer, conversation: Conversation) -> ReadAnswer:
    return ReadAnswer(
        question=one.question, status=one.status,
        value={part: value_part(found) for part, found in one.value.items()},
        confidence=one.confidence, why=one.why,
        quotes=[
            QuoteShape(turn=q.turn, start=q.start, text=q.text,
                       speaker=conversation.turns[q.turn].speaker)
            for q in one.quotes
        ],
    )  # fmt: skip


def _require_question(frame: Frame, question: str) -> None:
    names = [one.id for one in frame.questions]
    if question not in names:
        raise UserError(
            "no-such-question", f"Frame '{frame.name}' has no question '{question}'.",
            hint=f"It has {', '.join(names)}.",
        )  # fmt: skip
