"""Answers become facts: what a frame writes into the fields that cards read.

`stated` writes the parts; `none` and `contradicted` take back what an earlier answer wrote (null:
no longer known) and write the status; `not_discussed` writes nothing. Unknown is never no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from leadwise.qualify.answer import Answer
from leadwise.qualify.frame.model import Frame, Question, Write

Fact: TypeAlias = float | str | bool | None


def facts_of(frame: Frame, answers: Iterable[Answer]) -> dict[str, Fact]:
    """The fields that answers write, with their values; None takes a value back."""
    facts: dict[str, Fact] = {}
    for answer in answers:
        if answer.status != "not_discussed":
            question = frame.question(answer.question)
            for write in question.writes:
                facts[write.name] = _fact(frame, question, write, answer)
    return facts


def cleared(question: Question) -> dict[str, Fact]:
    """What a rejected answer leaves: none of its fields is known by it."""
    return {write.name: None for write in question.writes}


def _fact(frame: Frame, question: Question, write: Write, answer: Answer) -> Fact:
    if write.part == "status":
        return write.map.get(answer.status, answer.status)
    if answer.status != "stated":
        return None
    if question.kind == "money" and write.part in ("amount", "amount_min", "amount_max"):
        return _amount(frame, write.part, answer.value)
    found = answer.value.get(write.part)
    if isinstance(found, tuple):
        return ", ".join(found) or None
    return write.map.get(found, found) if isinstance(found, str) else found


def _amount(frame: Frame, part: str, value: Mapping[str, object]) -> float | None:
    """An amount in the frame's currency where there is a rate; `amount` is the lower bound, or
    the upper where there is no lower."""
    names = ("amount_min", "amount_max") if part == "amount" else (part,)
    for name in names:
        found = value.get(name)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            currency = value.get("currency")
            return found * frame.rates.get(currency, 1.0) if isinstance(currency, str) else found
    return None
