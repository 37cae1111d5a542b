"""Need: does what hurts the buyer's side match what is sold, and how much does it hurt?

full: they say of a problem that it must be solved, or what it has cost; partial: it bothers them,
or a part of it does, and they can bear it; low: it is hardly worth a word to them; none: they need
nothing of it. What each sentence says is read by `hurt`; here the sentences are weighed together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadwise.qualify.answer import Answer, Part, Quote, Status, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.hurt import Hurt, Kind, hurts
from leadwise.qualify.embedded.points import points_of
from leadwise.qualify.frame.model import Question

_MOST_QUOTES = 3
_FULL = 0.6
"""Weight from which a pain must be solved (see `Weighed.force`)."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one side says, added up: sentences of each kind, half a sentence where the talk was of
    something else."""

    grave: float
    mild: float
    trivial: float
    fine: float
    needless: float
    pain: float

    @property
    def force(self) -> float:
        """How much there is for "it must be solved" against "it can be borne"."""
        told = 0.25 * min(self.pain, 4.0)
        against = 0.5 * self.mild + 0.7 * self.trivial + 0.3 * self.fine + self.needless
        return min(self.grave, 3.0) + told - against

    @property
    def is_said(self) -> bool:
        """Whether anything at all was said of a need."""
        return any((self.grave, self.mild, self.trivial, self.fine, self.needless, self.pain))


def read_need(hearing: Hearing, question: Question) -> Answer:
    """How far the need meets what is sold."""
    points = points_of(hearing.conversation, question)
    said = [one for one in hurts(hearing, points) if one.signs or one.answer]
    if not any(one.is_need for one in said):
        return not_discussed(question.id)
    if differing := _differing(said):
        quotes = _quotes(differing)
        return Answer(question.id, "contradicted", {}, 0.6, quotes, "people differ about the need")
    weighed = weigh(said)
    if _is_needless(said, weighed):
        chosen = [one for one in said if one.has("needless")]
        return Answer(question.id, "none", {}, 0.8, _quotes(chosen), "they need nothing of it")
    match, confidence, why = _match(weighed)
    return _stated(question.id, "stated", match, confidence, why, said, points)


def weigh(said: Sequence[Hurt]) -> Weighed:
    """The sentences added up by kind."""
    return Weighed(*(_sum(said, kind) for kind in _WEIGHED))


_WEIGHED: tuple[Kind, ...] = ("grave", "mild", "trivial", "fine", "needless", "pain")


def _sum(said: Sequence[Hurt], kind: Kind) -> float:
    total = 0.0
    for one in said:
        found = one.has(kind) > 0
        found = found or (kind == "pain" and one.answer == "yes" and not one.has("trivial"))
        found = found or (kind == "fine" and one.answer == "no" and not one.signs)
        total += (1.0 if one.is_need else 0.5 if kind == "grave" else 0.25) if found else 0.0
    return total


def _is_needless(said: Sequence[Hurt], weighed: Weighed) -> bool:
    """They need nothing: said outright, and nothing that hurts is said after it or outweighs it."""
    plainly = [n for n, one in enumerate(said) if one.has("needless")]
    if not plainly or weighed.mild + weighed.trivial > weighed.needless:
        return False
    after = [one for one in said[plainly[-1] + 1 :] if one.has("grave") or one.has("mild")]
    return not after and weighed.grave <= weighed.needless


def _match(weighed: Weighed) -> tuple[str, float, str]:
    force = weighed.force
    if force >= _FULL or not (weighed.mild + weighed.trivial + weighed.fine + weighed.needless):
        why = "it must be solved" if weighed.grave else "they tell what it costs them"
        return "full", min(0.9, 0.6 + 0.15 * force) if weighed.grave else 0.5, why
    borne = weighed.mild + 0.4 * weighed.pain + 0.5 * weighed.grave
    little = weighed.trivial + 0.5 * weighed.fine + 0.3 * weighed.needless
    sure = min(0.8, 0.45 + 0.12 * abs(borne - little))
    if borne >= little:
        return "partial", sure, "it bothers them, they can bear it"
    return "low", sure, "hardly a problem to them"


def _stated(
    name: str, status: Status, match: str, confidence: float, why: str,
    said: Sequence[Hurt], points: tuple[str, ...],
) -> Answer:  # fmt: skip
    pained = {one.point for one in said if _is_pained(one) and one.point >= 0}
    items = tuple(point for number, point in enumerate(points) if number in pained)
    coverage = round(100 * len(items) / len(points)) if points else None
    value: dict[str, Part] = {"match": match, "items": items, "coverage": coverage,
                              "intensity": _intensity(match, weigh(said))}  # fmt: skip
    return Answer(name, status, value, confidence, _quotes(_telling(said, match)), why)


def _is_pained(one: Hurt) -> bool:
    hurting = one.has("grave") + one.has("mild") + one.has("pain") + (one.answer == "yes")
    return hurting > one.has("fine") + one.has("trivial") + one.has("needless")


def _intensity(match: str, weighed: Weighed) -> int:
    """0 to 100: thirds by the match, within them by the weight."""
    within = max(0.0, min(1.0, 0.5 + weighed.force / 4))
    start, width = {"full": (60, 40), "partial": (25, 35), "low": (0, 25)}[match]
    return round(start + width * within)


_TELLING: dict[str, tuple[Kind, ...]] = {
    "full": ("grave", "pain", "mild"),
    "partial": ("mild", "pain", "grave", "trivial", "fine"),
    "low": ("trivial", "fine", "mild", "pain", "needless"),
}


def _telling(said: Sequence[Hurt], match: str) -> list[Hurt]:
    """The sentences that tell most of a match, in the order of the talk."""
    kinds = _TELLING[match]

    def rank(one: Hurt) -> tuple[bool, int, float]:
        best = min((n for n, kind in enumerate(kinds) if one.has(kind)), default=len(kinds))
        return not one.is_need, best, -one.near

    return sorted(sorted(said, key=rank)[:_MOST_QUOTES], key=lambda one: one.sentence.index)


def _quotes(said: Sequence[Hurt]) -> tuple[Quote, ...]:
    return tuple(one.sentence.quote() for one in said[:_MOST_QUOTES])


def _differing(said: Sequence[Hurt]) -> list[Hurt]:
    """A sentence each of two people, where one says that it must be solved and the other that
    there is no problem; empty where nobody differs."""
    speakers = dict.fromkeys(one.sentence.speaker for one in said)
    if len(speakers) < 2:
        return []
    sides = {name: [one for one in said if one.sentence.speaker == name] for name in speakers}
    hard = {name: weigh(own) for name, own in sides.items()}
    for yes, for_it in hard.items():
        for no, against in hard.items():
            denies = against.needless and not against.grave and against.force < 0
            if yes != no and for_it.grave >= 1 and for_it.force > 0 and denies:
                first = next(one for one in sides[no] if one.has("needless") or one.has("fine"))
                second = next(one for one in sides[yes] if one.has("grave"))
                return sorted((first, second), key=lambda one: one.sentence.index)
    return []
