"""Answers of the parts of a long conversation made one.

Parts come in order and overlap. A later answer of the same people is a correction and wins; people
who openly differ are a contradiction; what agrees adds its quotes. Of authority and need, which are
spoken of in pieces, the surest answer is taken and the others fill in what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leadwise.qualify.answer import MATCHES, Answer, Part, Quote, Value, not_discussed
from leadwise.qualify.frame.model import Question
from leadwise.qualify.talk import Conversation

_MOST_QUOTES = 4
_TOLERANCE = 0.02
"""Two figures within this share of one another are the same, said twice."""


def reconciled(answers: Sequence[Answer], question: Question, conversation: Conversation) -> Answer:
    """The one answer of answers to a question, in the order of the conversation's parts."""
    said = [one for one in answers if one.status != "not_discussed"]
    if not said:
        return next(iter(answers), not_discussed(question.id))
    found = said[0]
    for later in said[1:]:
        found = _two(found, later, question, conversation)
    return found


def _two(before: Answer, later: Answer, question: Question, conversation: Conversation) -> Answer:
    if before.status == later.status and _agree(before.value, later.value):
        value, sure = _filled(later.value, before.value), max(before.confidence, later.confidence)
        return replace(later, value=value, quotes=_joined(before, later), confidence=sure)
    if question.kind in ("authority", "need") and before.status == later.status == "stated":
        return _surest(before, later)
    if later.status == "contradicted":
        return replace(later, quotes=_joined(before, later))
    people, others = (_buyers(one.quotes, conversation) for one in (before, later))
    if people & others or not (people and others):
        why = later.why or "the last that was said of it"
        return replace(later, why=why, confidence=min(later.confidence, 0.8))
    return Answer(question.id, "contradicted", {}, min(before.confidence, later.confidence) * 0.8,
                  _joined(before, later), "people of the buyer's side differ")  # fmt: skip


def _agree(one: Value, other: Value) -> bool:
    """Whether two values say the same, as far as both say something."""
    return all(
        one[part] is None or other[part] is None or _same(one[part], other[part])
        for part in one
        if part in other and part not in ("items", "coverage", "intensity", "title", "by", "text")
    )


def _same(one: Part, other: Part) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other))
    return one == other


def _filled(value: Value, other: Value) -> dict[str, Part]:
    """A value with what only the other knows; points of a checklist are those of both."""
    made = {**other, **{part: found for part, found in value.items() if found not in (None, ())}}
    mine, theirs = value.get("items"), other.get("items")
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        both = tuple(dict.fromkeys((*theirs, *mine)))
        longer = value if len(mine) >= len(theirs) else other
        share = longer.get("coverage")
        made["items"] = both
        if isinstance(share, (int, float)) and share > 0:
            made["coverage"] = min(100.0, round(share * len(both) / max(len(mine), len(theirs)), 1))
    return made


def _surest(before: Answer, later: Answer) -> Answer:
    """Of two answers that are both pieces of the whole: the stronger need, the surer authority."""
    match = (before.value.get("match"), later.value.get("match"))
    if all(one in MATCHES for one in match) and match[0] != match[1]:
        first = MATCHES.index(str(match[0])) < MATCHES.index(str(match[1]))
    else:
        first = before.confidence > later.confidence
    chosen, other = (before, later) if first else (later, before)
    return replace(chosen, value=_filled(chosen.value, other.value))


def _buyers(quotes: Iterable[Quote], conversation: Conversation) -> set[str]:
    """Who of the buyer's side says the quotes."""
    turns = conversation.turns
    return {turns[one.turn].speaker for one in quotes
            if 0 <= one.turn < len(turns) and turns[one.turn].side == "buyer"}  # fmt: skip


def _joined(before: Answer, later: Answer) -> tuple[Quote, ...]:
    every = tuple(dict.fromkeys((*before.quotes, *later.quotes)))
    return every if len(every) <= _MOST_QUOTES else (every[0], *every[1 - _MOST_QUOTES :])
