"""What the buyer's side says of its budget, sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.qualify.answer import Quote
from leadwise.qualify.embedded.budget.heard import (
    Heard,
    amounts_heard,
    amounts_in,
    confirming,
    for_a_year,
    for_all,
    meant,
)
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.money.amounts import Amount
from leadwise.qualify.embedded.money.context import (
    ENOUGH,
    STRONG,
    asks_budget,
    is_taken_back,
    is_topic,
    names_theirs,
    part_at,
    plain,
    weigh,
)
from leadwise.qualify.embedded.money.sense import ANSWERS, LIKELY, SURE, sense
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import Shares
from leadwise.qualify.embedded.words import patterns

Kind: TypeAlias = Literal["amount", "none", "approved", "withheld", "unknown"]
_WHOLE = 240
"""Characters up to which a sentence is quoted whole."""
_BARE = 3
"""Words up to which a no is one to whatever was asked."""
_SHORT = 12
"""Words of a short reply, in which a "nothing" may stand anywhere."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something said of the budget. `weight` says how plainly, from about 2 to 8; `stretch` is how
    far they could go beyond a figure, `past` a figure that was, `corrects` takes one back."""

    kind: Kind
    sentence: Sentence
    weight: float
    quotes: tuple[Quote, ...]
    amount: Amount | None = None
    stretch: bool = False
    past: bool = False
    corrects: bool = False

    @property
    def speaker(self) -> str:
        return self.sentence.speaker


def said_of(hearing: Hearing) -> list[Said]:
    """Everything that the buyer's side says of its budget, in order."""
    heard = amounts_heard(hearing)
    told = instructions_in(hearing)
    found: list[Said] = []
    hearing.foresee("budget", [one for one in hearing.buyers() if one.index not in told
                               and (heard[one.index] or _is_sensed(hearing, one))])  # fmt: skip
    for sentence in hearing.sentences:
        if sentence.index in told:
            continue
        if sentence.side == "buyer":
            found += _of_buyer(hearing, sentence, heard)
        elif sentence.side == "seller":
            found += _confirmed(hearing, sentence, heard)
    return sorted(found, key=lambda one: (one.sentence.index, one.kind != "none"))


def _of_buyer(hearing: Hearing, sentence: Sentence, heard: Heard) -> list[Said]:
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    found: list[Said] = []
    turn = [one for one in hearing.around(sentence) if one.index <= sentence.index]
    corrects = any(
        words["correction"].search(plain(one.text))
        or any(is_taken_back(hearing, one, amount) for amount in heard[one.index])
        for one in turn
    )
    for amount in heard[sentence.index]:
        whole = meant(hearing, sentence, amount, heard)
        if whole is None:
            continue
        weight = weigh(hearing, sentence, whole)
        if sentence.is_question:
            weight -= 1.5
        if weight >= ENOUGH:
            whole = for_a_year(hearing, sentence, for_all(hearing, sentence, whole))
            near = text[max(0, amount.start - 40) : amount.start]
            stretch = bool(words["stretch"].search(near))
            quote = _quote(sentence, amount.start, amount.end, hearing.language)
            part = part_at(text, amount.start, amount.end, hearing.language)
            past = bool(words["past"].search(part.text))
            found.append(Said("amount", sentence, weight, (quote,), whole, stretch, past, corrects))
    if found:
        best = max(one.weight for one in found)
        found = [one for one in found if one.weight >= best - 2]
    found += _without_amount(hearing, sentence, bool(found))
    return found


