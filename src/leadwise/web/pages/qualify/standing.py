"""What stands of a lead under a frame: each question's answer with its quotes, and what to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.asking.estimates import estimates
from leadwise.asking.explain import Explanation
from leadwise.plan.lines import column_name
from leadwise.qualify.asking import ToAsk, to_ask, worth_of
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.library import all_frames
from leadwise.store.answers import KeptAnswer, answers_of_lead
from leadwise.store.lead_pages import member_names
from leadwise.store.population import explain_lead
from leadwise.web.pages.lead.naming import band_label, band_level
from leadwise.web.pages.lead.reading import Person
from leadwise.web.pages.qualify.wording import (
    LEVELS_OF_STATUS,
    answer_said,
    answered_by,
    question_of,
    review_said,
    status_said,
)
from leadwise.web.pages.visit import Visit

PREFERRED = "bant"


@dataclass(frozen=True, slots=True)
class Standing:
    """A question with the answer that stands, in words; `answer` is None where it is unknown."""

    question: str
    label: str
    said: str
    status: str
    status_said: str
    level: int
    answer: KeptAnswer | None
    by: str
    review: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score as it is now, computed afresh. None where there is no card for leads."""

    points: int
    band: str
    level: int


def shown_answer(visit: Visit, frame: Frame, answer: KeptAnswer, members: Mapping[str, str]
                 ) -> Standing:  # fmt: skip
    """An answer in words."""
    question = question_of(frame, answer.question)
    texts = visit.texts
    return Standing(
        answer.question, said(question.label, texts.language) if question else answer.question,
        answer_said(question, answer.status, answer.value, texts), answer.status,
        status_said(answer.status, texts), LEVELS_OF_STATUS[answer.status], answer,
        answered_by(answer.answered_by, members, texts), review_said(answer.review, texts),
        texts.percent(answer.confidence),
    )  # fmt: skip


def standings(visit: Visit, frame: Frame, current: Mapping[str, KeptAnswer],
              members: Mapping[str, str]) -> list[Standing]:  # fmt: skip
    """Every question of a frame with what stands."""
    found = []
    for question in frame.questions:
        answer = current.get(question.id)
        if answer is not None:
            found.append(shown_answer(visit, frame, answer, members))
            continue
        texts = visit.texts
        found.append(
            Standing(question.id, said(question.label, texts.language), "", "unknown",
                     status_said("unknown", texts), 0, None, "", "", "")
        )  # fmt: skip
    return found


def latest(every: Sequence[KeptAnswer], frame: str) -> dict[str, KeptAnswer]:
    """Of answers by their instants the latest to each question of a frame that says something."""
    return {
        one.question: one for one in every if one.frame == frame and one.status != "not_discussed"
    }


def frame_asked(connection: Connection, visit: Visit, lead_id: int) -> tuple[Frame, list[Frame]]:
    """The frame of the address, else the one that the lead was last asked about; and all."""
    frames = all_frames(connection)
    names = [one.name for one in frames]
    given = visit.query.get("frame") or visit.form.get("frame")
    if given not in names:
        told = [one.frame for one in answers_of_lead(connection, lead_id) if one.frame in names]
        given = told[-1] if told else PREFERRED
    return next(one for one in frames if one.name == given), frames


def explained(connection: Connection, person: Person, now_us: int) -> Explanation | None:
    """The lead's ledger as of now; None where there is nothing to score."""
    if person.card is None or not person.scorable:
        return None
    return explain_lead(connection, person.card, person.id, now_us, now_us)


def score_of(person: Person, found: Explanation | None) -> Score | None:
    """The score in an explanation."""
    if found is None:
        return None
    card = person.card
    return Score(found.score, band_label(card, found.band), band_level(card, found.band))


def still_to_ask(visit: Visit, frame: Frame, current: Mapping[str, KeptAnswer], person: Person,
                 found: Explanation | None) -> tuple[ToAsk, ...]:  # fmt: skip
    """The open questions for what is unknown, the one worth most first."""
    statuses: Any = {question: answer.status for question, answer in current.items()}
    worth = None
    if found is not None and person.card is not None:
        card = person.card
        known = {one.name for one in card.fields if person.facts.get(one.source) is not None}
        amounts = {column_name(one.line.id): one.points for one in found.lines}
        totals = [points for _, points in found.dimensions]
        worth = worth_of(frame, estimates(card, amounts, totals, found.unknown, known))
    return to_ask(frame, statuses, worth, visit.texts.language)


def members_of(visit: Visit) -> Mapping[str, str]:
    """What the record's actors are called."""
    return visit.read(member_names)
