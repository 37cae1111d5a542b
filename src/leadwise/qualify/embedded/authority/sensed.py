"""What the sentence model senses of who decides, where words leave a doubt.

It is asked for the sentences that answer a question about who decides, and where those tell no
role for a few more that a first person speaks of. A sentence whose words say something already only
gains a little by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadwise.qualify.embedded.authority.said import Kind, Sign, asked_of
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import shares

_KIND: Mapping[str, Kind] = {
    "decides": "mine",
    "recommends": "recommend",
    "uses": "uses",
    "others": "theirs",
    "consults": "consult",
}
_SILENT = "silent"
_MOSTLY = 0.5
"""The share of "says nothing of it" from which a sentence is left alone."""
_LIKELY = 0.45
"""The share, of what says something, from which a class counts."""
_ANSWER, _SPOKEN, _BESIDE = 3.2, 1.5, 1.0
"""What a whole share weighs: in an answer, in any sentence, beside words that decide."""
_MOST = 8
"""Sentences that the model is asked for, at most: each costs 30 ms."""
_SHORTEST = 3


def sensed_in_answers(
    hearing: Hearing, signs: Sequence[Sign], ignored: frozenset[int]
) -> list[Sign]:
    """Signs that the model sees in answers to questions about who decides."""
    answers = [
        one
        for one in hearing.buyers()
        if one.index not in ignored
        and not one.is_question
        and len(one.text.split()) >= _SHORTEST
        and asked_of(hearing, one) is not None
    ]
    return _sensed(hearing, answers[:_MOST], signs, True)


def sensed_elsewhere(
    hearing: Hearing, signs: Sequence[Sign], ignored: frozenset[int]
) -> list[Sign]:
    """Signs that the model sees in sentences whose words hint at something."""
    hinted = {one.sentence.index: one.sentence for one in signs if not one.is_answer}
    sentences = [one for one in hinted.values() if one.index not in ignored]
    return _sensed(hearing, sentences[:_MOST], signs, False)


def _sensed(
    hearing: Hearing, sentences: Sequence[Sentence], signs: Sequence[Sign], is_answer: bool
) -> list[Sign]:
    said = {one.sentence.index: one.weight for one in signs}
    sentences = [one for one in sentences if said.get(one.index) != 0.0]
    found = shares("authority", [one.text for one in sentences], hearing.vectors)
    made: list[Sign] = []
    for one, classes in zip(sentences, found or [], strict=False):
        name = max(_KIND, key=classes.__getitem__)
        if classes[_SILENT] > _MOSTLY or classes[name] < _LIKELY * (1 - classes[_SILENT]):
            continue
        beside = _BESIDE if said.get(one.index, 0.0) > 0 else _ANSWER
        weight = classes[name] * (beside if is_answer else _SPOKEN)
        kind = _KIND[name]
        made.append(Sign(kind, one, 0, len(one.text), weight, one.speaker, is_answer, True))
    return made
