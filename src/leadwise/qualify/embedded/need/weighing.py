"""The sentences of a talk weighed together: how much there is for "it must be solved"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.qualify.embedded.need.hurt import Hurt, Kind

FULL, FULL_UNOPPOSED = 0.4, 0.1
"""Force from which a pain must be solved (see `Weighed.force`), where something is said against it
and where nothing is: the middle of the gap between both in conversations of ours."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one side says, added up: sentences of each kind, half a sentence where the talk was of
    something else. `likely` is the sentence model's view: of each kind the mean share of the two
    sentences that have most of it; empty without a model. `plans` is 1 where they plan to buy, -1
    where they say that they plan nothing, 0 where they do not tell."""

    grave: float
    mild: float
    trivial: float
    fine: float
    needless: float
    pain: float
    likely: Mapping[str, float]
    plans: int = 0

    @property
    def force(self) -> float:
        """How much there is for "it must be solved" against "it can be borne"."""
        told = 0.25 * min(self.pain, 4.0)
        against = 0.5 * self.mild + 0.7 * self.trivial + 0.3 * self.fine + 0.5 * self.needless
        return min(self.grave, 3.0) + told - against + self.tone + self.intent

    @property
    def intent(self) -> float:
        """What plans tell of a need: who plans no purchase hardly has to solve anything."""
        return _PLANNING if self.plans > 0 else _NO_PLAN * self.plans

    @property
    def tone(self) -> float:
        """The model's part in it: 0 for an average conversation, at most about 1 either way."""
        if not self.likely:
            return 0.0
        hard = self.likely["grave"] + self.likely["pain"] - _USUAL_HARD
        return _TONE * (hard - 0.8 * (self.likely["mild"] - _USUAL_MILD))

    @property
    def softness(self) -> float:
        """The model's part in "it bothers them" against "hardly worth a word"."""
        return self.likely["mild"] - _USUAL_MILD if self.likely else 0.0

    @property
    def is_said(self) -> bool:
        """Whether anything was said of a need."""
        return self.evidence >= _SAID

    @property
    def evidence(self) -> float:
        """How much there is at all."""
        told = self.grave + self.mild + self.needless + 0.6 * self.trivial
        told += 0.4 * self.fine + 0.4 * self.pain
        heard = max((self.likely[kind] for kind in _HEARD), default=0.0) if self.likely else 0.0
        return told + max(0.0, heard - _HEARSAY)


_USUAL_HARD, _USUAL_MILD = 0.75, 0.3
"""What the model gives a conversation on average, over conversations of ours."""
_TONE = 0.7
_PLANNING, _NO_PLAN = 0.4, 0.8
_HEARD = ("grave", "pain", "mild", "trivial", "needless")
_HEARSAY = 0.3
_SAID = 0.45
"""Evidence from which the need was discussed: more than a word of problems."""


def weigh(said: Sequence[Hurt], plans: int = 0) -> Weighed:
    """The sentences added up by kind; where words decide nothing, as the model hears them."""
    by_words = {kind: _sum(said, kind) for kind in _WEIGHED}
    if sum(by_words[kind] for kind in _DECIDING) < 1:
        by_words = {kind: found + _heard(said, kind) for kind, found in by_words.items()}
    grave, mild, trivial, fine, needless, pain = by_words.values()
    return Weighed(grave, mild, trivial, fine, needless, pain, _likely(said), plans)


_DECIDING: tuple[Kind, ...] = ("grave", "mild", "trivial", "needless")
_LIKELY = 0.5
"""Share from which the model alone makes a sentence one of a kind."""


def _heard(said: Sequence[Hurt], kind: Kind) -> float:
    """Sentences that the model alone puts to a kind."""
    if kind == "pain":
        return 0.0
    silent = (one for one in said if one.is_need and not any(s.kind != "pain" for s in one.signs))
    return sum(one.shares[kind] for one in silent if one.shares.get(kind, 0.0) >= _LIKELY)


def _likely(said: Sequence[Hurt]) -> dict[str, float]:
    asked = [one.shares for one in said if one.shares]
    if not asked:
        return {}
    best = {kind: sorted((one[kind] for one in asked), reverse=True)[:2] for kind in asked[0]}
    return {kind: sum(two) / 2 for kind, two in best.items()}


_WEIGHED: tuple[Kind, ...] = ("grave", "mild", "trivial", "fine", "needless", "pain")


_CONFIRMED = 1.5
"""Weight of a pain that comes again and again, or that was asked about and confirmed or denied."""


def _sum(said: Sequence[Hurt], kind: Kind) -> float:
    total = 0.0
    for one in said:
        found = 1.0 if one.has(kind) and not _outdone(one, kind) else 0.0
        if kind == "pain" and one.is_often and found:
            found = _CONFIRMED
        if kind == "pain" and one.answer == "yes" and not one.has("trivial"):
            found = _CONFIRMED
        if kind == "fine" and one.answer == "no" and not one.signs:
            found = _CONFIRMED
        total += found * (1.0 if one.is_need else 0.5 if kind == "grave" else 0.25)
    return total


def _outdone(one: Hurt, kind: Kind) -> bool:
    """Whether another sign of the sentence says the same with more, or takes it back."""
    if kind == "fine":
        return bool(one.has("trivial") or one.has("needless"))
    borne = one.has("trivial") + one.has("fine") + one.has("needless")
    return kind == "pain" and borne > 0 and not one.has("mild") and not one.has("grave")
