"""Answers to a frame's questions as they are kept: what was read or said, and what people decided.

An answer *counts* unless it was rejected, corrected or replaced. Of a conversation (or of one
filling of a form, told by its instant) one answer to a question counts at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, update

from leadwise.errors import UserError
from leadwise.store.bulk import next_ids
from leadwise.store.schema import answer, conversation, identity_lead

Review: TypeAlias = Literal["none", "waiting", "confirmed", "corrected", "rejected", "replaced"]
"""`none`: nobody needs to look; `waiting`: somebody should; `corrected`: another stands in its
place; `rejected`: it is not so; `replaced`: a later reading, or later typing, took its place."""
COUNTS = ("none", "waiting", "confirmed")
PROSPECT = "prospect"
"""Who answered a form that was sent to them."""


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """Words of a turn and who said them; they stay when the conversation's text is kept no more."""

    turn: int
    start: int
    text: str
    speaker: str


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to be kept. `confidence` is from 0 to 1; instants are microseconds."""

    identity_id: int
    conversation_id: int | None
    frame: str
    frame_version: int
    question: str
    status: str
    value: Mapping[str, Any]
    confidence: float
    quotes: tuple[KeptQuote, ...]
    why: str
    answered_by: str
    at_us: int
    said_us: int
    review: Review
    reviewed_by: str | None = None
    reviewed_us: int | None = None
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer(NewAnswer):
    """An answer that is kept, and whose it is now."""

    id: int = 0
    lead_id: int = 0

    @property
    def counts(self) -> bool:
        """Whether it says something of the lead now."""
        return self.review in COUNTS

    @property
    def by_person(self) -> bool:
        """Whether a person said or decided it: a reader does not overrule it."""
        return self.review == "confirmed" or self.answered_by.startswith(_PEOPLE)


_PEOPLE = ("member:", "key:", PROSPECT)
"""Who answers for people; readers are named otherwise (`embedded/1`)."""


def new_answer_ids(connection: Connection, count: int) -> list[int]:
    """Keys of answers to come: whether one is drawn for the sample depends on its key."""
    return list(next_ids(connection, answer, count))


def add_answers(connection: Connection, rows: Sequence[tuple[int, NewAnswer]]) -> None:
    """Keep answers under their keys."""
    if rows:
        connection.execute(insert(answer), [_values(id_, each) for id_, each in rows])


def get_answer(connection: Connection, answer_id: int) -> KeptAnswer:
    """An answer, whatever became of it. UserError (`no-such-answer`)."""
    row = connection.execute(_joined().where(answer.c.id == answer_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-answer", f"There is no answer {answer_id}.",
            hint="Its conversation was deleted, or the person was erased.",
        )  # fmt: skip
    return _kept(row)


def get_answers(connection: Connection, answer_ids: Sequence[int]) -> dict[int, KeptAnswer]:
    """Those of some answers that there are, by their keys."""
    rows = connection.execute(_joined().where(answer.c.id.in_(answer_ids)))
    return {one.id: one for one in map(_kept, rows)}


def answers_of_conversation(
    connection: Connection, conversation_id: int, frame: str | None = None, *, every: bool = False
) -> list[KeptAnswer]:
    """The answers from a conversation, in the order in which they were read; those that count, or
    `every` one."""
    rows = _joined().where(answer.c.conversation_id == conversation_id)
    return _listed(connection, rows, frame, every)


def answers_of_lead(
    connection: Connection, lead_id: int, frame: str | None = None, *, every: bool = False
) -> list[KeptAnswer]:
    """The answers of a lead from all conversations and forms, by their instants."""
    rows = _joined().where(identity_lead.c.lead_id == lead_id)
    found = _listed(connection, rows, frame, every)
    return sorted(found, key=lambda one: (one.at_us, one.id))


def current_answers(
    connection: Connection, lead_id: int, frame: str, *, at_us: int | None = None
) -> dict[str, KeptAnswer]:
    """By question the answer that stands: the latest that counts and says something.

    A question that is missing is unknown. `at_us`: as it stood then.
    """
    found: dict[str, KeptAnswer] = {}
    for each in answers_of_lead(connection, lead_id, frame):
        if each.status != "not_discussed" and (at_us is None or each.at_us <= at_us):
            found[each.question] = each
    return found


def answer_of_form(
    connection: Connection, identity_ids: Iterable[int], frame: str, question: str, at_us: int
) -> KeptAnswer | None:
    """The answer that counts of one filling of a form."""
    row = connection.execute(
        _joined().where(
            answer.c.identity_id.in_(list(identity_ids)),
            answer.c.conversation_id.is_(None),
            answer.c.frame == frame,
            answer.c.question == question,
            answer.c.at_us == at_us,
            answer.c.review.in_(COUNTS),
        )
    ).one_or_none()
    return None if row is None else _kept(row)


def list_waiting(
    connection: Connection,
    *,
    after_id: int = 0,
    limit: int = 50,
    frame: str | None = None,
    question: str | None = None,
) -> list[KeptAnswer]:
    """Answers that somebody should look at, the oldest first, from after `after_id` on."""
    rows = _joined().where(*_waits(frame, question), answer.c.id > after_id)
    return [_kept(row) for row in connection.execute(rows.order_by(answer.c.id).limit(limit))]


def count_waiting(
    connection: Connection, *, frame: str | None = None, question: str | None = None
) -> int:
    """How many answers wait for somebody."""
    rows = select(func.count()).select_from(answer).where(*_waits(frame, question))
    found: int = connection.execute(rows).scalar_one()
    return found


def settle(
    connection: Connection,
    answer_id: int,
    was: Sequence[Review],
    review: Review,
    *,
    actor: str | None = None,
    now_us: int | None = None,
) -> bool:
    """Decide on an answer, if it still is as it `was`; whether it is this decision that counts."""
    return (
        connection.execute(
            update(answer)
            .where(answer.c.id == answer_id, answer.c.review.in_(was))
            .values(review=review, reviewed_by=actor, reviewed_us=now_us)
        ).rowcount
        > 0
    )


def reviewed_answers(
    connection: Connection, *, after_id: int = 0, limit: int = 500
) -> list[KeptAnswer]:
    """What people decided on readings of conversations whose text is kept: answers that they
    confirmed, rejected, or put in the place of others."""
    texts = select(conversation.c.id).where(conversation.c.turns.is_not(None))
    rows = _joined().where(
        answer.c.review.in_(("confirmed", "rejected")),
        answer.c.conversation_id.in_(texts),
        answer.c.id > after_id,
    )
    return [_kept(row) for row in connection.execute(rows.order_by(answer.c.id).limit(limit))]


OWNED = and_(
    identity_lead.c.identity_id == answer.c.identity_id,
    identity_lead.c.from_us <= answer.c.at_us,
    identity_lead.c.until_us > answer.c.at_us,
)


def kept_quotes(found: Iterable[Sequence[Any]]) -> tuple[KeptQuote, ...]:
    """Quotes as a row has them."""
    return tuple(KeptQuote(*one) for one in found)


def _joined() -> Select[Any]:
    return select(answer, identity_lead.c.lead_id).join(identity_lead, OWNED)


def _waits(frame: str | None, question: str | None) -> list[ColumnElement[bool]]:
    found = [answer.c.review == "waiting"]
    if frame is not None:
        found.append(answer.c.frame == frame)
    if question is not None:
        found.append(answer.c.question == question)
    return found


def _listed(
    connection: Connection, rows: Select[Any], frame: str | None, every: bool
) -> list[KeptAnswer]:
    if frame is not None:
        rows = rows.where(answer.c.frame == frame)
    if not every:
        rows = rows.where(answer.c.review.in_(COUNTS))
    return [_kept(row) for row in connection.execute(rows.order_by(answer.c.id))]


def _values(id_: int, one: NewAnswer) -> dict[str, Any]:
    return {
        "id": id_, "identity_id": one.identity_id, "conversation_id": one.conversation_id,
        "frame": one.frame, "frame_version": one.frame_version, "question": one.question,
        "status": one.status, "value": dict(one.value), "confidence": round(one.confidence * 100),
        "quotes": [[q.turn, q.start, q.text, q.speaker] for q in one.quotes], "why": one.why,
        "answered_by": one.answered_by, "at_us": one.at_us, "said_us": one.said_us,
        "review": one.review, "reviewed_by": one.reviewed_by, "reviewed_us": one.reviewed_us,
        "corrects": one.corrects,
    }  # fmt: skip


def _kept(row: Any) -> KeptAnswer:
    return KeptAnswer(
        row.identity_id, row.conversation_id, row.frame, row.frame_version, row.question,
        row.status, row.value, row.confidence / 100, kept_quotes(row.quotes), row.why,
        row.answered_by, row.at_us, row.said_us, row.review, row.reviewed_by, row.reviewed_us,
        row.corrects, row.id, row.lead_id,
    )  # fmt: skip