def _without_amount(hearing: Hearing, sentence: Sentence, has_amount: bool) -> list[Said]:
    """ "There is no budget", "it is approved", "I cannot tell you the figure", "I don't know"."""
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    unknown, withheld = words["unknown"].search(text), words["withheld"].search(text)
    asked = asks_budget(hearing, hearing.asked_before(sentence))
    about_money = asked or bool(words["budget"].search(text))
    found: list[Said] = []
    meant = None
    denies = _follows_colleague(hearing, sentence)
    if _is_sensed(hearing, sentence):
        meant = sense(hearing, sentence)
    none = _none_meant(hearing, sentence, meant)
    if none:
        start, end, weight = none
        if not has_amount or weight >= STRONG:
            quote = _quote(sentence, start, end, hearing.language)
            meant = meant or sense(hearing, sentence)
            plainer = 1.0 if meant and meant["none"] >= ANSWERS else 0.0
            weight += plainer - (1.0 if has_amount else 0.0)
            found.append(Said("none", sentence, weight, (quote,)))
    if not has_amount and not any(one.kind == "none" for one in found):
        match = words["approved"].search(text)
        if match is None and asked and hearing.is_first_of_turn(sentence):
            match = words["approved_reply"].search(text)
        hypothetical = words["hypothetical"].search(text)
        otherwise = meant and max(meant["none"], meant["unknown"], meant["supposed"]) >= ANSWERS
        if (
            match
            and not hypothetical
            and not otherwise
            and not _negated(hearing, text, match)
            and not sentence.is_question
        ):
            quote = _quote(sentence, match.start(), match.end(), hearing.language)
            found.append(Said("approved", sentence, STRONG, (quote,)))
        elif asked and _says_yes(hearing, sentence, withheld is not None):
            found.append(Said("approved", sentence, ENOUGH, (sentence.quote(),)))
            if withheld:
                found.append(Said("withheld", sentence, 1.0, (sentence.quote(),)))
        elif withheld and about_money:
            quote = _quote(sentence, withheld.start(), withheld.end(), hearing.language)
            found.append(Said("withheld", sentence, 1.0, (quote,)))
        elif unknown and about_money:
            quote = _quote(sentence, unknown.start(), unknown.end(), hearing.language)
            found.append(Said("unknown", sentence, 1.0, (quote,)))
        elif meant and not has_amount:
            found += _by_sense(sentence, meant, asked, denies)
    return found


