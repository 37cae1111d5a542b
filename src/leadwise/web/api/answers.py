"""Answers: what is known of a lead under a frame, a person's own, and decisions on those read."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import Connection

from leadwise.qualify.answer import Answer, Quote
from leadwise.qualify.asking import to_ask, worth_under
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.library import frame_named
from leadwise.qualify.recording import answer_question
from leadwise.qualify.reviewing import confirm, correct, labelled, labelled_document, reject
from leadwise.store.answers import (
    KeptAnswer,
    answers_of_lead,
    count_waiting,
    current_answers,
    get_answer,
    list_waiting,
)
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.leads import facts_at, get_head
from leadwise.web.api.ledgers import QuoteShape, quote_shapes
from leadwise.web.api.parts import Parts, ReadLeads, WriteLeads
from leadwise.web.api.shapes import (
    Amount,
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

router = APIRouter(tags=["answers"])

Status = Literal["stated", "none", "not_discussed", "contradicted"]
Review = Literal["none", "waiting", "confirmed", "corrected", "rejected", "replaced"]
Part = bool | int | float | str | list[str] | None
Value = dict[str, Part]
Language = Annotated[str, Query(pattern="^[a-z]{2}$", description="Of wordings.")]


class AnswerShape(Shape):
    """`at` is when it is known: the time of the conversation; `said` when it was read or typed.
    `value` has the parts of the question's kind. `corrects` is the answer in whose place it is."""

    id: int
    lead_id: int
    conversation_id: int | None
    frame: str
    frame_version: int
    question: str
    status: Status
    value: Value
    confidence: float
    quotes: list[QuoteShape]
    why: str
    answered_by: str
    at: Time
    said: Time
    review: Review
    reviewed_by: str | None
    reviewed: Time | None
    corrects: int | None


class Standing(Shape):
    """A question with the answer that stands: the latest that counts and says something.

    `not_discussed`, without an answer, is unknown, never a no. `ask` is how to ask it, where that
    is worth while; `most` are the points that the answer can bring under the live card.
    """

    question: str
    kind: str
    label: str
    status: Status
    answer: AnswerShape | None
    ask: str | None
    most: Amount | None


class AnswersOfLead(Shape):
    """`next` are the questions that are still to be asked, the one worth most first; `history` is
    every answer there ever was, by time, null where it was not asked for."""

    lead_id: int
    frame: str
    version: int
    questions: list[Standing]
    next: list[str]
    history: list[AnswerShape] | None


class GivenAnswer(Shape):
    """A person's answer. Answers that share `at` are one filling of a form: a later one to the same
    question takes the place of the earlier. Now if not given."""

    frame: ShortText = "bant"
    status: Status
    value: Annotated[Value, Field(max_length=20)] = Field(default={})
    why: Annotated[Text, Field(max_length=2_000)] = ""
    at: Moment | None = None


class GivenQuote(Shape):
    turn: int = Field(ge=0, le=1_000_000)
    start: int = Field(ge=0, le=100_000_000)
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class Decision(Shape):
    """`correct` wants a `status` and `value`; `quotes` in place of those that were read. `seen` is
    the review that the person saw: undecided if not given."""

    decision: Literal["confirm", "correct", "reject"]
    status: Status | None = None
    value: Annotated[Value, Field(max_length=20)] = Field(default={})
    quotes: list[GivenQuote] = Field(default=[], max_length=20)
    why: Annotated[Text, Field(max_length=2_000)] = ""
    seen: Review | None = None


class WaitingAnswers(Page[AnswerShape]):
    """`waiting` counts all of them."""

    waiting: int


class LabelledAnswers(Shape):
    """`gold` of an item has the questions that people decided on, and no others."""

    items: list[dict[str, Any]]


@router.get("/leads/{lead_id}/answers", summary="A lead's answers")
def get_answers(
    api: Parts,
    who: ReadLeads,
    lead_id: Id,
    frame: ShortText = "bant",
    language: Language = "en",
    history: Annotated[bool, Query(description="Also every answer there ever was.")] = False,
) -> AnswersOfLead:
    """Under a frame: what stands for each question, and what to ask next."""
    now_us = api.clock()
    with api.store.read() as connection:
        get_head(connection, lead_id)
        asked = frame_named(connection, frame)
        current = current_answers(connection, lead_id, frame)
        every = answers_of_lead(connection, lead_id, frame, every=True) if history else None
        live = live_version(connection)
        known = facts_at(connection, lead_id, now_us)
    api.note_read(who, "read", "lead", lead_id, "answers")
    worth = worth_under(asked, live.card, set(known)) if live else None
    return _of_lead(lead_id, asked, current, every, worth, language)


