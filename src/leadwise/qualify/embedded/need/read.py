"""Need: does what hurts the buyer's side match what is sold, and how much does it hurt?

full: they say of a problem that it must be solved, or what it has cost; partial: it bothers them,
or a part of it does, and they can bear it; low: it is hardly worth a word to them; none: they need
nothing of it. What each sentence says is read by `hurt`; `weighing` adds the sentences up.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.qualify.answer import Answer, Part, Quote, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.need.hurt import Hurt, Kind, hurts, shaded
from leadwise.qualify.embedded.need.points import points_of
from leadwise.qualify.embedded.need.weighing import FULL, FULL_UNOPPOSED, Weighed, weigh
from leadwise.qualify.embedded.timeline.read import read_timeline
from leadwise.qualify.frame.model import Question

_MOST_QUOTES = 3


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