def _is_sensed(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether the model is asked what a sentence says of money: where the talk is of it."""
    return not sentence.is_question and (
        bool(patterns("money", hearing.language)["budget"].search(plain(sentence.text)))
        or asks_budget(hearing, hearing.asked_before(sentence))
        or is_topic(hearing, sentence)
        or _follows_colleague(hearing, sentence)
    )


def _none_meant(
    hearing: Hearing, sentence: Sentence, meant: Shares | None
) -> tuple[int, int, float] | None:
    """As `_none`, less a no of several words that is of something else ("we don't need one")."""
    none = _none(hearing, sentence)
    if none is None or none[2] > ENOUGH or not meant or len(sentence.text.split()) <= _BARE:
        return none
    return None if max(meant["other"], meant["funded"]) >= LIKELY else none


def _follows_colleague(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether another of the buyer's side has just named a figure, which this one may deny."""
    return any(
        one.side == "buyer"
        and one.speaker != sentence.speaker
        and any(figure.scaled or figure.currency for figure in amounts_in(one, hearing))
        for one in hearing.around(sentence, before=1)
        if one.turn == sentence.turn - 1
    )


def _by_sense(sentence: Sentence, meant: Shares, asked: bool, denies: bool) -> list[Said]:
    """What a sentence without a figure says of money where no word of ours does."""
    likeliest = max(meant, key=lambda name: meant[name])
    enough = LIKELY if asked else ANSWERS if denies else SURE
    if likeliest == "none" and meant["none"] >= enough:
        weight = max(1.4, 2 * meant["none"])
        return [Said("none", sentence, weight, (sentence.quote(),))]
    least = ANSWERS if asked else SURE
    if meant["unknown"] >= least:
        return [Said("unknown", sentence, 1.0, (sentence.quote(),))]
    if meant["funded"] >= least:
        return [Said("approved", sentence, ENOUGH, (sentence.quote(),))]
    return []


def _says_yes(hearing: Hearing, sentence: Sentence, withheld: bool) -> bool:
    """A plain yes to whether there is a budget, alone or with the figure withheld."""
    question = hearing.asked_before(sentence)
    if question is None or not hearing.is_first_of_turn(sentence):
        return False
    words, text = patterns("money", hearing.language), plain(sentence.text)
    exists = words["asked_exists"].search(plain(question.text))
    yes = patterns("shared", hearing.language)["yes"].match(text.lstrip(" ¡"))
    if not exists or not yes or words["price"].search(plain(question.text)):
        return False
    return withheld or (len(text.split()) <= 4 and not hearing.says("no", text))


def _negated(hearing: Hearing, text: str, match: re.Match[str]) -> bool:
    words = patterns("shared", hearing.language)["negation"]
    part = part_at(text, match.start(), match.end(), hearing.language)
    return bool(words.search(part.text))


def _none(hearing: Hearing, sentence: Sentence) -> tuple[int, int, float] | None:
    """Where a sentence says that there is no money, and how plainly."""
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    asked_by = hearing.asked_before(sentence)
    asked = asks_budget(hearing, asked_by)
    for match in words["none"].finditer(text):
        part = part_at(text, match.start(), match.end(), hearing.language)
        if words["none_limit"].search(part.text) or words["hypothetical"].search(part.text):
            continue
        if words["other_party"].search(part.text[: match.start() - part.start]):
            continue
        if sentence.is_question or words["unknown"].search(part.text):
            continue
        return match.start(), match.end(), 4.0 if asked else 3.0
    place = sum(1 for one in hearing.around(sentence) if one.index < sentence.index)
    if (
        not asked
        or asked_by is None
        or asked_by.side == "buyer"
        or place > (1 if len(text.split()) <= _SHORT else 0)
    ):
        return None
    match_reply = words["none_reply"].match(text.lstrip(" \"'¡…"))
    if match_reply is None and len(text.split()) <= _SHORT:
        match_reply = words["none_reply"].search(text)
    explicit = words["none_any"].match(text.lstrip(" \"'¡…"))
    if explicit is None and len(text.split()) <= _SHORT:
        explicit = words["none_any"].search(text)
    match_reply = match_reply or explicit
    exists = explicit or words["asked_exists"].search(plain(asked_by.text))
    if (
        not match_reply
        or not exists
        or words["unknown"].search(text)
        or words["withheld"].search(text)
    ):
        return None
    following = text[match_reply.end() :].strip(" .,!")
    if following and words["approved"].search(following):
        return None
    return 0, len(text), 2.0


def _confirmed(hearing: Hearing, sentence: Sentence, heard: Heard) -> list[Said]:
    """A seller's figure for the buyer's budget, to which the buyer plainly says yes."""
    words = patterns("money", hearing.language)
    text = plain(sentence.text)
    figures = [one for one in heard[sentence.index] if one.scaled or one.currency]
    if not figures or words["price"].search(text):
        return []
    if not names_theirs(hearing, sentence) and not (
        (sentence.is_question or len(text.split()) <= 8) and is_topic(hearing, sentence)
    ):
        return []
    reply = confirming(hearing, sentence)
    if reply is None:
        return []
    theirs = [one for one in heard[reply.index] if one.sure != "bare"]
    if theirs and all(abs(one.value - figures[-1].value) > 1 for one in theirs):
        return []
    quotes = (
        _quote(sentence, figures[-1].start, figures[-1].end, hearing.language),
        _quote(reply, 0, min(len(reply.text), 40), hearing.language),
    )
    return [Said("amount", reply, STRONG + 1, quotes, figures[-1])]


def _quote(sentence: Sentence, start: int, end: int, language: str) -> Quote:
    """The whole sentence; of a long one the parts around what decides."""
    if len(sentence.text) <= _WHOLE:
        return sentence.quote()
    part = part_at(sentence.text, start, end, language)
    return sentence.quote(part.start, part.end)
