"""Need: does what hurts the buyer's side match what is sold, and how much does it hurt?

full: they say of a problem that it must be solved, or what it has cost; partial: it bothers them,
or a part of it does, and they can bear it; low: it is hardly worth a word to them; none: they need
nothing of it. What each sentence says is read by `hurt`; `outcome` hears what they say together,
and where there is no sentence model `weighing` adds their words up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadwise.qualify.answer import Answer, Part, Quote, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.need.differing import differing
from leadwise.qualify.embedded.need.hurt import Hurt, Kind, hurts, plain, shaded
from leadwise.qualify.embedded.need.outcome import outcome
from leadwise.qualify.embedded.need.points import points_of
from leadwise.qualify.embedded.need.weighing import FULL, FULL_UNOPPOSED, Weighed, weigh
from leadwise.qualify.embedded.timeline.read import read_timeline
from leadwise.qualify.frame.model import Question

_MOST_QUOTES = 3


def read_need(hearing: Hearing, question: Question) -> Answer:
    """How far the need meets what is sold."""
    points = points_of(hearing.conversation, question)
    heard = shaded(hearing, hurts(hearing, points))
    said = [one for one in heard if one.signs or one.answer or one.shares]
    if apart := differing(said, hearing.language):
        quotes = _quotes(apart)
        return Answer(question.id, "contradicted", {}, 0.6, quotes, "people differ about the need")
    likely = outcome(said)
    if likely is not None:
        return _as_heard(hearing, question.id, likely, said, points)
    return _by_words(hearing, question.id, said, points)


def _as_heard(
    hearing: Hearing, name: str, likely: Mapping[str, float], said: Sequence[Hurt],
    points: tuple[str, ...],
) -> Answer:  # fmt: skip
    """The answer as the talk's sentences together have it."""
    stated = sum(likely[one] for one in _WHY)
    shares = {"stated": stated, **{one: likely[one] for one in ("none", "not_discussed")}}
    status = max(shares, key=lambda one: shares[one])
    if status == "not_discussed":
        return not_discussed(name)
    if status == "none":
        chosen = sorted(said, key=_denied, reverse=True)[:_MOST_QUOTES]
        chosen = [one for one in chosen if _denied(one) >= _DENIES] or chosen[:1]
        chosen.sort(key=lambda one: one.sentence.index)
        why = "they need nothing of it"
        return Answer(name, "none", {}, min(_SUREST, likely["none"]), _quotes(chosen), why)
    match = max(_WHY, key=lambda one: likely[one])
    sure = min(_SUREST, likely[match])
    return _stated(hearing, name, (match, sure, _WHY[match]), weigh(said), said, points)


_WHY = {
    "full": "it must be solved",
    "partial": "it bothers them, they can bear it",
    "low": "hardly a problem to them",
}
_SUREST = 0.9
_DENIES = 0.5
"""How much a sentence says that there is nothing to solve, from which it proves it."""


def _denied(one: Hurt) -> float:
    """How much a sentence says that there is nothing to solve."""
    heard = one.shares.get("needless", 0.0) + one.shares.get("fine", 0.0)
    return max(
        heard, 0.9 * (one.has("needless") > 0), 0.6 * (one.answer == "no" or one.has("fine") > 0)
    )


def _by_words(hearing: Hearing, name: str, said: Sequence[Hurt], points: tuple[str, ...]) -> Answer:
    """The answer as the words have it, where there is no sentence model."""
    if not any(one.is_need for one in said) or not weigh(said).is_said:
        return not_discussed(name)
    weighed = weigh(said, _plans(hearing))
    if _is_needless(said, weighed):
        chosen = [one for one in said if one.has("needless")]
        return Answer(name, "none", {}, 0.8, _quotes(chosen), "they need nothing of it")
    return _stated(hearing, name, _match(weighed), weighed, said, points)


def _plans(hearing: Hearing) -> int:
    """Whether they plan to buy: 1, -1 where they plan nothing, 0 where they do not tell."""
    read = read_timeline(hearing, Question("timeline", "timeline", {}))
    return {"stated": 1, "contradicted": 1, "none": -1, "not_discussed": 0}[read.status]


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
    if force >= (FULL if opposed else FULL_UNOPPOSED):
        why = "it must be solved" if weighed.grave else "they tell what it costs them"
        return "full", min(0.9, 0.6 + 0.15 * force) if weighed.grave else 0.5, why
    borne = weighed.mild + 0.55 * weighed.pain + 0.5 * weighed.grave + weighed.softness
    little = weighed.trivial + 0.5 * weighed.fine + 0.3 * weighed.needless - 0.8 * weighed.plans
    sure = min(0.8, 0.45 + 0.12 * abs(borne - little))
    if borne >= little:
        return "partial", sure, "it bothers them, they can bear it"
    return "low", sure, "hardly a problem to them"


def _stated(
    hearing: Hearing, name: str, judged: tuple[str, float, str], weighed: Weighed,
    said: Sequence[Hurt], points: tuple[str, ...],
) -> Answer:  # fmt: skip
    match, confidence, why = judged
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
    texts = [plain(one.sentence.text) for one in unplaced]
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

    def rank(one: Hurt) -> tuple[bool, float, float]:
        best = min((n for n, kind in enumerate(kinds) if one.has(kind)), default=len(kinds))
        heard = sum(w * one.shares.get(kind, 0.0) for w, kind in zip(_HEARD, kinds, strict=False))
        return not one.is_need, best - _BY_SHARE * heard, -one.near

    ranked = sorted(said, key=rank)[:_MOST_QUOTES]
    telling = [one for one in ranked if _is_telling(one)] or ranked[:1]
    return sorted(telling, key=lambda one: one.sentence.index)


_HEARD = (1.0, 0.8, 0.6, 0.4)
_BY_SHARE = 4.0
"""Places that a sentence moves up which the model puts to the first kind."""


def _is_telling(one: Hurt) -> bool:
    """Whether a sentence says anything of a need, not only something beside it."""
    beside = one.shares.get("other", 0.0) + one.shares.get("apart", 0.0)
    return bool(one.signs or one.answer) or beside < 0.6


def _quotes(said: Sequence[Hurt]) -> tuple[Quote, ...]:
    return tuple(one.sentence.quote() for one in said[:_MOST_QUOTES])
