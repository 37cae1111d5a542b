"""Two people of the buyer's side who differ: one has a pain, the other says that there is none."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.qualify.embedded.need.hurt import Hurt
from leadwise.qualify.embedded.need.weighing import weigh

_APART = 2
"""Turns between a claim and its denial."""
_CLEAR = 0.55
"""Share of the model's from which a sentence claims a pain, or denies one."""


def differing(said: Sequence[Hurt]) -> list[Hurt]:
    """A sentence each of two people, where one says that it must be solved and the other that
    there is no problem; empty where nobody differs."""
    speakers = dict.fromkeys(one.sentence.speaker for one in said)
    if len(speakers) < 2:
        return []
    sides = {name: [one for one in said if one.sentence.speaker == name] for name in speakers}
    return _by_words(sides) or _as_heard(sides)


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


def _as_heard(sides: dict[str, list[Hurt]]) -> list[Hurt]:
    """A claim and its denial as the model hears them, close to each other."""
    for yes, claiming in sides.items():
        for no, denying in sides.items():
            if yes == no or _sum(claiming) <= 0 or _sum(denying) >= 0:
                continue
            pairs = [
                (one, other)
                for one in claiming
                for other in denying
                if _claimed(one) >= _CLEAR and _denied(other) >= _CLEAR
                and abs(one.sentence.turn - other.sentence.turn) <= _APART
            ]  # fmt: skip
            if pairs:
                return sorted(pairs[0], key=lambda one: one.sentence.index)
    return []


def _sum(said: Sequence[Hurt]) -> float:
    return sum(_claimed(one) - _denied(one) for one in said)


def _claimed(one: Hurt) -> float:
    return sum(one.shares.get(kind, 0.0) for kind in ("grave", "pain"))


def _denied(one: Hurt) -> float:
    return sum(one.shares.get(kind, 0.0) for kind in ("fine", "needless", "trivial"))
