"""What an amount is about: the buyer's own budget, or a price, a loss, somebody else's money.

Each sign weighs; signs in the amount's own part of the sentence weigh more than those elsewhere in
it. From `ENOUGH` an amount counts as a budget.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.money.amounts import Amount, amounts
from leadwise.qualify.embedded.money.sense import leaning, pull, sounds_asked
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

ENOUGH = 2.0
STRONG = 3.0
_LONG = 90
"""Characters of a part beyond which only what stands near an amount speaks of it: speech written
down has no commas."""
_TOPIC = 3
"""Turns for which a talk of the budget goes on."""
_FEW = 6
"""Words after an amount in a part that names it plainly."""
_NEAR = 55
"""Characters around an amount in which a limit of signature is spoken of."""
_DIVIDE = re.compile(r"[,;:()\[\]—–](?=\s|$)|\s[-–—]\s|\n")

_HERE: Mapping[str, float] = {
    "budget": 3.0, "have": 2.0, "other_party": -3.0, "price": -3.0, "current": -3.0, "loss": -4.0,
    "revenue": -4.0, "saving": -3.0, "hypothetical": -9.0, "unknown": -3.0,
}  # fmt: skip
_ELSEWHERE: Mapping[str, float] = {
    "budget": 1.5, "other_party": -1.5, "price": -0.5, "loss": -1.0, "revenue": -1.0,
    "saving": -1.0, "hypothetical": -9.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sentence, between commas or small words that divide it."""

    start: int
    end: int
    text: str


def plain(text: str) -> str:
    """With straight apostrophes and spaces; offsets stay."""
    return text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")


def parts_of(text: str, language: str) -> list[Part]:
    """A sentence's parts."""
    text = plain(text)
    borders = [match.end() for match in _DIVIDE.finditer(text)]
    borders += [match.start() for match in patterns("money", language)["divide"].finditer(text)]
    cuts = [0, *sorted(set(borders)), len(text)]
    return [
        Part(start, end, text[start:end])
        for start, end in pairwise(cuts)
        if text[start:end].strip()
    ]


def part_at(text: str, start: int, end: int, language: str) -> Part:
    """The part that an amount stands in; what is near it where that is long."""
    held = [one for one in parts_of(text, language) if one.start < end and one.end > start]
    first, last = held[0].start, held[-1].end
    if last - first > 2 * _LONG:
        first = max(first, text.find(" ", max(0, start - _LONG)) + 1)
        last = min(last, end + _LONG)
    return Part(first, last, plain(text)[first:last])


def asks_budget(hearing: Hearing, question: Sentence | None) -> bool:
    """Whether a sentence of somebody else asks for the budget."""
    if question is None:
        return False
    text, language = question.text, hearing.language
    if _has("asked_other", text, language):
        return False
    return _has("asked", text, language) or sounds_asked(hearing, question)


@lru_cache(maxsize=8192)
def _has(name: str, text: str, language: str) -> bool:
    """Whether a text has one of the words of a list; kept, as neighbours ask it again."""
    return bool(patterns("money", language)[name].search(plain(text)))


def asks_other(hearing: Hearing, question: Sentence | None) -> bool:
    """Whether it asks for money that is no budget: what something costs today, what was lost."""
    return question is not None and bool(
        patterns("money", hearing.language)["asked_other"].search(plain(question.text))
    )


def weigh(hearing: Hearing, sentence: Sentence, amount: Amount) -> float:
    """How much speaks for an amount being the speaker's budget."""
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    part = part_at(text, amount.start, amount.end, hearing.language)
    # without the amount: it says nothing of what it is about, and stands inside "set … aside"
    inside = f"{part.text[: max(0, amount.start - part.start)].rstrip()} " + (
        part.text[amount.end - part.start :].lstrip()
    )
    outside = text[: part.start] + " … " + text[part.end :]
    weight = sum(by for name, by in _HERE.items() if words[name].search(inside))
    weight += sum(
        by
        for name, by in _ELSEWHERE.items()
        if words[name].search(outside) and not words[name].search(inside)
    )
    weight += (
        1.0 if len({one.group().lower() for one in words["have"].finditer(inside)}) > 1 else 0.0
    )
    is_limit = amount.low is None
    weight += 1.0 if is_limit and amount.sure != "bare" else 0.0
    if words["contrast"].search(inside) and words["budget"].search(outside):
        weight += 1.0
    if words["correction"].search(inside):
        weight += 1.0
    rest = text[part.end :].lstrip(" ,")
    if words["points_back"].match(rest) and (
        words["have"].search(rest) or words["budget"].search(rest)
    ):
        weight += 2.0  # "thirty-five thousand, that's all we've got"
    near = text[max(0, amount.start - _NEAR) : amount.end + _NEAR]
    if words["signature_limit"].search(inside) or (
        words["signature"].search(near) and words["threshold"].search(inside)
    ):
        weight -= 5.0
    if not is_limit and is_taken_back(hearing, sentence, amount):
        weight -= 3.0
    weight += {"money": 0.5, "large": 0.0, "bare": -1.0}[amount.sure]
    weight -= 1.0 if amount.per_unit else 0.0
    weight -= 1.5 if amount.counts else 0.0
    if weight >= 0 and is_plain(hearing, part, amount):
        weight += 1.5
    weight += _by_question(hearing, sentence, amount) + _by_turn(hearing, sentence, amount)
    # who writes of money unasked, at the start, means the own as one who answers does
    answers = is_asked(hearing, sentence) or sentence.turn == 0
    return weight + pull(hearing, sentence, answers)


