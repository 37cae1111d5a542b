"""What stands in the end, where several things were said.

The last correction wins, a later more precise statement refines, and people of the buyer's side
who openly differ contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadwise.qualify.answer import Status
from leadwise.qualify.embedded.budget.said import Said
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.money.amounts import amounts
from leadwise.qualify.embedded.money.context import STRONG, plain
from leadwise.qualify.embedded.money.sense import differing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

_SAME = 0.02
_PLAINER = 1.0
"""How much more plainly there must be money once somebody has said that there is none."""
_AFTER = 4
"""Turns after the last word in which one may still give way."""
_LIKELY = 0.6
"""From this share on a sentence gives way, or insists."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What counts. `position` is the last word, `proof` what proves it, `near` the amounts said
    around it, the nearest first (their currency may be its)."""

    status: Status
    position: Said
    proof: tuple[Said, ...]
    near: tuple[Said, ...]
    confidence: float
    why: str


def settled(hearing: Hearing, said: Sequence[Said]) -> Outcome | None:
    """The answer that everything said amounts to; None where nothing was."""
    speakers = list(dict.fromkeys(one.speaker for one in said))
    ends = [end for name in speakers if (end := _position(said, name)) is not None]
    if not ends:
        return None
    ends.sort(key=lambda one: one[-1].sentence.index)
    last = ends[-1]
    for earlier in ends[:-1]:
        if _differ(earlier[-1], last[-1]):
            if _is_open(hearing, earlier, last):
                return _contradicted(earlier, last)
        elif _is_firmer(earlier[-1], last[-1]):
            last = earlier
    return _outcome(last, said)


def _position(said: Sequence[Said], speaker: str) -> list[Said] | None:
    """Where one speaker ends up: the last word first found, with what repeats it."""
    held: list[Said] = []
    for one in said:
        if one.speaker != speaker or one.kind in ("unknown", "withheld"):
            continue
        held = _after(held, one)
    return held or None


def _after(held: list[Said], one: Said) -> list[Said]:
    """What a speaker stands for after one more sentence."""
    if not held:
        return [one]
    last = held[-1]
    if last.kind == "none" and one.kind != "none" and _stays_none(last, one):
        return held
    if one.kind == "approved":
        return held if last.kind in ("amount", "approved") else [one]
    if one.kind == "none":
        if last.kind != "amount":
            return [*held, one] if last.kind == "none" else [one]
        later = one.sentence.turn > last.sentence.turn or one.corrects or last.past
        plainly = one.weight >= min(last.weight - 2, STRONG)
        return [one] if (later and plainly) or one.weight >= max(last.weight, STRONG) else held
    if last.kind != "amount":
        return [one]
    if _same(last, one):
        return [*held, _more_precise(last, one)]
    if one.stretch and one.amount and last.amount and one.amount.value > last.amount.value:
        low = last.amount.low if last.amount.low is not None else last.amount.high
        both = replace(one.amount, low=low, high=one.amount.high or one.amount.low)
        return [*held, replace(one, amount=both)]
    if one.corrects or one.weight >= min(last.weight - 1.5, STRONG):
        return [one]
    return held


def _stays_none(none: Said, one: Said) -> bool:
    """Whether "there is none" outlasts what the same person says later: a price, a wish."""
    if one.corrects:
        return one.weight < none.weight
    return one.weight < none.weight + _PLAINER


def _more_precise(last: Said, one: Said) -> Said:
    """The later of two that say the same, with what only the earlier one says."""
    if one.amount is None or last.amount is None:
        return one
    amount = replace(
        one.amount,
        currency=one.amount.currency or last.amount.currency,
        times=one.amount.times or last.amount.times,
    )
    if amount.low == amount.high and last.amount.low != last.amount.high:
        amount = replace(amount, low=last.amount.low, high=last.amount.high)
    return replace(one, amount=amount, weight=max(one.weight, last.weight))


def _same(a: Said, b: Said) -> bool:
    """Whether two amounts say the same money: a bound in common."""
    if a.amount is None or b.amount is None:
        return a.kind == b.kind
    mine = {a.amount.low, a.amount.high} - {None}
    theirs = {b.amount.low, b.amount.high} - {None}
    return any(abs(x - y) <= _SAME * max(x, y) for x in mine for y in theirs if x and y)


def _differ(a: Said, b: Said) -> bool:
    """Whether two people's last words exclude each other; a figure that was does not."""
    if a.kind == "amount" and a.past:
        return False
    if a.kind == "amount" and b.kind == "amount":
        return not _same(a, b)
    return "none" in (a.kind, b.kind) and a.kind != b.kind