@router.put("/leads/{lead_id}/answers/{question}", summary="Answer a question for a lead")
def put_answer(
    api: Parts,
    who: WriteLeads,
    lead_id: Id,
    question: Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_]+$")],
    given: GivenAnswer,
) -> AnswerShape:
    """As told by a person on a form; the facts follow, and with them the score."""
    now_us = api.clock()

    def work(connection: Connection) -> KeptAnswer:
        get_head(connection, lead_id)
        made = answer_question(
            connection, lead_id, frame_named(connection, given.frame),
            _answer(question, given.status, given.value, (), given.why),
            answered_by=who.actor, at_us=now_us if given.at is None else given.at, now_us=now_us,
        )  # fmt: skip
        audit(connection, who.actor, "answer", "lead", lead_id, f"answer {made.id}", now_us)
        return made

    return answer_shape(api.write(work))


@router.get("/answers/waiting", summary="Answers that wait for a person")
def get_waiting(
    api: Parts,
    who: ReadLeads,
    frame: ShortText | None = None,
    question: ShortText | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WaitingAnswers:
    """Those in doubt, those in which people differ, and a sample of the rest; the oldest first."""
    after = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_waiting(
            connection, after_id=after[0] if after else 0, limit=limit, frame=frame,
            question=question,
        )  # fmt: skip
        number = count_waiting(connection, frame=frame, question=question)
    api.note_read(who, "list", "answer", None, f"{len(rows)} answers")
    items = [answer_shape(row) for row in rows]
    last = (rows[-1].id,) if rows else None
    return WaitingAnswers(**page(items, limit, last), waiting=number)


@router.get("/answers/labelled", summary="Conversations with what people decided")
def get_labelled(api: Parts, who: ReadLeads, frame: ShortText | None = None) -> LabelledAnswers:
    """Each as a labelled file, to measure readers by: `leadwise qualify --evaluate` reads them."""
    with api.store.read() as connection:
        found = labelled(connection, frame)
    api.note_read(who, "export", "conversation", None, f"{len(found)} labelled")
    return LabelledAnswers(items=[labelled_document(one) for one in found])


@router.post("/answers/{answer_id}/review", summary="Decide on an answer")
def review_answer(api: Parts, who: WriteLeads, answer_id: Id, given: Decision) -> AnswerShape:
    """Right as it is, otherwise, or not so. Answers with what counts now; 409 where somebody was
    quicker."""
    now_us = api.clock()

    def work(connection: Connection) -> KeptAnswer:
        by: dict[str, Any] = {"actor": who.actor, "now_us": now_us}
        if given.decision == "confirm":
            made = confirm(connection, answer_id, **by)
        elif given.decision == "reject":
            made = reject(connection, answer_id, seen=given.seen, **by)
        else:
            quotes = tuple(Quote(one.turn, one.start, one.text) for one in given.quotes)
            question = get_answer(connection, answer_id).question
            said_ = _answer(question, given.status or "stated", given.value, quotes, given.why)
            made = correct(connection, answer_id, said_, seen=given.seen, **by)
        audit(
            connection, who.actor, given.decision, "answer", answer_id, f"of lead {made.lead_id}",
            now_us,
        )  # fmt: skip
        return made

    return answer_shape(api.write(work))


def answer_shape(one: KeptAnswer) -> AnswerShape:
    """An answer as it is answered."""
    return AnswerShape(
        id=one.id, lead_id=one.lead_id, conversation_id=one.conversation_id, frame=one.frame,
        frame_version=one.frame_version, question=one.question, status=cast("Status", one.status),
        value={part: value_part(found) for part, found in one.value.items()},
        confidence=one.confidence,
        quotes=quote_shapes(one.quotes),
        why=one.why, answered_by=one.answered_by, at=one.at_us, said=one.said_us,
        review=one.review, reviewed_by=one.reviewed_by, reviewed=one.reviewed_us,
        corrects=one.corrects,
    )  # fmt: skip


def value_part(found: Any) -> Part:
    """A part of a value as JSON has it."""
    if isinstance(found, tuple):
        return list(found)
    if isinstance(found, float) and found.is_integer():
        return int(found)
    part: Part = found
    return part


def _of_lead(
    lead_id: int,
    frame: Frame,
    current: dict[str, KeptAnswer],
    every: list[KeptAnswer] | None,
    worth: dict[str, int | None] | None,
    language: str,
) -> AnswersOfLead:
    statuses: dict[str, Any] = {name: one.status for name, one in current.items()}
    asked = to_ask(frame, statuses, worth, language)
    by_question = {one.question: one for one in asked}
    questions = []
    for question in frame.questions:
        one, ask = current.get(question.id), by_question.get(question.id)
        questions.append(
            Standing(
                question=question.id, kind=question.kind, label=said(question.label, language),
                status=statuses.get(question.id, "not_discussed"),
                answer=answer_shape(one) if one else None,
                ask=ask.ask if ask else None, most=ask.most if ask else None,
            )
        )  # fmt: skip
    return AnswersOfLead(
        lead_id=lead_id, frame=frame.name, version=frame.version, questions=questions,
        next=[one.question for one in asked],
        history=None if every is None else [answer_shape(one) for one in every],
    )  # fmt: skip


def _answer(
    question: str, status: Any, value: Value, quotes: tuple[Quote, ...], why: str
) -> Answer:
    parts = {part: tuple(v) if isinstance(v, list) else v for part, v in value.items()}
    return Answer(question, status, parts, 1.0, quotes, why)
