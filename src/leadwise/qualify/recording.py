"""Conversations and answers become part of the record, with the facts that follow from them.

An answer is known at the instant of its conversation, not at that of its reading, so that a trial
of a card in the past sees it. For each answer that counts and writes something there is one
identify call (source `qualify`, message id `answer:<id>`), never one for an answer that does not:
whatever takes the place of an answer takes its facts back. Everything is in the caller's
transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from leadwise.qualify.answer import Answer, Quote, Reading
from leadwise.qualify.answering import checked
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.talk import Conversation, Turn
from leadwise.settings import QualifySettings
from leadwise.store.answers import (
    KeptAnswer,
    KeptQuote,
    NewAnswer,
    Review,
    add_answers,
    answer_of_form,
    answers_of_conversation,
    new_answer_ids,
    settle,
)
from leadwise.store.conversations import (
    Held,
    NewConversation,
    add_conversation,
    get_conversation,
    identity_at,
    remove_rows,
    require_past,
)
from leadwise.store.identities import hold_record
from leadwise.store.telling import Told, take_back, tell

SOURCE = "qualify"
"""Of the identify calls that answers become."""


@dataclass(frozen=True, slots=True)
class ReadingKept:
    """What became of a reading: the answers of the conversation and frame that count now.

    `added` are new; `stayed` were the same before, or are a person's, whom no reader overrules;
    `refused` came without a quote that is in the conversation.
    """

    answers: tuple[KeptAnswer, ...]
    added: int
    stayed: int
    refused: int


def keep_conversation(
    connection: Connection,
    lead_id: int,
    conversation: Conversation,
    *,
    held_us: int,
    source: str,
    actor: str,
    now_us: int,
) -> tuple[int, bool]:
    """Keep a conversation with a lead, once; its id, and whether it is new.

    UserError (`held-in-future`, `lead-unknown`).
    """
    hold_record(connection)
    new = NewConversation(
        conversation.channel, held_us, conversation.held_on.isoformat(),
        [_row(turn) for turn in conversation.turns], conversation.title, conversation.language,
        conversation.product,
    )  # fmt: skip
    return add_conversation(connection, lead_id, new, source=source, actor=actor, now_us=now_us)


def conversation_of(held: Held) -> Conversation:
    """A kept conversation as readers take it; without turns where they are kept no more."""
    turns = tuple(
        Turn(speaker, side, text, start_s, date.fromisoformat(said_on) if said_on else None)
        for speaker, side, text, start_s, said_on in held.turns or ()
    )
    channel: Any = held.channel
    return Conversation(
        channel, date.fromisoformat(held.held_on), turns, held.language, held.product, held.title
    )


def keep_reading(
    connection: Connection,
    conversation_id: int,
    frame: Frame,
    reading: Reading,
    settings: QualifySettings,
    now_us: int,
) -> ReadingKept:
    """Record what a reader made of a kept conversation.

    It takes the place of what was read before under the same frame, but not of what a person
    confirmed, corrected or rejected. UserError (`no-such-conversation`).
    """
    hold_record(connection)
    held = get_conversation(connection, conversation_id)
    conversation = conversation_of(held)
    every = answers_of_conversation(connection, conversation_id, frame.name, every=True)
    before = {one.question: one for one in every if one.counts}
    rejected = {(one.question, one.status, _shown(one.value)) for one in every
                if one.review == "rejected"}  # fmt: skip
    wanted = []
    for one in reading.answers:
        had = before.get(one.question)
        if had is not None and (had.by_person or _same(had, one, reading.reader)):
            continue
        if had is None and (one.question, one.status, _shown(one.value)) in rejected:
            continue
        wanted.append((had, one))
    rows = []
    ids = new_answer_ids(connection, len(wanted))
    for id_, (had, one) in zip(ids, wanted, strict=True):
        made = NewAnswer(
            held.identity_id, held.id, frame.name, frame.version, one.question, one.status,
            one.value, one.confidence, _quoted(one.quotes, conversation), one.why, reading.reader,
            held.held_us, now_us, _review(id_, one, conversation, settings),
            corrects=had.id if had else None,
        )  # fmt: skip
        rows.append((id_, made))
    put(connection, frame, [had for had, _ in wanted if had], "replaced", rows, None, now_us)
    return ReadingKept(
        tuple(answers_of_conversation(connection, held.id, frame.name)),
        len(rows), len(reading.answers) - len(rows), len(reading.refused),
    )  # fmt: skip


def answer_question(
    connection: Connection,
    lead_id: int,
    frame: Frame,
    answer: Answer,
    *,
    answered_by: str,
    at_us: int,
    now_us: int,
) -> KeptAnswer:
    """Record what a person (`member:3`, `key:...`, `prospect`) answered on a form.

    Answers of one filling of a form share its instant `at_us`; the later one to a question takes
    the place of the earlier. UserError (`bad-answer`, `held-in-future`, `held-too-early`,
    `lead-unknown`).
    """
    require_past(at_us, now_us)
    hold_record(connection)
    said = checked(frame, answer)
    identity_id = identity_at(connection, lead_id, at_us)
    had = answer_of_form(connection, [identity_id], frame.name, said.question, at_us)
    if had is not None and (had.status, _shown(had.value), had.answered_by) == (
        said.status, _shown(said.value), answered_by
    ):  # fmt: skip
        return had
    (id_,) = new_answer_ids(connection, 1)
    made = NewAnswer(
        identity_id, None, frame.name, frame.version, said.question, said.status, said.value, 1.0,
        (), said.why, answered_by, at_us, now_us, "none", corrects=had.id if had else None,
    )  # fmt: skip
    put(connection, frame, [had] if had else [], "replaced", [(id_, made)], None, now_us)
    return kept(made, id_, lead_id)


def delete_conversation(connection: Connection, conversation_id: int, now_us: int) -> Held:
    """Delete a conversation with its answers; what was known without them is known again.

    Returns what it was. UserError (`no-such-conversation`).
    """
    hold_record(connection)
    held = get_conversation(connection, conversation_id)
    answers = answers_of_conversation(connection, conversation_id, every=True)
    take_back(connection, SOURCE, [message_id(one.id) for one in answers], now_us)
    remove_rows(connection, conversation_id)
    return held


def put(
    connection: Connection,
    frame: Frame,
    instead_of: Sequence[KeptAnswer],
    review: Review,
    rows: Sequence[tuple[int, NewAnswer]],
    actor: str | None,
    now_us: int,
) -> None:
    """Have new answers in the place of others, which become `review`, with their facts."""
    for had in instead_of:
        settle(connection, had.id, [had.review], review, actor=actor,
               now_us=now_us if actor else None)  # fmt: skip
    take_back(connection, SOURCE, [message_id(had.id) for had in instead_of], now_us)
    add_answers(connection, rows)
    told = [
        Told(
            one.identity_id, message_id(id_), one.at_us, facts_of(frame, [plain(one)]),
            _context(id_, one),
        )
        for id_, one in rows
    ]  # fmt: skip
    tell(connection, SOURCE, told, now_us)


def plain(one: NewAnswer) -> Answer:
    """A kept answer as frames and readers take it."""
    value = {
        part: tuple(found) if isinstance(found, list) else found
        for part, found in one.value.items()
    }
    quotes = tuple(Quote(quote.turn, quote.start, quote.text) for quote in one.quotes)
    status: Any = one.status
    return Answer(one.question, status, value, one.confidence, quotes, one.why)


def message_id(answer_id: int) -> str:
    """Of the identify call that an answer becomes."""
    return f"answer:{answer_id}"


def kept(made: NewAnswer, id_: int, lead_id: int) -> KeptAnswer:
    """An answer that has just been kept."""
    return KeptAnswer(**{name: getattr(made, name) for name in NewAnswer.__slots__},
                      id=id_, lead_id=lead_id)  # fmt: skip


def _review(id_: int, one: Answer, conversation: Conversation, settings: QualifySettings) -> Review:
    """Whether somebody should look: in doubt, where people differ, and at a sample of the rest."""
    doubtful = one.confidence < settings.review_below and conversation.has_buyer
    if doubtful or one.status == "contradicted" or drawn(id_, settings.review_sample):
        return "waiting"
    return "none"


def drawn(answer_id: int, share: float) -> bool:
    """Whether an answer is in the sample: by a hash of its key, the same at any time."""
    digest = hashlib.sha256(message_id(answer_id).encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _same(had: KeptAnswer, one: Answer, reader: str) -> bool:
    said = (had.status, _shown(had.value), had.confidence, plain(had).quotes, had.answered_by)
    return said == (one.status, _shown(one.value), round(one.confidence, 2), one.quotes, reader)


def _shown(value: Any) -> str:
    """A value as it may be compared, whether it was kept or not."""
    return str(sorted((part, list(v) if isinstance(v, tuple) else v) for part, v in value.items()))


def _quoted(quotes: Sequence[Quote], conversation: Conversation) -> tuple[KeptQuote, ...]:
    return tuple(
        KeptQuote(one.turn, one.start, one.text, conversation.turns[one.turn].speaker)
        for one in quotes
    )


def _row(turn: Turn) -> list[Any]:
    said_on = turn.said_on.isoformat() if turn.said_on else None
    return [turn.speaker, turn.side, turn.text, turn.start_s, said_on]


def _context(id_: int, one: NewAnswer) -> dict[str, str]:
    found = {"answer": str(id_), "frame": one.frame, "question": one.question}
    if one.conversation_id is not None:
        found["conversation"] = str(one.conversation_id)
    return found
