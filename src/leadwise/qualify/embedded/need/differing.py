"""Two people of the buyer's side who differ: one has a pain, the other says that there is none."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.qualify.embedded.need.hurt import Hurt, plain
from leadwise.qualify.embedded.need.points import alike
from leadwise.qualify.embedded.need.weighing import weigh
from leadwise.qualify.embedded.words import patterns

_CLEAR = 0.4
"""Share of the model's from which a sentence claims a pain, or denies one."""
_START = 40
"""Characters at the start of a turn in which a "no" contradicts the turn before."""


def differing(said: Sequence[Hurt], language: str) -> list[Hurt]:
    """A sentence each of two people, where one says that it must be solved and the other that
    there is no problem; empty where nobody differs."""
    speakers = dict.fromkeys(one.sentence.speaker for one in said)
    if len(speakers) < 2:
        return []
    sides = {name: [one for one in said if one.sentence.speaker == name] for name in speakers}
    return _by_words(sides) or _contradicted(said, language)


def _by_words(sides: dict[str, list[Hurt]]) -> list[Hurt]:
    hard = {name: weigh(own) for name, own in sides.items()}
    for yes, for_it in hard.items():
        for no, against in hard.items():
            denies = against.needless and not against.grave and against.force < 0
            denials = [one for one in sides[no] if one.has("needless") or one.has("fine")]
            claims = [one for one in sides[yes] if one.has("grave")]
            if yes != no and for_it.force > 0 and denies and denials and claims:
                return sorted((denials[0], claims[0]), key=lambda one: one.sentence.index)
    return []


def _contradicted(said: Sequence[Hurt], language: str) -> list[Hurt]:
    """A claim and its denial by somebody else in the turn that follows, as the model hears them: a
    turn that opens with a "no", and tells more of what works than of what hurts."""
    turns: dict[int, list[Hurt]] = {}
    for one in said:
        turns.setdefault(one.sentence.turn, []).append(one)
    negation = patterns("shared", language)["negation"]
    for number, denying in turns.items():
        claiming = turns.get(number - 1, [])
        start = " ".join(plain(one.sentence.text) for one in denying)[:_START]
        if not claiming or claiming[0].sentence.speaker == denying[0].sentence.speaker:
            continue
        claim, denial = max(claiming, key=_claimed), max(denying, key=_denied)
        clear = _claimed(claim) >= _CLEAR and _denied(denial) >= _CLEAR
        if (
            not clear
            or not negation.search(start)
            or not _is_same(claim, denial, claiming, denying)
        ):
            continue
        own = [one for one in said if one.sentence.speaker == denial.sentence.speaker]
        if _sum(claiming) > 0 > max(_sum(denying), _sum(own)):
            return [claim, denial]
    return []


def _is_same(claim: Hurt, denial: Hurt, claiming: Sequence[Hurt], denying: Sequence[Hurt]) -> bool:
    """Whether both speak of a pain, and of one: by their words, or by a sign in each."""
    signs = any(one.signs for one in claiming) and any(
        one.has("fine") or one.has("needless") or one.has("trivial") for one in denying
    )
    return signs or alike(denial.sentence.text, claim.sentence.text) >= _SAME


_SAME = 0.15
"""Likeness by words from which a denial is of what was claimed."""


def _sum(said: Sequence[Hurt]) -> float:
    return sum(_claimed(one) - _denied(one) for one in said)


def _claimed(one: Hurt) -> float:
    heard = sum(one.shares.get(kind, 0.0) for kind in ("grave", "pain"))
    return max(heard, 0.7 if one.has("grave") else 0.0)


def _denied(one: Hurt) -> float:
    heard = sum(one.shares.get(kind, 0.0) for kind in ("fine", "needless", "trivial"))
    return max(heard, 0.7 if one.has("fine") or one.has("needless") else 0.0)
