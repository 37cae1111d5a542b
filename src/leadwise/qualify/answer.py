"""Answers: a value, a status, a confidence, and the quotes that prove them.

A value is a flat mapping of parts; which parts there are depends on the question's kind:

    money      amount_min, amount_max (numbers or None), currency (ISO 4217 or None)
    authority  level (c_level, vp, director, manager, individual), role (decision_maker,
               influencer, end_user, consultant), title (as it was said); each or None
    need       match (full, partial, low), items (texts of the checklist), coverage (percent),
               intensity (0 to 100)
    timeline   months (from the day of the conversation), by (the day, as text)
    choice     choice (one of the question's)
    yes_no     yes (true or false)
    number     number, unit
    text       text
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from leadwise.qualify.talk import Conversation

Status: TypeAlias = Literal["stated", "none", "not_discussed", "contradicted"]
"""`none`: they said that there is none. `contradicted`: people of the buyer's side disagree, or
one person says both and takes nothing back. `not_discussed` is unknown: never a no."""
STATUSES: tuple[Status, ...] = ("stated", "none", "not_discussed", "contradicted")

Part: TypeAlias = float | str | bool | tuple[str, ...] | None
Value: TypeAlias = Mapping[str, Part]

PARTS: Mapping[str, tuple[str, ...]] = {
    "money": ("amount_min", "amount_max", "currency"),
    "authority": ("level", "role", "title"),
    "need": ("match", "items", "coverage", "intensity"),
    "timeline": ("months", "by"),
    "choice": ("choice",),
    "yes_no": ("yes",),
    "number": ("number", "unit"),
    "text": ("text",),
}
"""The parts that a value of each kind has."""
LEVELS = ("c_level", "vp", "director", "manager", "individual")
ROLES = ("decision_maker", "influencer", "end_user", "consultant")
MATCHES = ("full", "partial", "low")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a turn: `text` stands in turn `turn` (from 0) at `start`, letter by letter."""

    turn: int
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the conversation says to one question. `confidence` is from 0 to 1; `why` says in a
    few words what decided ("the last of two figures", "Mokoena and van Wyk differ")."""

    question: str
    status: Status
    value: Value = field(default_factory=dict)
    confidence: float = 0.0
    quotes: tuple[Quote, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a conversation: an answer to each question, in the frame's order.

    `reader` names it with its version ("embedded/1"); `seconds` is the time it took; `refused`
    are answers that were given without a quote that is in the conversation.
    """

    reader: str
    answers: tuple[Answer, ...]
    seconds: float = 0.0
    refused: tuple[Answer, ...] = ()

    def answer(self, question: str) -> Answer:
        """The answer to a question of the frame. KeyError for one that it does not have."""
        return next(one for one in self.answers if one.question == question)


def not_discussed(question: str, why: str = "") -> Answer:
    """Nothing was said."""
    return Answer(question, "not_discussed", confidence=1.0 if not why else 0.5, why=why)


def is_verbatim(quote: Quote, conversation: Conversation) -> bool:
    """Whether the quote's words stand where it says, letter by letter."""
    if not quote.text.strip() or not 0 <= quote.turn < len(conversation.turns):
        return False
    return conversation.turns[quote.turn].text.startswith(quote.text, max(quote.start, 0))


def proven(answers: Sequence[Answer], conversation: Conversation) -> Reading:
    """Every answer held to its quotes: one whose quotes are not there is refused.

    A refused answer is not discussed. One that says something needs at least one quote; one that
    says nothing has neither value nor quotes.
    """
    kept: list[Answer] = []
    refused: list[Answer] = []
    for one in answers:
        if one.status == "not_discussed":
            kept.append(replace(one, value={}, quotes=()))
        elif one.quotes and all(is_verbatim(quote, conversation) for quote in one.quotes):
            kept.append(one)
        else:
            refused.append(one)
            kept.append(not_discussed(one.question, "its quote is not in the conversation"))
    return Reading("", tuple(kept), refused=tuple(refused))