def is_taken_back(hearing: Hearing, sentence: Sentence, amount: Amount) -> bool:
    """ "not thirty", "forget the sixty": the amount is named to take it back."""
    part = part_at(sentence.text, amount.start, amount.end, hearing.language)
    before = part.text[max(0, amount.start - part.start - 26) : max(0, amount.start - part.start)]
    return bool(patterns("money", hearing.language)["retract"].search(before))


def _by_question(hearing: Hearing, sentence: Sentence, amount: Amount) -> float:
    """What was asked or spoken of before adds: most for the first sentences of the reply to a
    question for the budget, some while the talk is still of it."""
    question = hearing.asked_before(sentence)
    by_seller = question is not None and question.side != "buyer"
    place = sum(1 for one in hearing.around(sentence) if one.index < sentence.index)
    if is_asked(hearing, sentence):
        return 3.0 if place < 2 else 2.0
    if by_seller and asks_other(hearing, question):
        return -3.0
    topic = 1.5 if is_topic(hearing, sentence) else 0.0
    if not topic and by_seller and question is not None and question.is_question and place == 0:
        topic = leaning(hearing, question)
    if by_seller and asks_who(hearing, question):
        return topic - (1.0 if amount.low is not None and amount.low == amount.high else 3.0)
    return topic


def is_asked(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether somebody else asked for the budget in the turn before, in any of its sentences."""
    return any(
        one.side != "buyer"
        and one.speaker != sentence.speaker
        and (asks_budget(hearing, one) or names_theirs(hearing, one))
        for one in hearing.around(sentence, before=1)
        if one.turn == sentence.turn - 1
    )


def is_topic(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether the last few turns were of a budget: asked for, or named by the buyer's side."""
    for one in hearing.around(sentence, before=_TOPIC):
        if one.index < sentence.index:
            if one.side != "buyer" and asks_budget(hearing, one):
                return True
            if one.side == "buyer" and _has("budget", one.text, hearing.language):
                return True
    return False


def names_theirs(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether a seller repeats a figure as the buyer's own ("you'd said around sixty thousand")."""
    words, text = patterns("money", hearing.language), plain(sentence.text)
    told = words["told"].search(text)
    if not told and (not words["confirm_ask"].search(text) or words["price"].search(text)):
        return False
    figures = amounts(sentence.text, hearing.language)
    return any(one.scaled or one.currency for one in figures) and not any(
        words[name].search(text)
        for name in ("loss", "revenue", "other_party", "saving", "asked_other")
    )


def _by_turn(hearing: Hearing, sentence: Sentence, amount: Amount) -> float:
    """What the rest of the turn adds (a figure is corrected), and takes away: the seller has just
    named the same figure as somebody else's, or as a price."""
    words = patterns("money", hearing.language)
    turn = hearing.around(sentence)
    before = [one for one in hearing.around(sentence, before=1) if one.turn == sentence.turn - 1]
    weight = 0.0
    # a joke is told in the sentence itself, or in the one after it
    if any(
        words["joke"].search(plain(one.text))
        for one in turn
        if 0 <= one.index - sentence.index <= 1
    ):
        weight -= 5.0
    after = next((one for one in turn if one.index == sentence.index + 1), None)
    if after is not None and words["points_back"].match(plain(after.text)):
        # "... under 5,000? That's our limit."
        weight += (
            3.0 if words["budget"].search(after.text) or words["have"].search(after.text) else 0
        )
    if any(_has("correction", one.text, hearing.language) for one in turn):
        weight += 1.0
    yes = patterns("shared", hearing.language)["yes"].match(plain(turn[0].text))
    for one in [] if yes else before:
        if one.side != "seller" or asks_budget(hearing, one) or names_theirs(hearing, one):
            continue
        for other in amounts(one.text, hearing.language):
            if other.scaled and abs(other.value - amount.value) < 0.01 * amount.value:
                weight -= 2.0
    return weight


def asks_who(hearing: Hearing, question: Sentence | None) -> bool:
    """Whether it asks who decides or signs: an amount in the reply is a limit of signature."""
    return question is not None and bool(
        patterns("money", hearing.language)["asked_who"].search(plain(question.text))
    )


def is_plain(hearing: Hearing, part: Part, amount: Amount) -> bool:
    """Whether a part names an amount and nothing else: "It's forty thousand", "Thirty, all in"."""
    before = part.text[: max(0, amount.start - part.start)]
    if patterns("money", hearing.language)["lead_in"].sub("", before).strip(" ,.…\"'«“„—–-"):
        return False
    return len(part.text[amount.end - part.start :].split()) <= _FEW
