"""What is said of the time, and what it answers: shared by the modules that read the timeline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from leadwise.qualify.answer import Quote
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.time.dates import mentions
from leadwise.qualify.embedded.time.links import When
from leadwise.qualify.embedded.time.sense import sounds_asked
from leadwise.qualify.embedded.words import patterns

Kind: TypeAlias = Literal["date", "not_before", "rejects", "none", "no_date"]
ENOUGH = 2.0
"""The weight from which something said counts."""
NEAR = 80
"""Characters around a mention that speak of it where a part has no commas, as in speech."""
CUT = re.compile(r"[,;:()—–](?=\s|$)|\s[-–—]\s|\n|\.\.\.|…")
"""Where a sentence falls into parts."""
_WHOLE = 200
"""Characters up to which a sentence is quoted whole."""
_ELLIPSIS = 4
"""Words of a question that only names what it asks the time of."""
_LONG = ("month", "quarter", "half", "year", "season", "feast")
"""What nobody meets for."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something said of the time. `last` is the latest day that it allows (the earliest one of
    `not_before`); `weight` says how plainly, from about 2 to 8."""

    kind: Kind
    sentence: Sentence
    weight: float
    quotes: tuple[Quote, ...]
    speaker: str
    last: date | None = None
    corrects: bool = False
    when: When | None = None
    signs: bool = False
    """Whether its own part speaks of signing or ordering."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the turn before asks for."""

    about: Literal["time", "other", "nothing"]
    place: int
    """Which sentence of its turn the reply is, from 0."""
    plan: bool = False
    """Whether it asks if there is any plan at all."""


def asking(hearing: Hearing, sentence: Sentence) -> Asking:
    """What somebody else asked in the turn before a sentence's."""
    words = patterns("timeline", hearing.language)
    earlier = [one for one in hearing.around(sentence, before=1) if one.index < sentence.index]
    place = sum(1 for one in earlier if one.turn == sentence.turn)
    before = [
        one
        for one in earlier
        if one.turn == sentence.turn - 1 and one.speaker != sentence.speaker and one.side != "buyer"
    ]
    if not before:
        return Asking("nothing", place)
    asked = [one for one in before if one.is_question] or before[-1:]
    for one in reversed(asked):
        text = plain(one.text)
        plan = bool(words["asked_plan"].search(text))
        whens = mentions(text, hearing.language, hearing.conversation.held_on)
        long = any(when.grain in _LONG for when in whens)
        off = words["meeting"].search(text) or words["live"].search(text)
        if words["asked_other"].search(text) and not words["sign"].search(text):
            if not long or off:
                return Asking("other", place)
            return Asking("time", place)
        if words["asked"].search(text):
            return Asking("time", place, plan)
        signs = words["sign"].search(text) and one.is_question and not words["live"].search(text)
        if signs and (whens or len(text.split()) <= _ELLIPSIS):
            return Asking("time", place, plan)  # "And the signature?", "So you order in June?"
        if plan:
            return Asking("nothing", place, plan)
        if any(is_fragment(one, when) and when.grain in _LONG for when in whens):
            return Asking("time", place)
        if not off and sounds_asked(hearing, one):
            return Asking("time", place)
    return Asking("nothing", place)


def is_fragment(sentence: Sentence, when: When, most: int = 4) -> bool:
    """Whether a sentence is hardly more than its date: "By the end of June, latest."."""
    rest = sentence.text[: when.start] + " " + sentence.text[when.end :]
    return len(re.findall(r"\w+", rest)) <= most


def part_around(hearing: Hearing, text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a sentence around a mention, between commas or words that divide it."""
    divide = patterns("timeline", hearing.language)["divide"]
    borders = [match.end() for match in CUT.finditer(text)]
    borders += [match.start() for match in divide.finditer(text)]
    first = max((one for one in borders if one <= start), default=0)
    last = min((one for one in borders if one >= end), default=len(text))
    beside = text[first:start] + text[end:last]
    late = patterns("timeline", hearing.language)["not_later"]
    if not re.search(r"\w\w", late.sub("", beside)):
        # a part that is nothing but its date goes with the part before it
        first = max((one for one in borders if one < first - 1), default=0)
    return max(first, start - NEAR), min(last, end + NEAR)


def say(
    kind: Kind, sentence: Sentence, weight: float, start: int, end: int,
    last: date | None = None, corrects: bool = False, when: When | None = None,
) -> Said:  # fmt: skip
    quote = sentence.quote()
    if len(sentence.text) > _WHOLE:
        cuts = [0, *(m.end() for m in CUT.finditer(sentence.text)), len(sentence.text)]
        first = max((c for c in cuts if c <= max(start - 60, 0)), default=0)
        after = min((c for c in cuts if c >= end), default=len(sentence.text))
        if after - first > 2 * _WHOLE:
            first = sentence.text.rfind(" ", 0, max(start - 100, 1)) + 1
            after = min(after, end + 100)
        quote = sentence.quote(first, after)
    return Said(kind, sentence, weight, (quote,), sentence.speaker, last, corrects, when)


def plain(text: str) -> str:
    """With straight apostrophes and spaces; offsets stay."""
    return text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
