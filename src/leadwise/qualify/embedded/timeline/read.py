"""Read of timeline: until when the buyer's side wants to have signed or ordered.

The plainest statement wins, a later correction before an earlier one; people of the buyer's side
who openly differ contradict each other; "no plans, no rush" is none; "no date yet" is unknown.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from leadwise.qualify.answer import Answer, Part, Quote, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.time.dates import months_until
from leadwise.qualify.embedded.timeline.said import said_of
from leadwise.qualify.embedded.timeline.talk import ENOUGH, Said
from leadwise.qualify.embedded.words import patterns
from leadwise.qualify.frame.model import Question

_SLACK = 1.0
"""How much less plainly a later statement may be said and still hold."""
_YEAR = 12
_PLAIN = 3.0
"""From this weight on "no plans" is said in so many words."""
_APART = 0.6
"""Months from which two dates differ."""


def read_timeline(hearing: Hearing, question: Question) -> Answer:
    """The answer: `months` from the day of the conversation, `by` the day itself."""
    said = said_of(hearing)
    dated = [one for one in said if one.kind in ("date", "not_before") and one.weight >= ENOUGH]
    none = [one for one in said if one.kind == "none"]
    if dated:
        if (differ := _contradicted(hearing, said, dated)) is not None:
            return _contradiction(question, differ)
        chosen = _chosen(dated)
        if none and _denies(hearing, none[-1], chosen):
            return _contradiction(question, (chosen, none[-1]))
        if not (none and _gives_up(none[-1], chosen)):
            return _stated(hearing, question, chosen, dated)
    if none:
        best = max(none, key=lambda one: (one.weight, one.sentence.index))
        confidence = 0.85 if best.weight >= 4 else 0.65
        return Answer(question.id, "none", {}, confidence, best.quotes, "they have no plan to buy")
    rejects = [one for one in said if one.kind == "rejects" and one.weight >= ENOUGH]
    if rejects and any(one.when and _is_long(one) for one in rejects):
        last = rejects[-1]
        return Answer(question.id, "none", {}, 0.6, last.quotes, "not then, and no other date")
    return not_discussed(question.id)


def _stated(hearing: Hearing, question: Question, chosen: Said, dated: list[Said]) -> Answer:
    day = hearing.conversation.held_on
    last = chosen.last or day
    months = months_until(day, last)
    confidence = min(0.95, 0.5 + 0.08 * chosen.weight)
    if chosen.kind == "not_before":
        confidence = min(confidence, 0.5)
    others = {one.last for one in dated if one.last} - {chosen.last}
    if any(_apart(one, last, day) for one in others):
        confidence = min(confidence, 0.7)
    why = "the last of several dates" if others else "the date that they name"
    value: dict[str, Part] = {"months": months, "by": last.isoformat()}
    return Answer(question.id, "stated", value, round(confidence, 2), chosen.quotes, why)


def _is_long(said: Said) -> bool:
    """Whether what is refused is a year or more: then there is no plan."""
    when = said.when
    return when is not None and (
        when.grain == "year" or (when.length is not None and when.length.months >= _YEAR)
    )


def _chosen(dated: list[Said]) -> Said:
    """The plainest; a later one holds where it corrects, or is about as plain."""
    chosen = dated[0]
    for one in dated[1:]:
        slack = 2.5 if one.corrects else _SLACK
        if one.sentence.index == chosen.sentence.index:
            slack = 0.0
        if one.kind == "not_before" and chosen.kind == "date":
            slack = 0.0 if one.corrects else -1.0
        if one.weight >= chosen.weight - slack:
            chosen = one
    return chosen


def _gives_up(none: Said, chosen: Said) -> bool:
    """Whether "no plans" holds against a date: said later, or far more plainly."""
    if none.speaker == chosen.speaker and none.sentence.index > chosen.sentence.index:
        return none.weight > chosen.weight or none.corrects
    return none.weight > chosen.weight


def _denies(hearing: Hearing, none: Said, chosen: Said) -> bool:
    """Whether a colleague says right after a date that nothing is planned at all."""
    turns = none.sentence.turn - chosen.sentence.turn
    return (
        none.speaker != chosen.speaker
        and none.weight >= _PLAIN
        and chosen.sentence.side == "buyer"
        and 0 < turns <= 3
        and not _gave_in(hearing, chosen.speaker, none)
    )


def _contradicted(
    hearing: Hearing, said: list[Said], dated: list[Said]
) -> tuple[Said, Said] | None:
    """Two people of the buyer's side whose last words on the date differ, none giving in."""
    day = hearing.conversation.held_on
    last: dict[str, Said] = {}
    for one in dated:
        last[one.speaker] = one
    rejects = [one for one in said if one.kind == "rejects"]
    for one in rejects:
        # who refuses a colleague's date and names none stands against it
        against = [p for p in dated if p.speaker != one.speaker and p.last and one.last
                   and p.sentence.index < one.sentence.index
                   and not _apart(p.last, one.last, day)]  # fmt: skip
        if against and one.speaker not in last:
            last[one.speaker] = one
    ordered = sorted(last.values(), key=lambda one: one.sentence.index)
    if len(ordered) < 2:
        return None
    first, second = ordered[-2], ordered[-1]
    if not _differ(first, second, day):
        return None
    if _gave_in(hearing, first.speaker, second) or _adapted(dated, first, second, day):
        return None
    against = sorted([*dated, *rejects], key=lambda one: one.sentence.index)
    if (
        _objects(hearing, second.sentence)
        or second.kind in ("rejects", "not_before")
        or _insists(against, first, second)
    ):
        return first, second
    return None