def _is_firmer(a: Said, b: Said) -> bool:
    """Of two that agree, the one with an amount counts, then the one said more plainly."""
    if (a.amount is None) != (b.amount is None):
        return a.amount is not None
    if a.amount and b.amount and a.amount.low != a.amount.high and b.amount.low == b.amount.high:
        return False
    return a.weight > b.weight + 2


def _is_open(hearing: Hearing, earlier: list[Said], later: list[Said]) -> bool:
    """Whether two people leave it at that: neither gives way after they have differed. A second
    figure that nobody objects to is one more precise, unless it denies the first outright."""
    names = {earlier[-1].speaker, later[-1].speaker}
    second = max(earlier[0].sentence.index, later[0].sentence.index)
    objects = "none" in (earlier[-1].kind, later[-1].kind)
    for one in hearing.sentences[second:]:
        if one.speaker not in names or one.side != "buyer":
            continue
        if one.turn > later[-1].sentence.turn + _AFTER:
            break
        if one.index > second and _repeats(hearing, one, earlier, later):
            objects = True
        elif one.index > second and _gives_way(hearing, one):
            objects = False
        elif _objects(hearing, one):
            objects = True
    # who said it first, was contradicted and says it again, insists
    return objects or later[0].sentence.index < earlier[0].sentence.index


def _repeats(hearing: Hearing, sentence: Sentence, earlier: list[Said], later: list[Said]) -> bool:
    """Whether one of the two says the own figure again ("and I say thirty")."""
    own = earlier if earlier[-1].speaker == sentence.speaker else later
    held = {own[-1].amount.low, own[-1].amount.high} if own[-1].amount else set()
    return any(
        abs(bound - factor * one.value) <= _SAME * bound
        for one in amounts(sentence.text, hearing.language)
        for bound in held
        if bound
        for factor in (1.0, 1e3, 1e6)
    )


def _gives_way(hearing: Hearing, sentence: Sentence) -> bool:
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    if words["object"].search(text):
        return False
    meant = differing(hearing, sentence)
    if meant is None:
        return bool(words["concede"].match(text.lstrip()))
    return meant["concedes"] > _LIKELY or (
        bool(words["concede"].match(text.lstrip())) and meant["insists"] < _LIKELY
    )


def _objects(hearing: Hearing, sentence: Sentence) -> bool:
    if patterns("money", hearing.language)["object"].search(plain(sentence.text)):
        return True
    meant = differing(hearing, sentence)
    return meant is not None and meant["insists"] > _LIKELY


def _contradicted(earlier: list[Said], last: list[Said]) -> Outcome:
    a, b = earlier[-1], last[-1]
    why = f"{_short(a.speaker)} and {_short(b.speaker)} differ"
    return Outcome("contradicted", b, (earlier[0], last[0]), (), 0.7, why)


def _short(speaker: str) -> str:
    return speaker.split("(", maxsplit=1)[0].strip()


def _outcome(held: list[Said], said: Sequence[Said]) -> Outcome:
    last = held[-1]
    if last.kind == "none":
        confidence = min(0.9, 0.45 + 0.12 * last.weight)
        return Outcome("none", last, tuple(held), (), confidence, "they say there is none")
    if last.kind == "approved":
        withheld = tuple(one for one in said if one.kind == "withheld")
        confidence = 0.8 if withheld else 0.6
        why = "approved, the figure is withheld" if withheld else "there is one, no figure is given"
        return Outcome("stated", last, tuple(held), (), confidence, why)
    near = sorted(said, key=lambda one: abs(one.sentence.index - last.sentence.index))
    confidence = min(0.95, 0.4 + 0.09 * last.weight)
    if last.amount and (last.amount.vague or last.amount.per_unit):
        confidence -= 0.25
    why = "the last figure they give" if len(held) == 1 else "a figure they repeat"
    return Outcome("stated", last, tuple(held), tuple(near), confidence, why)
