"""Conversations with leads: kept, read, read again, deleted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from leadwise.qualify.intake import Sent, TakenIn, read_kept, take_in, text_forgotten
from leadwise.qualify.library import frame_named
from leadwise.qualify.readers import reader_named
from leadwise.qualify.reading import Reader
from leadwise.qualify.recording import delete_conversation
from leadwise.store.answers import answers_of_conversation
from leadwise.store.audit import audit
from leadwise.store.conversations import Held, get_conversation, list_conversations
from leadwise.store.leads import get_head
from leadwise.web.api.answers import AnswerShape, answer_shape
from leadwise.web.api.jobs import Said
from leadwise.web.api.parts import Api, Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    Cursor,
    Id,
    Limit,
    Moment,
    Page,
    Shape,
    ShortText,
    Text,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["conversations"])

MOST_CHARACTERS = 4_000_000
MOST_TURNS = 20_000
Side = Literal["buyer", "seller", "other"]
Channel = Literal["call", "email_thread", "chat"]
ReaderName = Literal["embedded", "model"]
FrameName = Annotated[ShortText, Field(max_length=100)]
Names = Annotated[list[ShortText], Field(max_length=50)]


class TurnShape(Shape):
    """What one person says at a stretch. `start_s` counts seconds from the start of a recording;
    `said_on` is the day of a mail or message."""

    speaker: Annotated[Text, Field(max_length=500)]
    side: Side | None = None
    text: Annotated[Text, Field(max_length=MOST_CHARACTERS)]
    start_s: float | None = Field(default=None, ge=0, le=1_000_000)
    said_on: date | None = None


class SentConversation(Shape):
    """Either `text` (a transcript, a mail with its headers, a chat; `format` is a hint) or `turns`.

    Whoever is named in `seller` or `buyer` (names, companies, mail domains) is on that side; else
    the file says it, or the way in which people talk.
    """

    text: Annotated[Text, Field(max_length=MOST_CHARACTERS)] | None = None
    turns: list[TurnShape] | None = Field(default=None, max_length=MOST_TURNS)
    format: Literal["text", "chat", "vtt", "srt", "json", "mail"] | None = None
    held_at: Moment | None = Field(
        default=None, description="When it was held; needed where the text does not say."
    )
    held_on: date | None = Field(
        default=None, description="The day where it was held; that of `held_at` in UTC if not given"
    )
    channel: Channel | None = None
    product: Annotated[Text, Field(max_length=2_000)] | None = Field(
        default=None, description="What is sold and what it solves."
    )
    language: str | None = Field(default=None, pattern="^[a-z]{2}$")
    title: ShortText | None = None
    seller: Names = Field(default=[])
    buyer: Names = Field(default=[])

    def sent(self) -> Sent:
        """As the lower layers take it."""
        turns = None
        if self.turns is not None:
            turns = [one.model_dump(mode="json", exclude_none=True) for one in self.turns]
        return Sent(
            self.text, turns, self.format, None, self.held_at, self.held_on, self.channel,
            self.product, self.language, self.title, tuple(self.seller), tuple(self.buyer),
        )  # fmt: skip


class NewConversation(SentConversation):
    """`frame` is what it is read under, by which `reader`; null: it is only kept."""

    frame: FrameName | None = "bant"
    reader: ReaderName = "embedded"
    source: ShortText = "api"


class ToRead(Shape):
    frame: FrameName = "bant"
    reader: ReaderName = "embedded"


class ListedConversation(Shape):
    """`held_on` is the day where it was held; `aged`: what was said is kept no more."""

    id: int
    lead_id: int
    channel: str
    title: str | None
    held_at: Time
    held_on: date
    language: str | None
    product: str | None
    received: Time
    source: str
    actor: str
    aged: bool


class ConversationShape(ListedConversation):
    """`turns` is null where they are kept no more; `answers` are those that count. `job` reads it,
    where that takes long; `seconds` is how long reading took, null where it was not read now."""

    turns: list[TurnShape] | None
    answers: list[AnswerShape]
    job: str | None = None
    seconds: float | None = None


@router.post(
    "/leads/{lead_id}/conversations",
    status_code=201,
    summary="Add a conversation with a lead",
    responses={200: {"model": ConversationShape, "description": "It was kept before."}},
)
def create_conversation(
    api: Parts, who: WriteLeads, lead_id: Id, new: NewConversation, response: Response
) -> ConversationShape:
    """It is kept once and read at once; answers are known from the time at which it was held.

    The model reader reads in a job.
    """
    now_us = api.clock()
    at_once = new.frame is not None and new.reader == "embedded"
    with api.store.read() as connection:
        get_head(connection, lead_id)
        if new.frame is not None:
            frame_named(connection, new.frame)
    reader = None if new.frame is None else reader_of(api, new.reader)
    with api.heavy():
        done = take_in(
            api.store, lead_id, new.sent(), new.frame or "bant", reader if at_once else None,
            api.settings.qualify, source=new.source, actor=who.actor, now_us=now_us,
        )  # fmt: skip
    note(api, who.actor, "add" if done.is_new else "read", done.conversation_id)
    job = None
    if new.frame is not None and not at_once and _is_unread(api, done, new.frame):
        job = read_later(api, done.conversation_id, new.frame, new.reader)
    response.status_code = 201 if done.is_new else 200
    return _whole(api, done, job)


@router.get("/leads/{lead_id}/conversations", summary="A lead's conversations")
def get_conversations(
    api: Parts, who: ReadLeads, lead_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Page[ListedConversation]:
    """Without what was said, the latest first."""
    before = from_cursor(cursor, int, int)
    with api.store.read() as connection:
        get_head(connection, lead_id)
        rows = list_conversations(
            connection, lead_id, before=None if before is None else (before[0], before[1]),
            limit=limit,
        )  # fmt: skip
    api.note_read(who, "list", "lead", lead_id, f"{len(rows)} conversations")
    last = (rows[-1].held_us, rows[-1].id) if rows else None
    items = [ListedConversation(**_listed(row)) for row in rows]
    return Page[ListedConversation](**page(items, limit, last))


@router.get("/conversations/{conversation_id}", summary="A conversation")
def get_one_conversation(
    api: Parts,
    who: ReadLeads,
    conversation_id: Id,
    frame: Annotated[ShortText | None, Query(description="Only this frame's answers.")] = None,
) -> ConversationShape:
    """What was said, and the answers that count, each with its quotes."""
    found = _shape(api, conversation_id, frame)
    api.note_read(who, "read", "conversation", conversation_id, None)
    return found


@router.post("/conversations/{conversation_id}/read", summary="Read a conversation again")
def read_conversation(
    api: Parts, who: WriteLeads, conversation_id: Id, given: ToRead
) -> ConversationShape:
    """Under the same frame or another. What a person confirmed, corrected or rejected stays."""
    with api.store.read() as connection:
        held = get_conversation(connection, conversation_id)
        frame = frame_named(connection, given.frame)
    if held.aged:
        raise text_forgotten(conversation_id)
    note(api, who.actor, "read again", conversation_id)
    if given.reader != "embedded":
        job = read_later(api, conversation_id, given.frame, given.reader)
        return _shape(api, conversation_id, None, job=job)
    with api.heavy():
        _, reading = read_kept(
            api.store, conversation_id, frame, reader_of(api, given.reader),
            api.settings.qualify, api.clock(),
        )  # fmt: skip
    return _shape(api, conversation_id, None, seconds=reading.seconds)


@router.delete("/conversations/{conversation_id}", summary="Delete a conversation")
def remove_conversation(api: Parts, who: WriteLeads, conversation_id: Id) -> Said:
    """With its answers. What was known without them is known again; the score follows."""
    now_us = api.clock()

    def work(connection: Connection) -> None:
        held = delete_conversation(connection, conversation_id, now_us)
        audit(
            connection, who.actor, "delete", "conversation", conversation_id,
            f"of lead {held.lead_id}", now_us,
        )  # fmt: skip

    api.write(work)
    return Said(did=True)


def _is_unread(api: Api, done: TakenIn, frame: str) -> bool:
    """Whether nobody has read it under a frame yet: a job may have failed when it was new."""
    if done.is_new:
        return True
    with api.store.read() as connection:
        return not answers_of_conversation(connection, done.conversation_id, frame, every=True)


def read_later(api: Api, conversation_id: int, frame: str, reader: str) -> str:
    """The job that reads it. UserError (`not-there`) where this process has none, and as
    `reader_of` has it."""
    reader_of(api, reader)
    return api.with_jobs().enqueue(
        "read", {"conversation_id": conversation_id, "frame": frame, "reader": reader}
    )


def reader_of(api: Api, name: str) -> Reader:
    """The reader of a name. UserError as `reader_named` has it."""
    return reader_named(name, api.store, api.settings)


def note(api: Api, actor: str, action: str, conversation_id: int) -> None:
    """Write down who did what with a conversation."""
    now_us = api.clock()
    api.write(lambda c: audit(c, actor, action, "conversation", conversation_id, None, now_us))


def _whole(api: Api, done: TakenIn, job: str | None) -> ConversationShape:
    seconds = done.seconds if done.reading else None
    return _shape(api, done.conversation_id, None, job=job, seconds=seconds)


def _shape(
    api: Api, conversation_id: int, frame: str | None, *, job: str | None = None,
    seconds: float | None = None,
) -> ConversationShape:  # fmt: skip
    with api.store.read() as connection:
        held = get_conversation(connection, conversation_id)
        answers = answers_of_conversation(connection, conversation_id, frame)
    turns = None if held.turns is None else [_turn(turn) for turn in held.turns]
    return ConversationShape(
        **_listed(held), turns=turns, answers=[answer_shape(one) for one in answers], job=job,
        seconds=None if seconds is None else round(seconds, 3),
    )  # fmt: skip


def _listed(held: Held) -> dict[str, Any]:
    return {
        "id": held.id, "lead_id": held.lead_id, "channel": held.channel, "title": held.title,
        "held_at": held.held_us, "held_on": date.fromisoformat(held.held_on),
        "language": held.language, "product": held.product, "received": held.received_us,
        "source": held.source, "actor": held.actor, "aged": held.aged,
    }  # fmt: skip


def _turn(turn: tuple[Any, ...]) -> TurnShape:
    speaker, side, text, start_s, said_on = turn
    return TurnShape.model_construct(
        speaker=speaker, side=side, text=text, start_s=start_s,
        said_on=date.fromisoformat(said_on) if said_on else None,
    )  # fmt: skip
