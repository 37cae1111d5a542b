"""Need: does what hurts the buyer's side match what is sold, and how much does it hurt?

full: they say of a problem that it must be solved, or what it has cost; partial: it bothers them,
or a part of it does, and they can bear it; low: it is hardly worth a word to them; none: they need
nothing of it. What each sentence says is read by `hurt`; here the sentences are weighed together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadwise.qualify.answer import Answer, Part, Quote, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.hurt import Hurt, Kind, hurts, shaded
from leadwise.qualify.embedded.points import points_of
from leadwise.qualify.embedded.timeline import read_timeline
from leadwise.qualify.frame.model import Question

_MOST_QUOTES = 3
_FULL, _FULL_UNOPPOSED = 0.4, 0.1
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
    def is_plain(self) -> bool:
        """Whether words alone leave no doubt, so that the model need not be asked."""
        return abs(self.force - _FULL) > _DOUBT

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
_DOUBT = 1.1
_HEARD = ("grave", "pain", "mild", "trivial", "needless")
_HEARSAY = 0.3
_SAID = 0.45
"""Evidence from which the need was discussed: more than a word of problems."""


def read_need(hearing: Hearing, question: Question) -> Answer:
    """How far the need meets what is sold."""
    points = points_of(hearing.conversation, question)
    heard = hurts(hearing, points)
    plans = _plans(hearing)
    if not weigh(heard, plans).is_plain:
        heard = shaded(hearing, heard)
    said = [one for one in heard if one.signs or one.answer or one.shares]
    if not any(one.is_need for one in said) or not weigh(said).is_said:
        return not_discussed(question.id)
    if differing := _differing(said):
        quotes = _quotes(differing)
        return Answer(question.id, "contradicted", {}, 0.6, quotes, "people differ about the need")
    weighed = weigh(said, plans)
    if _is_needless(said, weighed):
        chosen = [one for one in said if one.has("needless")]
        return Answer(question.id, "none", {}, 0.8, _quotes(chosen), "they need nothing of it")
    return _stated(hearing, question.id, weighed, said, points)


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


def _plans(hearing: Hearing) -> int:
    """Whether they plan to buy: 1, -1 where they plan nothing, 0 where they do not tell."""
    read = read_timeline(hearing, Question("timeline", "timeline", {}))
    return {"stated": 1, "contradicted": 1, "none": -1, "not_discussed": 0}[read.status]


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


def _is_needless(said: Sequence[Hurt], weighed: Weighed) -> bool:
    """They need nothing: said outright, and nothing that hurts is said after it or outweighs it."""
    plainly = [n for n, one in enumerate(said) if one.has("needless")]
    firm = [said[n] for n in plainly]
    if not plainly or weighed.mild + weighed.trivial > weighed.needless:
        return False
    after = [one for one in said[plainly[-1] + 1 :] if one.has("grave") or one.has("mild")]
    said_so = sum(0.5 + 0.5 * (one.has("needless") + one.has("fine")) for one in firm)
    return not after and weighed.grave < said_so


def _match(weighed: Weighed) -> tuple[str, float, str]:
    force = weighed.force
    opposed = weighed.mild + weighed.trivial + weighed.fine + weighed.needless
    if force >= (_FULL if opposed else _FULL_UNOPPOSED):
        why = "it must be solved" if weighed.grave else "they tell what it costs them"
        return "full", min(0.9, 0.6 + 0.15 * force) if weighed.grave else 0.5, why
    borne = weighed.mild + 0.55 * weighed.pain + 0.5 * weighed.grave + weighed.softness
    little = weighed.trivial + 0.5 * weighed.fine + 0.3 * weighed.needless - 0.8 * weighed.plans
    sure = min(0.8, 0.45 + 0.12 * abs(borne - little))
    if borne >= little:
        return "partial", sure, "it bothers them, they can bear it"
    return "low", sure, "hardly a problem to them"


def _stated(
    hearing: Hearing, name: str, weighed: Weighed, said: Sequence[Hurt], points: tuple[str, ...],
) -> Answer:  # fmt: skip
    match, confidence, why = _match(weighed)
    pained = _pained_points(hearing, said, points)
    items = tuple(point for number, point in enumerate(points) if number in pained)
    coverage = round(100 * len(items) / len(points)) if points else None
    value: dict[str, Part] = {"match": match, "items": items, "coverage": coverage,
                              "intensity": _intensity(match, weighed)}  # fmt: skip
    return Answer(name, "stated", value, confidence, _quotes(_telling(said, match)), why)


def _pained_points(hearing: Hearing, said: Sequence[Hurt], points: tuple[str, ...]) -> set[int]:
    """The points that what hurts is about: by their words, or as the sentence model has it for the
    sentences that tell most."""
    hurting = [one for one in said if one.is_need and _is_pained(one)]
    found = {one.point for one in hurting if one.point >= 0}
    unplaced = [one for one in _telling(hurting, "full") if one.point < 0]
    texts = [one.sentence.text for one in unplaced]
    near = [hearing.nearness(texts, (point,)) for point in points]
    for number in range(len(texts)):
        row = [each[number] for each in near if each is not None]
        if row and max(row) >= _ABOUT_POINT:
            found.add(row.index(max(row)))
    return found


_ABOUT_POINT = 0.36
"""Nearness from which the model puts a sentence to a point: a cosine of 0.84."""


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
            denials = [one for one in sides[no] if one.has("needless") or one.has("fine")]
            claims = [one for one in sides[yes] if one.has("grave")]
            if yes != no and for_it.force > 0 and denies and denials and claims:
                return sorted((denials[0], claims[0]), key=lambda one: one.sentence.index)
    return []
