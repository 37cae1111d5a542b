"""The embedded reader: each question is read by the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from babel import Locale

from leadwise.qualify.answer import Answer, not_discussed
from leadwise.qualify.embedded.attention import ASKED
from leadwise.qualify.embedded.authority.read import read_authority
from leadwise.qualify.embedded.budget.read import read_budget
from leadwise.qualify.embedded.choices import read_choice, read_number, read_text, read_yes_no
from leadwise.qualify.embedded.hearing import Hearing, hear
from leadwise.qualify.embedded.language import foreign, language_of
from leadwise.qualify.embedded.need.read import read_need
from leadwise.qualify.embedded.timeline.read import read_timeline
from leadwise.qualify.embedded.vectors import Vectors, sentence_model
from leadwise.qualify.frame.model import Frame, Kind, Question
from leadwise.qualify.talk import Conversation

VERSION = 1
_READERS: Mapping[Kind, Callable[[Hearing, Question], Answer]] = {
    "money": read_budget,
    "authority": read_authority,
    "need": read_need,
    "timeline": read_timeline,
    "choice": read_choice,
    "yes_no": read_yes_no,
    "number": read_number,
    "text": read_text,
}


@dataclass(frozen=True, slots=True)
class EmbeddedReader:
    """Works without a network. `vectors` is the sentence model, None for rules alone."""

    vectors: Vectors | None

    @property
    def name(self) -> str:
        return f"embedded/{VERSION}" + ("" if self.vectors else "-rules")

    def read(self, conversation: Conversation, frame: Frame) -> tuple[Answer, ...]:
        """An answer to each question, in the frame's order; of a language that it has no words for
        none, whatever they may have said."""
        if code := foreign(conversation):
            language = Locale("en").languages.get(code, code)
            why = f"it is in {language}, which the embedded reader does not read"
            return tuple(not_discussed(one.id, why) for one in frame.questions)
        hearing = hear(conversation, self.vectors, language_of(conversation))
        answers = [_READERS[one.kind](hearing, one) for one in frame.questions]
        return tuple(map(_told(hearing), frame.questions, answers))


_TOPICS: Mapping[Kind, str] = {"money": "budget", "timeline": "timeline"}
_LIMITED = "a long talk: what the sentence model hears is only a part of it"


def _told(hearing: Hearing) -> Callable[[Question, Answer], Answer]:
    """What says in an answer's `why` that its talk was too long to be heard whole."""

    def told(question: Question, answer: Answer) -> Answer:
        topic = _TOPICS.get(question.kind, question.id)
        if not {topic, ASKED} & hearing.attention.limited:
            return answer
        return replace(answer, why="; ".join(one for one in (answer.why, _LIMITED) if one))

    return told


def embedded_reader() -> EmbeddedReader:
    """The embedded reader with the sentence model where one is installed."""
    return EmbeddedReader(sentence_model())
