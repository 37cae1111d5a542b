"""What the buyer's side says of who decides, sentence by sentence.

Kinds of signs: `mine` (I decide, I sign, it is my call), `own` (the business is mine), `denied` (it
is not my call), `theirs` (somebody else decides or must say yes), `recommend` (I compare and
propose), `uses` (I only work with it, nobody asks me), `consult` (I write a study for them),
`denies_you` (you can't sign this, said to a colleague). Where signs overlap the longer counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.qualify.answer import Quote
from leadwise.qualify.embedded.authority.titles import named_in, title_of_label, titles_in
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

Kind: TypeAlias = Literal[
    "mine", "own", "denied", "theirs", "recommend", "uses", "consult", "denies_you"
]
KINDS: tuple[Kind, ...] = (
    "denied", "own", "mine", "recommend", "theirs", "denies_you", "uses", "consult"
)  # fmt: skip
_WEIGHT: Mapping[Kind, tuple[float, float]] = {
    "mine": (1.8, 3.5),
    "own": (2.0, 3.5),
    "denied": (1.0, 3.0),
    "theirs": (0.5, 2.5),
    "recommend": (1.2, 3.0),
    "uses": (1.0, 2.7),
    "consult": (2.0, 3.5),
    "denies_you": (1.0, 1.0),
}
"""Of a sign by itself, and in an answer to a question about who decides."""
_SOUNDS = 0.6
"""The share of a question's meaning from which it asks who decides, whatever its words."""
_SHORT = 8
"""Words up to which an answer that names somebody says that they decide."""
_ENDS = re.compile(r"\s*(?:$|[^\w\s'’]|(?:and|und|y|et|ja)\s)")
"""What follows a short "me": nothing, or a new clause."""
_NOT_AFTER = 8
"""Characters after "he decides" in which a "not" takes it back (entscheidet er nicht)."""
_CLAUSE = re.compile(r"[,;:]\s|[.!?]\s|\s[-–—]\s")
_LONG = 170
"""Characters from which a sentence is quoted by the clause: speech without full stops."""
_IF = re.compile(r"\b(?:if|when|unless|wenn|falls|si|cuando|quand|jos|kun)\s+\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that say who decides. `speaker` is whom it is about: who says it, or a colleague whom
    they name; `is_answer` tells whether it answers a question about deciding, `is_sensed` whether
    the sentence model says so, not words. A weight of 0 says that the words do not count."""

    kind: Kind
    sentence: Sentence
    start: int
    end: int
    weight: float
    speaker: str
    is_answer: bool
    is_sensed: bool = False

    @property
    def quote(self) -> Quote:
        text = self.sentence.text
        if len(text) <= _LONG:
            return self.sentence.quote()
        before = [one.end() for one in _CLAUSE.finditer(text) if one.end() <= self.start]
        after = [one.start() for one in _CLAUSE.finditer(text) if one.start() >= self.end]
        start = before[-1] if before else 0
        end = after[0] if after else len(text)
        if end - start > 2 * _LONG:
            start = max(start, text.rfind(" ", 0, max(0, self.start - 60)) + 1)
            further = text.find(" ", min(len(text), self.end + 60))
            end = min(end, further if further != -1 else len(text))
        return self.sentence.quote(start, end)


def signs_of(hearing: Hearing, ignored: frozenset[int]) -> list[Sign]:
    """The signs of every sentence of the buyer's side, in order."""
    speakers = tuple(dict.fromkeys(one.speaker for one in hearing.buyers()))
    words = patterns("authority", hearing.language)
    found: list[Sign] = []
    for one in hearing.buyers():
        if one.index in ignored:
            continue
        asked = asked_of(hearing, one)
        if one.is_question and not asked:
            continue
        signs = list(_said(hearing, one, asked is not None, speakers))
        if words["not_theirs"].search(one.text) and not any(s.kind == "theirs" for s in signs):
            signs.append(Sign("theirs", one, 0, len(one.text), 0.0, one.speaker, False))
        if asked and not any(sign.kind in ("mine", "own", "denied") for sign in signs):
            signs = [*_answers(hearing, one, asked), *signs]
        found += _without_jokes(hearing, one, signs)
    return found


def _without_jokes(hearing: Hearing, sentence: Sentence, signs: list[Sign]) -> list[Sign]:
    joke = patterns("authority", hearing.language)["joke"].search(sentence.text)
    return [] if joke and all(one.kind in ("mine", "own") for one in signs) else signs


def asked_of(hearing: Hearing, sentence: Sentence) -> Sentence | None:
    """The seller's question about who decides that a sentence's turn answers."""
    words = patterns("authority", hearing.language)
    for one in reversed(hearing.sentences[: sentence.index]):
        if one.turn < sentence.turn - 1:
            break
        if one.turn == sentence.turn - 1 and one.side == "seller":
            is_asking = one.is_question or "?" not in hearing.conversation.turns[one.turn].text
            if is_asking and words["asks_topic"].search(one.text):
                return one
            if hearing.sounds_asked("authority", one, _SOUNDS):
                return one
    return None


def _said(
    hearing: Hearing, sentence: Sentence, is_answer: bool, speakers: tuple[str, ...]
) -> Iterator[Sign]:
    words = patterns("authority", hearing.language)
    text = sentence.text
    listed: list[tuple[Kind, str]] = [(kind, kind) for kind in KINDS]
    if is_answer:
        listed.append(("mine", "mine_asked"))
    matches = [
        (match.start() - match.end(), order, kind, match)
        for order, (kind, name) in enumerate(listed)
        for match in words[name].finditer(text)
        if match.end() > match.start()
    ]
    taken: list[tuple[int, int]] = []
    for _, _, kind, match in sorted(matches, key=lambda one: one[:2]):
        start, end = match.span()
        if any(start < other_end and end > other for other, other_end in taken):
            continue
        taken.append((start, end))
        weight = _WEIGHT[kind][is_answer]
        speaker = sentence.speaker
        if kind == "theirs":
            if _is_nobody(hearing, match[0]):
                continue
            if hearing.says("negation", text[start : end + _NOT_AFTER]):
                yield Sign(kind, sentence, start, end, 0.0, speaker, is_answer)
                continue
            if _is_own_title(hearing, speaker, match[0]):
                yield Sign("mine", sentence, start, end, weight + 1.0, speaker, is_answer)
                continue
            named = [o for o in speakers if o != speaker and named_in(o, match[0])]
            if named:
                yield Sign("mine", sentence, start, end, weight - 0.5, named[0], is_answer)
        if kind == "mine" and _is_nobody(hearing, match[0]):
            continue
        if kind == "mine" and _IF.search(text[:start]):
            weight -= 1.5
        if kind in ("theirs", "denied") and _is_turned(words, text, start, matches):
            weight += 1.5
        yield Sign(kind, sentence, start, end, weight, speaker, is_answer)


def _is_turned(
    words: Mapping[str, re.Pattern[str]],
    text: str,
    start: int,
    matches: list[tuple[int, int, Kind, re.Match[str]]],
) -> bool:
    """Whether "I choose" came before and a "but" between: what follows the "but" counts."""
    return any(
        kind == "mine"
        and match.end() <= start
        and words["contrast"].search(text, match.end(), start)
        for _, _, kind, match in matches
    )


def _is_own_title(hearing: Hearing, speaker: str, text: str) -> bool:
    """Whether "the IT director decides" is said by the IT director."""
    own = title_of_label(speaker, hearing.language)
    said = titles_in(text, hearing.language)
    if own is None or not said:
        return False
    words = set(re.findall(r"\w{2,}", own.text.lower()))
    same = len(words & set(re.findall(r"\w{2,}", text.lower())))
    return own.level == said[0].level and same >= max(1, min(2, len(words)))


def _is_nobody(hearing: Hearing, text: str) -> bool:
    """Whether who "signs" is no authority: a driver signs a sheet."""
    titles = titles_in(text, hearing.language)
    return bool(titles) and all(one.level == "individual" for one in titles)


def _answers(hearing: Hearing, sentence: Sentence, asked: Sentence | None) -> Iterator[Sign]:
    """What short answers mean: "me", "yes", "no, the finance director"."""
    if asked is None or not hearing.is_first_of_turn(sentence):
        return
    words = patterns("authority", hearing.language)
    text, speaker = sentence.text, sentence.speaker
    start = text[:60]
    me = words["me_answer"].match(text.lstrip("¡¿\"' "))
    yes, no = hearing.says("yes", start), hearing.says("no", start)
    if (
        me
        and not sentence.is_question
        and _ENDS.match(text.lstrip("¡¿\"' ")[me.end() :])
        and not words["denied"].match(text)
    ):
        yield Sign("mine", sentence, 0, me.end(), 3.0, speaker, True)
        return
    refused = words["somebody"].search(text)
    if no and refused and re.fullmatch(r"\W*\w+(?: de)? ", text[: refused.start()]):
        yield Sign("mine", sentence, 0, refused.end(), 2.5, speaker, True)
        return
    others = words["asks_else"].search(asked.text)
    if others:
        if no and not words["theirs"].search(text):
            yield Sign("mine", sentence, 0, len(start), 1.5, speaker, True)
        elif words["somebody"].search(text) and not no and not sentence.is_question:
            yield Sign("theirs", sentence, 0, len(start), 0.8, speaker, True)
        return
    to_you = words["asks_you"].search(asked.text)
    if to_you and no and not yes:
        yield Sign("denied", sentence, 0, len(start), 2.0, speaker, True)
    elif to_you and yes and not no:
        yield Sign("mine", sentence, 0, len(start), 2.0, speaker, True)
    if words["somebody"].search(text) and not yes and not sentence.is_question:
        weight = 2.2 if len(text.split()) <= _SHORT else 1.0
        yield Sign("theirs", sentence, 0, len(start), weight, speaker, True)