def _adapted(dated: list[Said], first: Said, second: Said, day: date) -> bool:
    """Whether who spoke last has left a date of their own, towards the other's or corrected."""
    before = [
        one.last
        for one in dated
        if one.speaker == second.speaker and one.sentence.index < first.sentence.index
    ]
    own = before[-1] if before else None
    if own is None or second.last is None or second.kind == "rejects":
        return False
    nearer = first.last is not None and abs(second.last - first.last) < abs(own - first.last)
    return _apart(own, second.last, day) and (nearer or second.corrects)


def _differ(first: Said, second: Said, day: date) -> bool:
    if first.last is None or second.last is None:
        return False
    kinds = (first.kind, second.kind)
    if kinds == ("not_before", "date") and second.last >= first.last:
        return False
    if kinds == ("date", "not_before") and first.last >= second.last:
        return False
    if "rejects" in kinds:
        return not _apart(first.last, second.last, day)
    return _apart(first.last, second.last, day)


def _insists(dated: list[Said], first: Said, second: Said) -> bool:
    """Whether one came back to a date after the other had named another: A, B, A."""
    order = [one.speaker for one in dated if one.speaker in (first.speaker, second.speaker)]
    turns = sum(1 for a, b in pairwise(order) if a != b)
    return turns >= 2


def _objects(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether somebody objects, in the sentence or before it in the same turn."""
    words = patterns("timeline", hearing.language)
    turn = [one for one in hearing.sentences[: sentence.index + 1] if one.turn == sentence.turn]
    return any(words["disagree"].search(one.text[:80]) for one in turn)


def _gave_in(hearing: Hearing, speaker: str, other: Said) -> bool:
    """Whether somebody agrees after a colleague's date."""
    words = patterns("timeline", hearing.language)
    for one in hearing.sentences[other.sentence.index + 1 :]:
        if one.turn > other.sentence.turn + 4:
            return False
        if one.speaker == speaker and one.turn > other.sentence.turn:
            start = one.text[:60]
            against = words["disagree"].search(start) or hearing.says("negation", start)
            return bool(words["agree"].search(start)) and not against
    return False


def _contradiction(question: Question, differ: tuple[Said, Said]) -> Answer:
    quotes: tuple[Quote, ...] = tuple(quote for one in differ for quote in one.quotes)
    names = " and ".join(one.speaker for one in differ)
    why = f"{names} differ on the date"
    return Answer(question.id, "contradicted", {}, 0.7, quotes, why)


def _apart(one: date, other: date, day: date) -> bool:
    """Whether two dates differ by more than months are told apart by."""
    months = abs((one - other).days) / 30.44
    return months > max(_APART, 0.15 * abs((one - day).days) / 30.44)
