"""Questions of a frame's own: a choice, a yes or no, a number, a text.

A sentence of the buyer's side answers one where it comes near to what the frame says that people
say, or where it replies to somebody who asked and comes less near. The last answer of a person
counts; people who differ contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from leadwise.qualify.answer import Answer, Part, Quote, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.likeness import REPLIED, SAID, Said, likeness, sayings
from leadwise.qualify.embedded.need.hurt import plain
from leadwise.qualify.embedded.numbers.numerals import Numeral, numerals
from leadwise.qualify.embedded.words import patterns
from leadwise.qualify.frame.model import Question

_MOST_QUOTES = 3
_NONE = "none"
_APART = 0.03
"""Likeness by which one meaning has to be nearer than its opposite."""
_SURE, _REPLY = 0.85, 0.7
_SAID_WITH_NUMBER = 0.54
"""As SAID: a number in the sentence is a second sign."""
_WORD = re.compile(r"[^\W\d_]+|%|°C")


@dataclass(frozen=True, slots=True)
class _Found:
    """An answer of one sentence. `value` is what it states, None for "there is none"."""

    said: Said
    value: str | bool | float | None
    near: float
    unit: str | None = None


def read_choice(hearing: Hearing, question: Question) -> Answer:
    """Which of the question's options they name."""
    labels = {
        option.id: tuple(dict.fromkeys((*question.prototypes.get(option.id, ()),
                                        *option.label.values())))
        for option in question.options
    }  # fmt: skip
    meanings = {**labels, _NONE: question.prototypes.get(_NONE, ())}
    said = sayings(hearing, question)
    rejected = patterns("choice", hearing.language)["rejected"]
    found = [one for one in _meant(hearing, said, meanings)
             if not rejected.search(plain(one.said.sentence.text))]  # fmt: skip
    named = [one for one in map(_naming(hearing, question), said) if one is not None]
    places = {one.said.sentence.index for one in named}
    found = [one for one in found if not _is_named(question, one)]
    found = sorted([*named, *(one for one in found if one.said.sentence.index not in places)],
                   key=lambda one: one.said.sentence.index)  # fmt: skip
    return _answer(hearing, question, found, lambda one: {"choice": one.value})


def read_yes_no(hearing: Hearing, question: Question) -> Answer:
    """Whether it is so."""
    says = question.prototypes
    meanings = {"yes": (*says.get("yes", ()), *says.get("stated", ())), "no": says.get("no", ()),
                _NONE: says.get(_NONE, ())}  # fmt: skip
    said = sayings(hearing, question)
    replies = {one.said.sentence.index: one for one in map(_yes_or_no(hearing), said) if one}
    meant = {one.said.sentence.index: _as_yes(one) for one in _meant(hearing, said, meanings)}
    both = {**replies, **meant}
    found = [both[index] for index in sorted(both)]
    return _answer(hearing, question, found, lambda one: {"yes": one.value})


def read_number(hearing: Hearing, question: Question) -> Answer:
    """Which number they say, with the word after it as its unit."""
    found: list[_Found] = []
    says = question.prototypes
    said = [one for one in sayings(hearing, question) if one.asked or says]
    stated = likeness(hearing, _texts(said), says.get("stated", ()))
    none = likeness(hearing, _texts(said), says.get(_NONE, ()))
    for one, near, without in zip(said, stated, none, strict=True):
        bound = REPLIED if one.asked else _SAID_WITH_NUMBER
        text = plain(one.sentence.text)
        if without >= bound and without > near + _APART:
            found.append(_Found(one, None, without))
        elif (one.asked or near >= bound) and (numbers := numerals(text, hearing.language)):
            last = numbers[-1] if _is_corrected(hearing, text) else numbers[0]
            sure = max(near, _REPLY if one.asked else 0.0)
            found.append(_Found(one, last.value, sure, _unit(text, last)))
    return _answer(hearing, question, found, lambda one: {"number": one.value, "unit": one.unit})


def read_text(hearing: Hearing, question: Question) -> Answer:
    """What they say to it, in their words."""
    says = question.prototypes
    said = sayings(hearing, question)
    found = _meant(hearing, said, {"stated": says.get("stated", ()), _NONE: says.get(_NONE, ())})
    if not found and hearing.vectors is None:
        found = [_Found(one, "stated", REPLIED) for one in said if one.asked and _tells(one)]
    stated = [one for one in found if one.value is not None]
    if not stated:
        return _answer(hearing, question, found, lambda _: {})
    best = sorted(stated, key=lambda one: -one.near)[:_MOST_QUOTES]
    best.sort(key=lambda one: one.said.sentence.index)
    text = " ".join(one.said.sentence.quote().text for one in best)
    quotes = tuple(one.said.sentence.quote() for one in best)
    sure = min(_SURE, max(one.near for one in best))
    return Answer(question.id, "stated", {"text": text}, sure, quotes, _why(best[-1]))


