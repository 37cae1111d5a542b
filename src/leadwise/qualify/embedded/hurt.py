"""How much it hurts, sentence by sentence: what the buyer's side says of its pains.

A sentence carries signs: words that say that a thing must be solved (grave), that it bothers but
can be borne (mild), that it is hardly worth a word (trivial), that this part works (fine), that
they need nothing of it (needless), or words of problems alone (pain). Where two overlap the longer
counts, so "not the end of the world" is no end of the world; a "not" before turns a sign around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.points import nearest
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

Kind: TypeAlias = Literal["grave", "mild", "trivial", "fine", "needless", "pain"]
_KINDS: tuple[Kind, ...] = ("needless", "grave", "trivial", "mild", "fine", "pain")
_TURNED: Mapping[Kind, Kind] = {"grave": "mild", "pain": "fine", "fine": "pain"}
"""What a sign becomes by a "not" before it. Those not named have their own "not"."""
_WITHIN_TURN = re.compile(r"[,;:.!?–—]|\s-\s")
_NOT_WITHIN = 3
"""Words before a sign within which a "not" turns it."""
ABOUT = 0.5
"""Likeness to a point from which a sentence is about it."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Words of a sentence that say how much it hurts, by their offsets in it."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hurt:
    """A sentence of the buyer's side with its signs. `is_need`: it was said where the talk was of
    the need, not of money, people or dates. `point` is the number of the point that it is about,
    -1 for none; `answer` says whether it answers a question about a pain with yes or no."""

    sentence: Sentence
    signs: tuple[Sign, ...]
    is_need: bool
    point: int
    near: float
    is_often: bool
    answer: Literal["yes", "no", None] = None

    def has(self, kind: Kind) -> int:
        """How many signs of a kind."""
        return sum(one.kind == kind for one in self.signs)


def hurts(hearing: Hearing, points: tuple[str, ...]) -> tuple[Hurt, ...]:
    """What the buyer's side says, in order; questions and quoted lines are left out."""
    found = (_hurt(hearing, one, points) for one in hearing.buyers() if _counts(one))
    return tuple(found)


def _counts(sentence: Sentence) -> bool:
    return not sentence.is_question and not sentence.text.startswith((">", "|"))


def _hurt(hearing: Hearing, sentence: Sentence, points: tuple[str, ...]) -> Hurt:
    text = plain(sentence.text)
    asked = hearing.asked_before(sentence)
    point, near = nearest(text, points)
    read = patterns("need", hearing.language)
    about_it = asked is None or not read["elsewhere"].search(plain(asked.text))
    itself = not read["elsewhere"].search(text)
    hurt = Hurt(
        sentence, tuple(signs(text, hearing.language)), near >= ABOUT or (about_it and itself),
        point if near >= ABOUT else -1, near, bool(read["often"].search(text)),
    )  # fmt: skip
    return _answering(hearing, hurt, asked, points)


def _answering(
    hearing: Hearing, hurt: Hurt, asked: Sentence | None, points: tuple[str, ...]
) -> Hurt:
    """A yes or a no that opens the reply to a question about a pain: it is about what was asked."""
    if asked is None or asked.side == "buyer" or not hearing.is_first_of_turn(hurt.sentence):
        return hurt
    question = plain(asked.text)
    read = patterns("need", hearing.language)
    point, near = nearest(question, points)
    if read["elsewhere"].search(question) or (near < ABOUT and not read["pain"].search(question)):
        return hurt
    start = plain(hurt.sentence.text)[:40]
    if re.match(r"\W*" + patterns("need", hearing.language)["denial"].pattern, start, re.I):
        return replace(hurt, answer="no", is_need=True)
    if re.match(r"\W*" + patterns("need", hearing.language)["assent"].pattern, start, re.I):
        return replace(hurt, answer="yes", is_need=True, point=point if near >= ABOUT else -1)
    return hurt


def plain(text: str) -> str:
    """The same letters with one kind of apostrophe, at the same places."""
    return text.replace("’", "'").replace("‘", "'").replace("`", "'")


def signs(text: str, language: str) -> Iterator[Sign]:
    """The signs of a text, the longest first, none over another's words."""
    read = patterns("need", language)
    found = [
        Sign(kind, match.start(), match.end())
        for kind in _KINDS
        for match in read[kind].finditer(text)
        if match.end() > match.start()
    ]
    taken: list[Sign] = []
    for one in sorted(found, key=lambda sign: (sign.start - sign.end, _KINDS.index(sign.kind))):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
            yield _turned(one, text, language)


def _turned(sign: Sign, text: str, language: str) -> Sign:
    turned = _TURNED.get(sign.kind)
    if turned is None:
        return sign
    negation = patterns("shared", language)["negation"]
    if sign.kind == "grave" and negation.search(text[sign.start : sign.end]):
        return sign
    before = _WITHIN_TURN.split(text[: sign.start])[-1].split()[-_NOT_WITHIN:]
    return replace(sign, kind=turned) if negation.search(" ".join(before)) else sign
