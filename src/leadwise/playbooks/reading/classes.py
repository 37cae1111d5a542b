"""The class of a text: by what the sentence model finds near, and by words that tell it.

Every sentence is held against what each class means, and against the ways in which people say what
the class is about (`intents`). Without the sentence model words alone decide, and less is sure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from leadwise.playbooks.reading.intents import INTENTS, REST, SMALL_TALK, Intent
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.embedded.vectors import Vectors
from leadwise.qualify.talk import Conversation, Turn

SURE = 50
"""Percent from which a class is taken."""
MOST = 12_000
"""Characters of a text that are read."""
_SENTENCES = 60
_CUE = 0.3
"""What a word that tells a class adds to its nearness."""
_SPREAD = 0.12
"""Difference of nearness at which one class is twice as sure as the other, roughly."""
_NEAR, _NEAR_ALONE, _NEAR_IN_WORDS = 0.33, 0.50, 0.25
"""Nearness below which a class was hardly spoken of; of one with nothing beside it to compare it
with; without the sentence model."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_STOP = frozenset(
    "the and that this with for are was not somebody something who what when where how its his her "
    "they them you your our wants want has have had one can may does did will other others more "
    "such very about into from than then too also anything".split()
)


@dataclass(frozen=True, slots=True)
class Classed:
    """A class, how sure it is (percent), and the sentence that speaks for it most."""

    name: str
    confidence: int
    quote: str


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    phrases: tuple[str, ...]
    intents: tuple[Intent, ...]
    words: frozenset[str]


def classed(text: str, into: Mapping[str, str], otherwise: str, vectors: Vectors | None) -> Classed:
    """The class of a text among `into` (names and what they mean); `otherwise` where none is
    likely enough. A class that means "anything else" takes what the others do not."""
    rest = [name for name, meaning in into.items() if REST.search(meaning)]
    nothing = rest[0] if rest else otherwise
    sentences = _sentences(text[:MOST])
    known = [_class(name, meaning) for name, meaning in into.items() if name not in rest]
    if not sentences or not known:
        return Classed(nothing if sentences else otherwise, 0, "")
    near = _nearness(sentences, known, vectors)
    best = {one.name: max(near[n]) for n, one in enumerate(known)}
    ranked = sorted(best.items(), key=lambda item: -item[1])
    name, most = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    of_best = near[[one.name for one in known].index(name)]
    place = max(range(len(sentences)), key=lambda n: of_best[n])
    alone = len(known) == 1
    bound = _NEAR_IN_WORDS if vectors is None else _NEAR_ALONE if alone else _NEAR
    sure = _sure(most, second, bound, alone=alone)
    if sure >= SURE and (rest or otherwise in into or not _is_talk(sentences, known)):
        return Classed(name, sure, sentences[place])
    # How sure it is that it is none of them: of the class that takes the rest, that is its own.
    return Classed(nothing, min(97, 100 - sure) if rest else sure, sentences[0] if rest else "")


def _class(name: str, meaning: str) -> _Class:
    parts = [part.strip(" .") for part in re.split(r"[;.]\s|,\s", meaning)]
    # What a class is about stands first; "questions about dates" at the end is but an example.
    intents = tuple(one for one in INTENTS if one.meant.search(parts[0]))
    said = [phrase for intent in intents for phrase in intent.says]
    label = re.sub(r"[_-]", " ", name)
    phrases = tuple(dict.fromkeys((meaning, *(p for p in parts if len(p) > 3), label, *said)))
    words = stems(f"{label} {meaning}")
    return _Class(name, phrases, intents, words)


def _nearness(
    sentences: Sequence[str], known: Sequence[_Class], vectors: Vectors | None
) -> list[list[float]]:
    """For each class how near each sentence comes to it, 0 to about 1.5."""
    found: list[list[float]] = []
    for one in known:
        meant = (
            vectors.nearest(sentences, one.phrases) if vectors is not None
            else [0.0] * len(sentences)
        )  # fmt: skip
        scores = []
        for sentence, near in zip(sentences, meant, strict=True):
            common = len(stems(sentence) & one.words)
            cues = sum(bool(intent.cue.search(sentence)) for intent in one.intents)
            scores.append(near + 0.1 * min(common, 2) + _CUE * min(cues, 1))
        found.append(scores)
    return found


def _sure(best: float, second: float, bound: float, *, alone: bool) -> int:
    """Percent: how far it is ahead of the next, and whether it was spoken of at all."""
    ahead = 1.0 if alone else 1.0 / (1.0 + math.exp(-(best - second) / _SPREAD))
    spoken = 1.0 / (1.0 + math.exp(-(best - bound) / 0.06))
    return round(100 * min(0.97, ahead * spoken))


def _is_talk(sentences: Sequence[str], known: Sequence[_Class]) -> bool:
    """Whether a text is nothing but thanks and greetings, where no class is about such."""
    if any(SMALL_TALK in one.intents for one in known):
        return False
    others = [one for one in INTENTS if one is not SMALL_TALK]
    return all(
        SMALL_TALK.cue.search(one) and not any(other.cue.search(one) for other in others)
        for one in sentences
    )


def _sentences(text: str) -> list[str]:
    """The sentences of a text without those that tell a machine what to do."""
    turn = Turn("them", "buyer", text)
    talk = Conversation("email_thread", date(2000, 1, 1), (turn,))
    hearing = hear(talk, None, language_of(talk))
    void = instructions_in(hearing)
    found = [
        one.text
        for one in hearing.sentences
        if one.index not in void and any(map(str.isalnum, one.text))
    ]
    return found[:_SENTENCES]


def stems(text: str) -> frozenset[str]:
    """The words of a text, roughly without their endings."""
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    for end in ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "er", "es",
                "ed", "s", "e", "y"):  # fmt: skip
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word
