"""How near sentences come to a question's own sentences, and which of the buyer's side answer it.

With the sentence model by meaning; without it by words in common (`points.alike`), which finds
less. Both are on one scale: see the bounds below, set on sentences written for the purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadwise.qualify.embedded.attention import MOST
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.need.hurt import plain
from leadwise.qualify.embedded.need.points import alike
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.frame.model import Question

ASKED = 0.54
"""Likeness from which somebody asks the question."""
SAID = 0.6
"""Likeness from which a sentence nobody asked for answers it."""
REPLIED = 0.42
"""Likeness from which a sentence answers it where it was asked."""
_WITHOUT_MODEL = 1.3
"""What likeness by words is multiplied by: it is lower at the same meaning."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the buyer's side. `asked` is the question it replies to, where that is ours;
    `is_first` whether it opens the reply, where a yes or no stands."""

    sentence: Sentence
    asked: Sentence | None
    is_first: bool


def likeness(hearing: Hearing, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
    """How near each text comes to the nearest of the phrases, 0 to 1; 0 where there is none."""
    if not texts or not phrases:
        return [0.0] * len(texts)
    words = [max(_in_words(text, phrase) for phrase in phrases) for text in texts]
    heard = _heard(texts, words)
    near = hearing.nearness([plain(texts[n]) for n in heard], phrases)
    if near is None:
        return [min(1.0, _WITHOUT_MODEL * one) for one in words]
    by_place = dict(zip(heard, near, strict=True))
    return [max(one, by_place.get(n, 0.0)) for n, one in enumerate(words)]


def _heard(texts: Sequence[str], words: Sequence[float]) -> list[int]:
    """The places of the texts that the model is asked about: all, or of a long talk those with
    most words in common, and of the others the last (`attention.MOST` characters)."""
    left, found = MOST, list[int]()
    for place in sorted(range(len(texts)), key=lambda n: (-round(words[n], 1), -n)):
        left -= len(texts[place])
        if left < 0:
            break
        found.append(place)
    return sorted(found)


def _in_words(text: str, phrase: str) -> float:
    if plain(text).casefold().strip(" .!?") == plain(phrase).casefold().strip(" .!?"):
        return 1.0
    return 0.75 * alike(text, phrase) + 0.25 * alike(phrase, text)


def sayings(hearing: Hearing, question: Question) -> list[Said]:
    """The sentences of the buyer's side, each with the question it replies to where somebody asked
    ours. Questions and text that would instruct the reader are left out."""
    void = instructions_in(hearing)
    own = [one for one in hearing.buyers() if not one.is_question and one.index not in void]
    before = {one.index: hearing.asked_before(one) for one in own}
    asked = list({one.index: one for one in before.values() if one is not None}.values())
    near = likeness(hearing, [one.text for one in asked], _asking(question, hearing.language))
    ours = {one.index for one, how in zip(asked, near, strict=True) if how >= ASKED}
    found: list[Said] = []
    for one in own:
        question_before = before[one.index]
        is_ours = question_before is not None and question_before.index in ours
        first = hearing.is_first_of_turn(one)
        found.append(Said(one, question_before if is_ours else None, first))
    return found


def _asking(question: Question, language: str) -> tuple[str, ...]:
    """The ways to ask it: as the frame has them, in the talk's language and as prototypes."""
    wordings = (wording.get(language) or wording.get("en", "") for wording in question.ask)
    return (*question.prototypes.get("asked", ()), *(one for one in wordings if one))
