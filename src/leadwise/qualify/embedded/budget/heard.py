"""The amounts of a conversation as they were meant: shortened figures, figures for each seat, and
figures of the seller's that the buyer confirms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.money.amounts import Amount, amounts
from leadwise.qualify.embedded.money.context import is_asked, is_plain, is_topic, part_at, plain
from leadwise.qualify.embedded.money.currencies import currencies
from leadwise.qualify.embedded.numbers.numerals import numerals
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

Heard: TypeAlias = Mapping[int, list[Amount]]
"""The amounts of every sentence, by its index."""
_BACK = 8
"""Turns in which a shortened number ("it's forty") finds the figure that it repeats."""


def amounts_heard(hearing: Hearing) -> Heard:
    """The amounts of every sentence, by its index, with a sentence's only currency word where the
    amount has none beside it ("300 a month tops, aussie dollars")."""
    found: dict[int, list[Amount]] = {}
    for sentence in hearing.sentences:
        listed = amounts(sentence.text, hearing.language)
        if listed and not any(one.currency for one in listed):
            codes = set(currencies().standing_alone(sentence.text))
            if len(codes) == 1:
                code = codes.pop()
                listed = [replace(one, currency=code) for one in listed]
        found[sentence.index] = listed
    return found


def meant(hearing: Hearing, sentence: Sentence, amount: Amount, heard: Heard) -> Amount | None:
    """A number as it was meant: "it's forty" repeats the forty thousand of a moment ago."""
    if amount.scaled or amount.vague:
        return amount
    value = amount.value
    for one in reversed(_heard_before(hearing, sentence, heard)):
        if one.scaled:
            for factor in (1e3, 1e6, 1e5):
                bounds = [bound for bound in (one.low, one.high) if bound]
                if any(abs(value * factor - bound) < 0.5 for bound in bounds):
                    times = amount.times if amount.times is not None else one.times
                    made = replace(amount.times_of(factor), scaled=True, times=times, sure="large")
                    return replace(made, currency=amount.currency or one.currency)
    if amount.times is not None or amount.per_unit or amount.currency or value >= 1000:
        return amount
    near = [one.value for one in _heard_before(hearing, sentence, heard) if one.scaled]
    if value < 5:
        return None
    repeats = False
    if not is_asked(hearing, sentence):
        words = patterns("money", hearing.language)
        part = part_at(sentence.text, amount.start, amount.end, hearing.language)
        names = ("budget", "have") if near else ("budget",)
        question = hearing.asked_before(sentence)
        elsewhere = question is not None and question.side != "buyer" and question.is_question
        repeats = (
            bool(near)
            and not elsewhere
            and is_topic(hearing, sentence)
            and is_plain(hearing, part, amount)
        )
        repeats = repeats or (bool(near) and amount.low is None)
        if not repeats and not any(words[name].search(part.text) for name in names):
            return None
    if value < 1000 and (not near or max(near) >= 5000):
        return replace(amount.times_of(1e3), scaled=True, sure="large" if repeats else amount.sure)
    return amount


def _heard_before(hearing: Hearing, sentence: Sentence, heard: Heard) -> list[Amount]:
    """Amounts said up to a sentence, the sentence itself included."""
    return [
        amount
        for one in hearing.around(sentence, before=_BACK)
        if one.index <= sentence.index
        for amount in heard[one.index]
        if amount.scaled
    ]


def for_all(hearing: Hearing, sentence: Sentence, amount: Amount) -> Amount:
    """An amount for each seat or site times their number, where the buyer's side says it."""
    if not amount.per_unit:
        return amount
    people = patterns("money", hearing.language)["people"]
    theirs = [one for one in hearing.buyers() if one.index != sentence.index]
    for one in [sentence, *sorted(theirs, key=lambda one: abs(one.index - sentence.index))]:
        for number in numerals(one.text, hearing.language):
            following = plain(one.text)[number.end :].lstrip()
            if 1 < number.value < 100_000 and people.match(following):
                return replace(amount.times_of(number.value), per_unit=False)
    return amount


def confirming(hearing: Hearing, sentence: Sentence) -> Sentence | None:
    """The buyer's yes to a seller's sentence, which may be followed by one more of the seller's."""
    later = [one for one in hearing.around(sentence) if one.index > sentence.index]
    last = later[-1] if later else sentence
    reply = hearing.reply_to(last)
    if len(later) > 2 or reply is None:
        return None
    return reply if hearing.is_confirmed(last) or _affirms(hearing, reply) else None


def _affirms(hearing: Hearing, reply: Sentence) -> bool:
    """A yes without the word: "Sanctioned.", or the verb again, a Finnish yes ("Muistat.")."""
    words = patterns("money", hearing.language)
    text = plain(reply.text)
    if hearing.says("no", text) or words["object"].search(text) or words["unknown"].search(text):
        return False
    few = text.split()
    if (
        hearing.language == "fi"
        and len(few) <= 4
        and few[0].lower().strip(",.!") in ("on", "pitää")
    ):
        return True
    if (
        hearing.language == "fi"
        and len(few) == 1
        and few[0].rstrip(".!").endswith(("t", "tte", "n", "mme"))
    ):
        return True
    return len(few) <= 4 and bool(words["budget"].search(text))


def for_a_year(hearing: Hearing, sentence: Sentence, amount: Amount) -> Amount:
    """With the period that was asked for ("what can you spend a month?") where it names none."""
    words = patterns("money", hearing.language)
    if amount.times is not None or not is_asked(hearing, sentence):
        return amount
    for one in hearing.around(sentence, before=1):
        if one.turn == sentence.turn - 1 and one.is_question and not amounts_in(one, hearing):
            if words["per_month"].search(one.text):
                return replace(amount, times=12.0)
            if words["per_quarter"].search(one.text):
                return replace(amount, times=4.0)
    return amount


def amounts_in(sentence: Sentence, hearing: Hearing) -> list[Amount]:
    """The amounts of one sentence, as they stand."""
    return amounts(sentence.text, hearing.language)
