"""People decide on answers that were read: right, otherwise, or not so.

A decision counts only where the answer still is as the person saw it: of two who decide at the
same time the second is told. What was decided is kept as labelled data, for measuring readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.qualify.answer import Answer, Quote, is_verbatim, not_discussed
from leadwise.qualify.answering import checked
from leadwise.qualify.evaluation.gold import Labelled
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.library import frame_named
from leadwise.qualify.recording import conversation_of, kept, plain, put
from leadwise.store.answers import (
    COUNTS,
    KeptAnswer,
    KeptQuote,
    NewAnswer,
    Review,
    get_answer,
    new_answer_ids,
    reviewed_answers,
    settle,
)
from leadwise.store.conversations import get_conversation
from leadwise.store.identities import hold_record

UNDECIDED: tuple[Review, ...] = ("none", "waiting")


def confirm(connection: Connection, answer_id: int, *, actor: str, now_us: int) -> KeptAnswer:
    """It is as it was read. UserError (`no-such-answer`, `already-reviewed`)."""
    hold_record(connection)
    get_answer(connection, answer_id)
    if not settle(connection, answer_id, UNDECIDED, "confirmed", actor=actor, now_us=now_us):
        raise already(get_answer(connection, answer_id))
    return get_answer(connection, answer_id)


def correct(
    connection: Connection,
    answer_id: int,
    answer: Answer,
    *,
    actor: str,
    now_us: int,
    seen: Review | None = None,
) -> KeptAnswer:
    """Another answer (its `question` does not matter) stands in its place; returns that.

    Quotes are those of the answer that it corrects where none are given; `seen` is the review that
    the person saw, undecided if not given. UserError (`no-such-answer`, `already-reviewed`,
    `bad-answer`, `bad-quote`).
    """
    had, frame = _open(connection, answer_id, seen)
    said = checked(frame, replace(answer, question=had.question))
    quotes = _quotes(connection, had, said)
    (id_,) = new_answer_ids(connection, 1)
    made = NewAnswer(
        had.identity_id, had.conversation_id, had.frame, had.frame_version, had.question,
        said.status, said.value, 1.0, quotes, said.why, actor, had.at_us, now_us, "confirmed",
        actor, now_us, had.id,
    )  # fmt: skip
    put(connection, frame, [had], "corrected", [(id_, made)], actor, now_us)
    return kept(made, id_, had.lead_id)


def reject(
    connection: Connection, answer_id: int, *, actor: str, now_us: int, seen: Review | None = None
) -> KeptAnswer:
    """It is not so, and nothing of it is known. UserError (`no-such-answer`, `already-reviewed`).

    What was known without it, as from an earlier conversation, is known again.
    """
    had, frame = _open(connection, answer_id, seen)
    put(connection, frame, [had], "rejected", [], actor, now_us)
    return get_answer(connection, answer_id)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A conversation with what people decided on its answers under a frame."""

    frame: str
    frame_version: int
    labelled: Labelled


def labelled(connection: Connection, frame: str | None = None) -> tuple[Reviewed, ...]:
    """Every conversation that people decided something on, with the questions they decided on.

    What was rejected is not discussed, unless something else stands in its place. Conversations
    whose text is kept no more are left out.
    """
    gold: dict[tuple[int, str, int], dict[str, Answer]] = {}
    after = 0
    while found := reviewed_answers(connection, after_id=after):
        for one in found:
            if one.conversation_id is None or frame not in (None, one.frame):
                continue
            of = gold.setdefault((one.conversation_id, one.frame, one.frame_version), {})
            if one.review == "confirmed":
                of[one.question] = plain(one)
            else:
                of.setdefault(one.question, not_discussed(one.question))
        after = found[-1].id
    return tuple(
        Reviewed(name, version, Labelled(
            str(conversation_id), conversation_of(get_conversation(connection, conversation_id)), of
        ))
        for (conversation_id, name, version), of in gold.items()
    )  # fmt: skip


def labelled_document(one: Reviewed) -> dict[str, Any]:
    """As a labelled file has it (`leadwise.qualify.evaluation.gold`)."""
    conversation = one.labelled.conversation
    return {
        "id": one.labelled.id,
        "frame": one.frame,
        "frame_version": one.frame_version,
        "language": conversation.language,
        "channel": conversation.channel,
        "held_at": conversation.held_on.isoformat(),
        "product": conversation.product,
        "turns": [
            {"speaker": turn.speaker, "side": turn.side, "text": turn.text}
            for turn in conversation.turns
        ],
        "gold": {
            name: {
                "status": gold.status,
                **{part: list(v) if isinstance(v, tuple) else v for part, v in gold.value.items()},
                "evidence": [quote.text for quote in gold.quotes],
            }
            for name, gold in one.labelled.gold.items()
        },
    }


def already(one: KeptAnswer) -> UserError:
    """What is said where somebody was quicker."""
    how = {
        "confirmed": "confirmed", "corrected": "corrected", "rejected": "rejected",
        "replaced": "replaced by a later reading",
    }.get(one.review, "changed")  # fmt: skip
    return UserError(
        "already-reviewed", f"The answer has been {how} meanwhile.",
        hint="Look again, then decide.",
    )  # fmt: skip


def _open(connection: Connection, answer_id: int, seen: Review | None) -> tuple[KeptAnswer, Frame]:
    """The answer, held until the end of the transaction, and its frame."""
    hold_record(connection)
    had = get_answer(connection, answer_id)
    if had.review not in COUNTS or had.review not in (UNDECIDED if seen is None else (seen,)):
        raise already(had)
    return had, frame_named(connection, had.frame, had.frame_version)


def _quotes(connection: Connection, had: KeptAnswer, said: Answer) -> tuple[KeptQuote, ...]:
    if said.status == "not_discussed":
        return ()
    if not said.quotes or had.conversation_id is None:
        return had.quotes
    conversation = conversation_of(get_conversation(connection, had.conversation_id))
    wrong: Sequence[Quote] = [one for one in said.quotes if not is_verbatim(one, conversation)]
    if wrong:
        raise UserError(
            "bad-quote", f"'{wrong[0].text[:60]}' does not stand in that turn.",
            hint="A quote is verbatim: copy it from the conversation.",
        )  # fmt: skip
    return tuple(
        KeptQuote(one.turn, one.start, one.text, conversation.turns[one.turn].speaker)
        for one in said.quotes
    )
