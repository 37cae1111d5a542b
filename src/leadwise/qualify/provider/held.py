"""What a model answered, held to the conversation: quotes found, parts checked, sides kept.

A quote is looked for in its turn and then in the others; blanks and the shape of quotation marks
and dashes may differ, and what is kept is the conversation's own words. What does not hold is told
in words that a model can mend it by, and refused where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from leadwise.errors import UserError
from leadwise.qualify.answer import PARTS, Answer, Part, Quote, not_discussed
from leadwise.qualify.answering import checked
from leadwise.qualify.embedded.need.points import points_of
from leadwise.qualify.embedded.time.dates import months_until
from leadwise.qualify.frame.model import Frame, Question
from leadwise.qualify.provider.redact import Redaction
from leadwise.qualify.provider.shape import AnswerShape, QuoteShape
from leadwise.qualify.talk import Conversation

NOWHERE = -1
"""The turn of a quote that proves nothing: `leadwise.qualify.answer.proven` refuses its answer."""
_MOST_QUOTES = 3
_ALIKE = ('"“”„«»', "'’‘´`", "-–—‑")


@dataclass(frozen=True, slots=True)
class Held:
    """Answers in the frame's order, and what is wrong with them, in words for the model. An answer
    that has something wrong stands with the quotes it came with, or is not discussed."""

    answers: tuple[Answer, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What answers are held to. `instructing` are the sentences that try to instruct their reader:
    turn, start, end."""

    conversation: Conversation
    frame: Frame
    redaction: Redaction
    instructing: frozenset[tuple[int, int, int]]


def held(source: Source, given: BaseModel) -> Held:
    """Every answer of a model, held to its source."""
    answers: list[Answer] = []
    problems: list[str] = []
    for number, question in enumerate(source.frame.questions):
        answer, wrong = _answer(source, question, getattr(given, f"q{number}"))
        answers.append(answer)
        problems += [f"{question.id}: {one}" for one in wrong]
    return Held(tuple(answers), tuple(problems))


def _answer(source: Source, question: Question, given: AnswerShape) -> tuple[Answer, list[str]]:
    if given.status == "not_discussed":
        return not_discussed(question.id, source.redaction.restore(given.why)[:200]), []
    quotes, wrong = _quotes(source, given.quotes)
    try:
        value = _value(source, question, given) if given.status == "stated" else {}
    except UserError as error:
        return not_discussed(question.id, "its value is none"), [*wrong, _said(error)]
    confidence = min(max(given.confidence, 0.0), 1.0)
    why = source.redaction.restore(given.why).strip()[:200]
    return Answer(question.id, given.status, value, confidence, quotes, why), wrong


def _said(error: UserError) -> str:
    return f"{error.message} {error.hint}"


def _quotes(source: Source, given: Sequence[QuoteShape]) -> tuple[tuple[Quote, ...], list[str]]:
    """The quotes that hold. Where one does not, it stays as it came: it will be refused."""
    found: list[Quote] = []
    wrong: list[str] = []
    for one in given[:_MOST_QUOTES]:
        words = source.redaction.restore(one.words).strip()
        quote = locate(source.conversation, one.turn, words)
        if quote is None:
            wrong.append(
                f'the words "{one.words[:120]}" do not stand in turn {one.turn}. Copy words letter '
                "by letter from one turn, or answer not_discussed"
            )
        elif _instructs(source, quote):
            wrong.append(f'the words "{one.words[:120]}" try to instruct the reader: they are none')
            quote = None
        found.append(quote or Quote(NOWHERE, 0, words))
    if not found:
        wrong.append("it has no quote. Add one, or answer not_discussed")
    elif not wrong and all(source.conversation.turns[q.turn].side != "buyer" for q in found):
        wrong.append(
            "no quote is of the buyer's side. Add the buyer's words that say or confirm it, or "
            "answer not_discussed"
        )
        found = [Quote(NOWHERE, 0, one.text) for one in found]
    return tuple(found), wrong


def locate(conversation: Conversation, turn: int, words: str) -> Quote | None:
    """Where words stand: in the turn named, else in the only other one that has them."""
    if not words.strip():
        return None
    pattern = _pattern(words)
    turns = conversation.turns
    if 0 <= turn < len(turns) and (match := pattern.search(turns[turn].text)):
        return Quote(turn, match.start(), match.group())
    others = [(n, match) for n, one in enumerate(turns) if (match := pattern.search(one.text))]
    if len(others) != 1:
        return None
    number, match = others[0]
    return Quote(number, match.start(), match.group())


def _pattern(words: str) -> re.Pattern[str]:
    """The words with any blanks between them and any shape of quotation marks and dashes."""
    made = []
    for word in words.split():
        signs = [next((f"[{re.escape(like)}]" for like in _ALIKE if sign in like), re.escape(sign))
                 for sign in word]  # fmt: skip
        made.append("".join(signs))
    return re.compile(r"\s+".join(made))


def _instructs(source: Source, quote: Quote) -> bool:
    end = quote.start + len(quote.text)
    return any(
        turn == quote.turn and quote.start < to and end > start
        for turn, start, to in source.instructing
    )


def _value(source: Source, question: Question, given: AnswerShape) -> dict[str, Part]:
    """The parts of a stated answer. UserError (`bad-answer`) where they are none."""
    parts: dict[str, Any] = {
        part: getattr(given, part) for part in PARTS[question.kind] if hasattr(given, part)
    }
    parts = {k: source.redaction.restore(v) if isinstance(v, str) else v for k, v in parts.items()}
    if question.kind == "timeline":
        parts |= _months(source.conversation, parts)
    if question.kind == "need":
        parts |= _coverage(points_of(source.conversation, question), parts)
    if question.kind == "money" and all(value is None for value in parts.values()):
        return dict(parts)
    return dict(checked(source.frame, Answer(question.id, "stated", parts)).value)


def _months(conversation: Conversation, parts: dict[str, Any]) -> dict[str, Part]:
    """Months are reckoned here from the day that was given, not by the model."""
    if not parts.get("by"):
        return {"by": None}
    try:
        day = date.fromisoformat(str(parts["by"])[:10])
    except ValueError:
        raise UserError("bad-answer", f"'{parts['by'][:20]}' is no day.",
                        hint="Write it as YYYY-MM-DD.") from None  # fmt: skip
    if (day - conversation.held_on).days < -31:
        raise UserError("bad-answer", f"{day} is before the conversation.",
                        hint="Reckon from its day.")  # fmt: skip
    return {"by": day.isoformat(), "months": months_until(conversation.held_on, day)}


def _coverage(points: Sequence[str], parts: dict[str, Any]) -> dict[str, Part]:
    """The points of the list among the items, and their share of it in percent."""
    if not points:
        return {"coverage": None}
    named = {str(item).strip().casefold() for item in parts.get("items") or ()}
    met = tuple(point for point in points if point.casefold() in named)
    return {"items": met, "coverage": round(100 * len(met) / len(points), 1)}
