"""What the sentence model senses of who decides, beside what the words say.

It is asked for the sentences that answer a question about who decides, for those whose words say or
hint at something, and for everything where little was said at all (a short mail). A sentence whose
words decide already only gains a little by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.qualify.embedded.authority.said import Kind, Sign, asked_of
from leadwise.qualify.embedded.authority.titles import titles_in
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import shares
from leadwise.qualify.embedded.words import patterns

_KINDS: Mapping[Kind, tuple[str, ...]] = {
    "mine": ("decides", "owns"),
    "recommend": ("recommends", "shares"),
    "uses": ("uses",),
    "theirs": ("others",),
    "consult": ("consults",),
}
"""Which classes say a kind of sign, together."""
_SILENT = "silent"
_OWNED = 0.6
"""The share of "it is my business" from which somebody is taken for its owner."""
_MOSTLY = 0.5
"""The share of "says nothing of it" from which a sentence is left alone."""
_MORE_SILENT = 4.0
"""How much likelier a sentence says nothing of it that answers no question about who decides."""
_LIKELY, _CLEARLY = 0.45, 0.6
"""The share, of what says something, from which a class counts."""
_ANSWER, _SPOKEN, _BESIDE = 3.2, 2.0, 1.0
"""What a whole share weighs: in an answer, in any sentence, beside words that decide."""
_TELLING = 2.3
"""The weight of words from which the model is only heard beside them."""
_OPENING = 2
"""Sentences of a turn that answer what was asked; later ones go on to other things."""
_MOST = 14
"""Sentences that the model is asked for, at most: each costs 30 ms."""
_FEW = 6
"""Sentences up to which a buyer's side that says so little is asked for all of them."""
_SHORTEST = 3
_TITLE = 6
"""Words up to which a sentence with a title only tells the title."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, from `start`, with the shares of its classes; `is_answer`: it answers a question
    about who decides."""

    sentence: Sentence
    is_answer: bool
    start: int
    classes: Mapping[str, float]


def heard(hearing: Hearing, signs: Sequence[Sign], ignored: frozenset[int]) -> list[Heard]:
    """The sentences that the model is asked for, in order; none without a model."""
    chosen = _asked_for(hearing, _weights(signs), ignored)
    starts = [_turn_of(hearing, one) for one, _ in chosen]
    texts = [one.text[start:] for (one, _), start in zip(chosen, starts, strict=True)]
    found = shares("authority", texts, hearing.vectors)
    return [
        Heard(one, is_answer, start, classes)
        for (one, is_answer), start, classes in zip(chosen, starts, found or [], strict=False)
    ]


def sensed(sentences: Sequence[Heard], signs: Sequence[Sign]) -> list[Sign]:
    """Signs that the model sees, beside those of words."""
    said = _weights(signs)
    made: list[Sign] = []
    for each in sentences:
        one, classes = each.sentence, each.classes
        masses = {kind: sum(classes[name] for name in names) for kind, names in _KINDS.items()}
        kind = max(masses, key=masses.__getitem__)
        is_beside = said.get(one.index, 0.0) >= _TELLING
        is_likely = each.is_answer or is_beside
        silent = classes[_SILENT] * (1 if is_likely else _MORE_SILENT)
        if silent / (1 - classes[_SILENT] + silent) > _MOSTLY:
            continue
        if masses[kind] < (_LIKELY if is_likely else _CLEARLY) * (1 - classes[_SILENT]):
            continue
        weight = masses[kind] * (_BESIDE if is_beside else _ANSWER if each.is_answer else _SPOKEN)
        if kind == "mine" and classes["owns"] > _OWNED:
            kind = "own"
        if each.start and is_beside and kind in ("theirs", "recommend"):
            weight = _ANSWER * masses[kind]
        end = len(one.text)
        made.append(
            Sign(kind, one, each.start, end, weight, one.speaker, each.is_answer, is_sensed=True)
        )
    return made


def _weights(signs: Sequence[Sign]) -> dict[int, float]:
    """The weight of the strongest sign of each sentence that has one, by its index."""
    said: dict[int, float] = {}
    for sign in signs:
        place = sign.sentence.index
        said[place] = max(said.get(place, 0.0), sign.weight)
    return said


def _turn_of(hearing: Hearing, sentence: Sentence) -> int:
    """Where what follows the last "but" of a sentence starts, if it says enough: that counts."""
    contrast = patterns("authority", hearing.language)["contrast"]
    starts = [one.end() for one in contrast.finditer(sentence.text)]
    enough = [one for one in starts if len(sentence.text[one:].split()) > _SHORTEST]
    if enough:
        return enough[-1]
    own = _OWN_CLAUSE.search(sentence.text)
    if own is None or _SELF.search(sentence.text[: own.start()]):
        return 0
    return own.start(1) if len(sentence.text[own.start(1) :].split()) >= _SHORTEST else 0


_FIRST_PERSON = (
    r"(?:i|i['’]m|i['’]ll|i['’]d|yo|ich|je|j['’]\w+|moi|c['’]est moi|minä|mä|mie|"
    r"my|mine|me|mein\w*|mir|mich|mi|mis|mon|ma|mes|mun|minun|mulla|minulla)"
)
_SELF = re.compile(rf"\b{_FIRST_PERSON}\b", re.IGNORECASE)
_OWN_CLAUSE = re.compile(
    rf"[,;–]\s+(?:(?:and|so|und|y|et|ja)\s+)?({_FIRST_PERSON}\b)", re.IGNORECASE
)
"""What somebody says of themselves after what they said of others: "the council decides, I enter it
in the book"."""


def _asked_for(
    hearing: Hearing, said: Mapping[int, float], ignored: frozenset[int]
) -> list[tuple[Sentence, bool]]:
    """The sentences to ask for, and whether each answers a question about who decides: answers
    first, then what has signs, then what has words of deciding."""
    topic = patterns("authority", hearing.language)["asks_topic"]
    buyers = [one for one in hearing.buyers() if one.index not in ignored]
    ranked: list[tuple[int, Sentence]] = []
    for one in buyers:
        if one.is_question or said.get(one.index, 1.0) == 0.0:
            continue
        if len(one.text.split()) < _SHORTEST:
            continue
        if len(one.text.split()) <= _TITLE and titles_in(one.text, hearing.language):
            continue
        earlier = [other for other in buyers if other.turn == one.turn and other.index < one.index]
        if len(earlier) < _OPENING and asked_of(hearing, one) is not None:
            ranked.append((0, one))
        elif one.index in said:
            ranked.append((1, one))
        elif topic.search(one.text):
            ranked.append((2, one))
        elif len(buyers) <= _FEW:
            ranked.append((3, one))
    chosen = sorted(ranked, key=lambda pair: pair[0])[:_MOST]
    return [(one, rank == 0) for rank, one in sorted(chosen, key=lambda pair: pair[1].index)]
