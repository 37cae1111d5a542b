"""How much it hurts, sentence by sentence: what the buyer's side says of its pains.

A sentence carries signs: words that say that a thing must be solved (grave), that it bothers but
can be borne (mild), that it is hardly worth a word (trivial), that this part works (fine), that
they need nothing of it (needless), or words of problems alone (pain). Where two overlap the longer
counts, so "not the end of the world" is no end of the world; a "not" before turns a sign around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.need.points import nearest
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import shares
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
    -1 for none; `answer` says whether it answers a question about a pain with yes or no. `shares`
    are the sentence model's likely kinds; empty where it was not asked."""

    sentence: Sentence
    signs: tuple[Sign, ...]
    is_need: bool
    point: int
    near: float
    is_often: bool
    answer: Literal["yes", "no", None] = None
    shares: Mapping[str, float] = field(default_factory=dict)

    def has(self, kind: Kind) -> int:
        """How many signs of a kind."""
        return sum(one.kind == kind for one in self.signs)


def hurts(hearing: Hearing, points: tuple[str, ...]) -> tuple[Hurt, ...]:
    """What the buyer's side says, in order; questions, quoted lines, text that would instruct the
    reader and what the seller then says that the product does not do are left out."""
    void = instructions_in(hearing)
    outside = _outside(hearing)
    said = (one for one in hearing.buyers() if _counts(one) and one.index not in void)
    return tuple(_hurt(hearing, one, points) for one in said if one.turn not in outside)


def _outside(hearing: Hearing) -> set[int]:
    """Turns whose pain the seller at once says that they do not solve."""
    pattern = patterns("need", hearing.language)["outside"]
    first: dict[int, str] = {}
    for one in hearing.sentences:
        if one.side == "seller":
            first[one.turn] = f"{first.get(one.turn, '')} {plain(one.text)}"[:_OPENING]
    return {turn - 1 for turn, text in first.items() if pattern.search(text)}


_OPENING = 120
"""Characters at the start of a seller's reply that are about what was just said."""


_MOST_ASKED = 8
"""Sentences that the model is asked about: about 25 ms each, and more of them tell no more."""
_SHORTEST = 3
"""Words of a sentence that says something by itself."""
_BARE = 6
"""Words up to which the reply to a question is put beside it: "Never." tells of what was asked."""
_NEARISH = 0.25


def shaded(hearing: Hearing, said: tuple[Hurt, ...]) -> tuple[Hurt, ...]:
    """With the sentence model's view of what was said of the need: of sentences with signs or near
    to a point first, then in the order of the talk. A short reply goes with its question."""
    texts = {n: _asking(hearing, one) for n, one in enumerate(said) if one.is_need}
    asked = [n for n, text in texts.items() if text]
    asked.sort(key=lambda n: not (said[n].signs or said[n].answer or said[n].near > _NEARISH))
    chosen = asked[:_MOST_ASKED]
    found = shares("need", [texts[n] for n in chosen], hearing.vectors)
    if found is None:
        return said
    seen = dict(zip(chosen, found, strict=True))
    return tuple(replace(one, shares=seen.get(n, {})) for n, one in enumerate(said))


def _asking(hearing: Hearing, one: Hurt) -> str:
    """What the model is asked about a sentence; empty for one that says nothing by itself."""
    text = plain(one.sentence.text)
    words = len(text.split())
    if words <= _BARE and hearing.is_first_of_turn(one.sentence):
        asked = hearing.asked_before(one.sentence)
        if asked is not None and asked.side != "buyer" and asked.is_question:
            return f"{plain(asked.text)} {text}"
    return text if words >= _SHORTEST else ""


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
        sentence, _signs(text, hearing.language), near >= ABOUT or (about_it and itself),
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


def _signs(text: str, language: str) -> tuple[Sign, ...]:
    """The signs of a sentence. That they need nothing takes a whole sentence of its own: "no need"
    alone answers something else, and beside what hurts it is about the rest."""
    found = tuple(signs(text, language))
    kinds = {one.kind for one in found}
    if len(text.split()) < _SHORTEST or "mild" in kinds or "grave" in kinds:
        return tuple(one for one in found if one.kind != "needless")
    return found


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
            rest = _without(text, taken)
            taken.append(one)
            yield _turned(one, rest, language)


def _without(text: str, taken: list[Sign]) -> str:
    """The text with other signs' words blanked: their "not" is their own."""
    for one in taken:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _turned(sign: Sign, text: str, language: str) -> Sign:
    turned = _TURNED.get(sign.kind)
    if turned is None:
        return sign
    negation = patterns("shared", language)["negation"]
    if sign.kind == "grave" and negation.search(text[sign.start : sign.end]):
        return sign
    before = _WITHIN_TURN.split(text[: sign.start])[-1].split()[-_NOT_WITHIN:]
    return replace(sign, kind=turned) if negation.search(" ".join(before)) else sign
