"""Answers: after a conversation was read, or a form was filled in, how its questions stand.

`unknown`: nobody said anything to it yet. `known`: somebody did. `failed`: somebody did, and it is
not what is wanted: they said that there is none, or contradict each other, or the live card gives
nothing for what was said (none of the criteria that read the question's fields has points).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.card.expression import names
from leadwise.card.model import Criterion, StateCriterion
from leadwise.errors import UserError
from leadwise.plan import lines
from leadwise.playbooks.model import AnswerTrigger
from leadwise.playbooks.triggers.model import Candidate, Live
from leadwise.qualify.frame.model import Question
from leadwise.qualify.library import frame_named
from leadwise.store.answers import KeptAnswer, current_answers
from leadwise.store.cards import live_version
from leadwise.store.driver import ask
from leadwise.store.relations import ask_ledgers

State: TypeAlias = Literal["unknown", "failed", "known"]
OLD_TALK_US = 30 * 86_400_000_000
"""A conversation that was held longer ago than this before it was read starts nothing."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read at once: of a conversation, or (`conversation_id` None) of a form's filling.
    `first_id` is its first answer."""

    first_id: int
    lead_id: int
    frame: str
    version: int
    conversation_id: int | None
    at_us: int
    said_us: int

    @property
    def key(self) -> str:
        """What tells it apart; a conversation that is read again is the same."""
        if self.conversation_id is None:
            return f"form-{self.lead_id}-{self.at_us}"
        return str(self.conversation_id)


def readings_between(
    connection: Connection, after_id: int, up_to_id: int, limit: int
) -> tuple[list[Read], int]:
    """What was read, in the order of the answers' ids, and the id up to which these are all. The
    answers of one reading are written in one transaction, and their ids follow each other."""
    rows = ask(connection, _ANSWERS, after=after_id, up_to=up_to_id, limit=limit)
    found: dict[tuple[object, ...], Read] = {}
    for row in rows:
        one = Read(*row)
        found.setdefault((one.lead_id, one.frame, one.conversation_id, one.at_us), one)
    last = rows[-1][0] if len(rows) == limit else up_to_id
    return list(found.values()), last


def answer_candidates(
    connection: Connection, live: Live, readings: Sequence[Read], now_us: int
) -> list[Candidate]:
    """The readings that start this playbook."""
    found = []
    for place, trigger in enumerate(live.playbook.triggers):
        if not isinstance(trigger, AnswerTrigger):
            continue
        for one in readings:
            fresh = one.said_us >= live.since_us and one.said_us - one.at_us <= OLD_TALK_US
            if not fresh or trigger.frame not in (None, one.frame):
                continue
            if stands(connection, one, trigger.question, trigger.state, now_us):
                found.append(_candidate(one, trigger, place))
    return found


def answer_holds(
    connection: Connection, trigger: AnswerTrigger, one: Candidate, now_us: int
) -> bool:
    """Whether the question still stands as the trigger has it."""
    rows = ask(connection, _ONE, id=one.row_id)
    if not rows or one.lead_id is None:
        return False
    return stands(connection, Read(*rows[0]), trigger.question, trigger.state, now_us)


def stands(connection: Connection, read: Read, question_id: str, state: State, now_us: int) -> bool:
    """Whether a question of the frame stands so for the lead."""
    try:
        question = frame_named(connection, read.frame, read.version).question(question_id)
    except (UserError, KeyError):
        return False
    answers = current_answers(connection, read.lead_id, read.frame, at_us=now_us)
    answer = answers.get(question_id)
    if answer is None:
        return state == "unknown"
    if state != "failed":
        return state == "known"
    return is_failed(connection, read.lead_id, question, answer, now_us)


def is_failed(
    connection: Connection, lead_id: int, question: Question, answer: KeptAnswer, now_us: int
) -> bool:
    """Whether an answer is not what is wanted."""
    if answer.status in ("none", "contradicted"):
        return True
    live = live_version(connection)
    if live is None:
        return False
    card, written_by = live.card, {write.name for write in question.writes}
    wanted = {one.id for one in card.criteria if _reads(one) & written_by}
    if not wanted:
        return False
    (row,) = ask_ledgers(connection, card, [(0, lead_id, now_us, now_us)])
    undecided = set((row[-2] or "").split())
    told = [
        row[4 + place]
        for place, line in enumerate(lines(card))
        if line.kind == "criterion" and line.id in wanted - undecided
    ]
    return bool(told) and all(amount <= 0 for amount in told)


def _reads(criterion: Criterion) -> set[str]:
    """The fields that decide a criterion's points."""
    if isinstance(criterion, StateCriterion):
        return {name for tier in criterion.tiers for name in names(tier.when)}
    return set(names(criterion.when)) if criterion.when is not None else set()


def _candidate(one: Read, trigger: AnswerTrigger, place: int) -> Candidate:
    told = {
        "name": f"answer_{trigger.state}", "at": written(one.at_us), "frame": one.frame,
        "question": trigger.question, "conversation": one.conversation_id,
    }  # fmt: skip
    key = f"answer:{one.key}:{one.frame}:{trigger.question}:{trigger.state}"
    return Candidate(
        key, "answer", place, one.lead_id, one.said_us, {"event": told}, row_id=one.first_id
    )


_READ = """
SELECT a.id, o.lead_id, a.frame, a.frame_version, a.conversation_id, a.at_us, a.said_us
FROM answer AS a JOIN identity_lead AS o ON o.identity_id = a.identity_id
AND o.from_us <= a.at_us AND o.until_us > a.at_us WHERE """
_ANSWERS = _READ + "a.id > :after AND a.id <= :up_to ORDER BY a.id LIMIT :limit"
_ONE = _READ + "a.id = :id"