def _meant(
    hearing: Hearing, said: Sequence[Said], meanings: Mapping[str, Sequence[str]]
) -> list[_Found]:
    """The sentences that come near to a meaning, each with the nearest."""
    texts = _texts(said)
    near = {name: likeness(hearing, texts, phrases) for name, phrases in meanings.items()}
    found: list[_Found] = []
    for number, one in enumerate(said):
        ranked = sorted(((how[number], name) for name, how in near.items()), reverse=True)
        best, name = ranked[0]
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        if name == _NONE and not hearing.says("negation", plain(texts[number])):
            continue
        if best >= (REPLIED if one.asked else SAID) and best >= second + _APART:
            found.append(_Found(one, None if name == _NONE else name, best))
    return found


def _naming(hearing: Hearing, question: Question) -> Callable[[Said], _Found | None]:
    """Finds the option that a sentence names by its label, with no "not" before it."""
    names = [
        (option.id, re.compile(rf"(?<!\w){re.escape(plain(label))}(?!\w)", re.IGNORECASE))
        for option in question.options
        for label in option.label.values()
    ]
    negation = patterns("shared", hearing.language)["negation"]
    rejected = patterns("choice", hearing.language)["rejected"]

    def named(said: Said) -> _Found | None:
        text = plain(said.sentence.text)
        places = {
            (match.start(), name)
            for name, pattern in names
            for match in pattern.finditer(text)
            if not negation.search(" ".join(text[: match.start()].split()[-3:]))
        }
        options = {name for _, name in places}
        if rejected.search(text):
            return None
        if len(options) == 1 or (options and _is_corrected(hearing, text)):
            return _Found(said, max(places)[1], _SURE if said.asked else _REPLY)
        return None

    return named


def _is_named(question: Question, one: _Found) -> bool:
    """Whether a sentence has its option's label: then what stands before it has decided already."""
    text = plain(one.said.sentence.text).casefold()
    labels = [
        label
        for option in question.options
        if option.id == one.value
        for label in option.label.values()
    ]
    return any(plain(label).casefold() in text for label in labels)


def _yes_or_no(hearing: Hearing) -> Callable[[Said], _Found | None]:
    """Finds the yes or no that opens a reply to the question."""
    read = patterns("need", hearing.language)

    def found(said: Said) -> _Found | None:
        if said.asked is None or not said.is_first:
            return None
        start = plain(said.sentence.text)
        for name, value in (("denial", False), ("assent", True)):
            if re.match(r"\W*" + read[name].pattern, start, re.IGNORECASE):
                return _Found(said, value, _REPLY)
        return None

    return found


def _as_yes(one: _Found) -> _Found:
    value = None if one.value is None else one.value == "yes"
    return _Found(one.said, value, one.near)


def _answer(
    hearing: Hearing,
    question: Question,
    found: Sequence[_Found],
    parts: Callable[[_Found], dict[str, Part]],
) -> Answer:
    """The last answer of each person; contradicted where two of them differ."""
    if not found:
        return not_discussed(question.id)
    found = _firsts(hearing, found)
    last = {one.said.sentence.speaker: one for one in found}
    if len({(one.value, one.unit) for one in last.values()}) > 1:
        quotes = _quotes(list(last.values()))
        return Answer(question.id, "contradicted", {}, 0.6, quotes, "people differ")
    final = found[-1]
    same = [one for one in found if one.value == final.value]
    sure = min(_SURE, final.near) - (0.15 if len(same) < len(found) else 0.0)
    if final.value is None:
        return Answer(question.id, "none", {}, sure, _quotes(same), "they say there is none")
    return Answer(question.id, "stated", parts(final), sure, _quotes(same), _why(final))


def _firsts(hearing: Hearing, found: Sequence[_Found]) -> list[_Found]:
    """Of a reply the first answer alone, unless a later one corrects it: what follows explains."""
    kept: list[_Found] = []
    for one in found:
        same = kept and kept[-1].said.sentence.turn == one.said.sentence.turn
        if not same or one.said.asked is None or one.value == kept[-1].value:
            kept.append(one)
        elif _is_corrected(hearing, one.said.sentence.text):
            kept[-1] = one
    return kept


def _quotes(found: Sequence[_Found]) -> tuple[Quote, ...]:
    return tuple(one.said.sentence.quote() for one in found[-_MOST_QUOTES:])


def _why(one: _Found) -> str:
    return "said when asked" if one.said.asked else "near to what the frame expects"


def _texts(said: Sequence[Said]) -> list[str]:
    return [one.sentence.text for one in said]


def _tells(one: Said) -> bool:
    return len(one.sentence.text.split()) > 2


def _is_corrected(hearing: Hearing, text: str) -> bool:
    return hearing.says("withdrawal", text)


def _unit(text: str, number: Numeral) -> str | None:
    following = _WORD.match(text[number.end :].lstrip())
    return following.group().lower() if following else None
