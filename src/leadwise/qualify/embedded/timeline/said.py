"""What the buyer's side says of when it signs or orders, sentence by sentence.

A mention of a date counts by what stands around it in its own part of the sentence (signing and
ordering for it; going live, meetings, the past and others against it) and by what was asked.
"""

from __future__ import annotations

import re
from dataclasses import replace

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.time.dates import fiscal_start, mentions
from leadwise.qualify.embedded.time.links import When
from leadwise.qualify.embedded.time.sense import SURE, sense
from leadwise.qualify.embedded.timeline.anchors import by_then, resolved
from leadwise.qualify.embedded.timeline.talk import (
    CUT,
    ENOUGH,
    Asking,
    Said,
    asking,
    is_fragment,
    part_around,
    plain,
    say,
)
from leadwise.qualify.embedded.timeline.weight import dated_said
from leadwise.qualify.embedded.words import patterns

_START = 60
"""Characters at the start of a reply in which its "no" stands."""
_CORRECTION = 24
"""Characters between a date and the one that corrects it: "Q3, no wait, Q4"."""
_WEEK = 7
_SHORT = 6
"""Words of a question that adds nothing to what was said before it."""
_REPLY = 3
"""Sentences of a reply that answer what was asked."""
_TELLS = 4
"""Words from which a sentence tells more than yes and no."""
_OTHER_MATTER = 0.6
"""From this share on what is said not to be is money, a meeting or the past, not the purchase."""


def said_of(hearing: Hearing) -> list[Said]:
    """Everything that the buyer's side says or confirms of when it buys, in order."""
    told = instructions_in(hearing)
    fiscal = fiscal_start(
        (one.text for one in hearing.buyers()), hearing.language
    ) or _usual_fiscal(hearing)
    heard: dict[int, list[When]] = {}
    found: list[Said] = []
    dated: list[tuple[Sentence, list[When]]] = []
    for sentence in hearing.sentences:
        if sentence.index not in told and sentence.side in ("buyer", "seller"):
            day = hearing.conversation.turns[sentence.turn].said_on or hearing.conversation.held_on
            dated.append((sentence, mentions(sentence.text, hearing.language, day, fiscal)))
    hearing.foresee("timeline", [one for one, whens in dated if whens and one.side == "buyer"])
    for sentence, whens in dated:
        heard[sentence.index] = whens
        if sentence.side == "buyer":
            answered = any(
                one.sentence.turn == sentence.turn and one.weight >= ENOUGH for one in found
            )
            new = _of_buyer(hearing, sentence, whens, heard)
            # what is asked for has been said: the rest of the reply tells more of it
            found += [replace(one, weight=one.weight - 1.2) if answered and not one.signs else one
                      for one in new]  # fmt: skip
        else:
            found += _of_seller(hearing, sentence, whens)
    return _continued(hearing, found)


def _continued(hearing: Hearing, found: list[Said]) -> list[Said]:
    """A date said shortly ("So November.", "Make it the end of August") while the time is under
    discussion: after a date, or after the seller asked for it."""
    words = patterns("timeline", hearing.language)
    talk: list[Said] = []
    for one in found:
        text = plain(one.sentence.text)
        when = one.when
        if _may_continue(hearing, one) and when:
            start, end = part_around(hearing, text, when.start, when.end)
            part = f"{text[start : when.start]} … {text[when.end : end]}"
            marked = words["position"].search(part) or words["position"].search(text)
            fragment = is_fragment(one.sentence, when, 2)
            near = [
                s.weight
                for s in talk
                if s.weight >= ENOUGH
                and s.kind in ("date", "rejects", "not_before")
                and s.sentence.index < one.sentence.index
                and one.sentence.turn - s.sentence.turn <= 4
            ]
            off = any(words[name].search(part) for name in ("meeting", "live", "event"))
            least = 0.0
            if not off and _counters(talk, one) and not _other(hearing, one.sentence):
                least = ENOUGH + 0.8
            continues = one.kind == "date" and (marked or fragment) and not off
            if continues and (near or (marked and fragment)):
                # the last word on it holds, whatever was asked for the first one
                least = max(ENOUGH + 0.8, max(near, default=0.0) - 0.8)
            one = replace(one, weight=max(one.weight, least))
        talk.append(one)
    return talk


def _counters(talk: list[Said], said: Said) -> bool:
    """Whether somebody answers a colleague's date with another: whatever it is called, it is the
    time of the same thing."""
    before = [
        one
        for one in talk
        if one.weight >= ENOUGH
        and one.kind in ("date", "not_before")
        and 0 < said.sentence.turn - one.sentence.turn <= 2
        and one.sentence.side == "buyer"
    ]
    return bool(before) and before[-1].speaker != said.speaker


def _may_continue(hearing: Hearing, said: Said) -> bool:
    """Not weekdays and today, for which people meet; not what answers a question of their own."""
    if said.kind not in ("date", "not_before") or said.weight >= ENOUGH or said.when is None:
        return False
    if said.sentence.is_question or said.when.grain in ("weekday", "now", "week"):
        return False
    if said.when.kind == "within" and said.when.length and said.when.length.days < _WEEK:
        return False
    before = hearing.sentences[said.sentence.index - 1] if said.sentence.index else None
    return before is None or before.turn != said.sentence.turn or not before.is_question


_RUPEES = re.compile(r"(?<!\w)(?:lakhs?|lacs?|crores?|rupees?|inr|₹)(?!\w)|₹", re.IGNORECASE)
_POUNDS = re.compile(r"£|(?<!\w)(?:quid|gbp|council|nhs)(?!\w)", re.IGNORECASE)
_AUSTRALIAN = re.compile(r"(?<!\w)(?:aud|aussie dollars?|a\$)", re.IGNORECASE)


def _usual_fiscal(hearing: Hearing) -> int:
    """The month in which fiscal years begin where people pay in such money; January else."""
    text = " ".join(one.text for one in hearing.sentences)
    if hearing.language != "en":
        return 1
    if _RUPEES.search(text) or _POUNDS.search(text):
        return 4
    return 7 if _AUSTRALIAN.search(text) else 1


def _of_buyer(
    hearing: Hearing, sentence: Sentence, whens: list[When], heard: dict[int, list[When]]
) -> list[Said]:
    asked = asking(hearing, sentence)
    found: list[Said] = []
    for one in whens:
        one = resolved(hearing, sentence, one, heard)
        said = dated_said(hearing, sentence, one, asked)
        if said and found:
            said = _beside(found[-1], said, sentence, hearing)
        if said:
            found.append(said)
    if not any(one.kind in ("date", "not_before") and one.weight >= ENOUGH for one in found):
        found += by_then(hearing, sentence, heard, asked)
    words = patterns("timeline", hearing.language)
    text = plain(sentence.text)
    dated = any(one.kind in ("date", "not_before") and one.weight >= ENOUGH for one in found)
    # "I sign nothing in May" refuses May, not the purchase
    refuses = any(
        one.kind == "rejects"
        and one.when is not None
        and one.when.grain in ("month", "quarter", "day")
        for one in found
    )
    if not dated and not refuses and not sentence.is_question:
        match = words["none"].search(text)
        if match and _is_none(hearing, text, match, asked) and not _other(hearing, sentence):
            weight = 3.0 + (1.5 if _asks(asked) and asked.place < 3 else 0.0)
            found.append(say("none", sentence, weight, match.start(), match.end()))
        elif _asks(asked) and asked.place < 2 and words["no_date"].search(text):
            found.append(say("no_date", sentence, 3.0, 0, len(text)))
        elif asked.plan and asked.place < 2 and words["none_asked"].search(text[:_START]):
            found.append(say("none", sentence, 3.2 - 0.7 * asked.place, 0, len(text)))
        elif (_asks(asked) and asked.place < _REPLY) or whens:
            found += _by_sense(hearing, sentence)
    return found


def _by_sense(hearing: Hearing, sentence: Sentence) -> list[Said]:
    """What a sentence without a date that counts says of the time where no word of ours does."""
    meant = sense(hearing, sentence)
    if meant and meant["none"] >= SURE and len(sentence.text.split()) >= _TELLS:
        return [say("none", sentence, 1.0 + 2 * meant["none"], 0, len(sentence.text))]
    if meant and meant["unknown"] >= SURE:
        return [say("no_date", sentence, 2.0, 0, len(sentence.text))]
    return []


def _other(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether "nothing this year" is said of money, a meeting or something that happens."""
    meant = sense(hearing, sentence)
    off = meant["elsewhere"] + meant["meeting"] + meant["event"] if meant else 0.0
    return off >= _OTHER_MATTER


def _is_none(hearing: Hearing, text: str, match: re.Match[str], asked: Asking) -> bool:
    """Whether "no plans", "no rush" speaks of buying: asked for, or no other matter in the part."""
    start, end = part_around(hearing, text, match.start(), match.end())
    words = patterns("timeline", hearing.language)
    return _asks(asked) or not words["meeting"].search(text[start:end])


def _asks(asked: Asking) -> bool:
    return asked.about == "time" or asked.plan


def _explains(before: Said, said: Said) -> bool:
    """ "by the end of May, before the summer sale": a season or feast after a nearer date tells
    why, not when."""
    first, second = before.when, said.when
    return (
        first is not None
        and second is not None
        and second.bound == "before"
        and second.grain in ("season", "feast")
        and first.grain in ("day", "month", "week", "weekday", "quarter")
        and bool(before.last and said.last and before.last < said.last)
    )


def _beside(before: Said, said: Said, sentence: Sentence, hearing: Hearing) -> Said:
    """ "in summer, in January, in February at most": a date beside one counts as much."""
    if before.when is None or said.when is None or before.kind != said.kind:
        return said
    if _explains(before, said):
        return replace(said, weight=min(said.weight, before.weight - 1.0))
    between = sentence.text[before.when.end : said.when.start]
    after = re.split(CUT, sentence.text[said.when.end :])[0]
    words = patterns("timeline", hearing.language)
    if len(between) <= _CORRECTION and words["changed"].search(between):
        return replace(said, weight=max(said.weight, before.weight))
    rest = words["not_later"].sub("", words["position"].sub("", between + " " + after))
    if len(re.findall(r"\w+", rest)) <= 3 and said.weight < before.weight <= said.weight + 4:
        return replace(said, weight=before.weight)
    return said


def _agrees(hearing: Hearing, sentence: Sentence, reply: Sentence) -> bool:
    """Whether a short reply agrees to what a seller said last, with no "let me see"."""
    words = patterns("timeline", hearing.language)
    if len(reply.text) > _START or not _is_asked_last(hearing, sentence):
        return False
    return bool(words["agree"].search(reply.text)) and not any(
        words[name].search(reply.text) for name in ("disagree", "hedge")
    )


def _confirms(hearing: Hearing, sentence: Sentence, reply: Sentence) -> bool:
    """Whether a reply plainly says yes to what a seller said last."""
    start = reply.text[:_START]
    said_yes = hearing.says("yes", start) and not hearing.says("no", start)
    return said_yes and _is_asked_last(hearing, sentence)


def _is_asked_last(hearing: Hearing, sentence: Sentence) -> bool:
    """Whether a sentence ends its turn, or only a short question without a date follows it:
    "The contract in June, you said. Still right?"."""
    rest = [
        one
        for one in hearing.sentences[sentence.index + 1 : sentence.index + 3]
        if one.turn == sentence.turn
    ]
    if not rest:
        return True
    day = hearing.conversation.held_on
    last = rest[0]
    return (
        len(rest) == 1
        and last.is_question
        and len(last.text.split()) <= _SHORT
        and not mentions(last.text, hearing.language, day)
    )


def _of_seller(hearing: Hearing, sentence: Sentence, whens: list[When]) -> list[Said]:
    """A date of the seller's that the buyer's side plainly confirms, and does not name itself."""
    words = patterns("timeline", hearing.language)
    text = plain(sentence.text)
    dated = [one for one in whens if one.kind in ("until", "within") and one.last]
    reply = hearing.reply_to(sentence)
    if not dated or reply is None or words["meeting"].search(text):
        return []
    if not _confirms(hearing, sentence, reply) and not _agrees(hearing, sentence, reply):
        return []
    if reply.is_question or patterns("timeline", hearing.language)["conditional"].search(
        reply.text[:_START]
    ):
        return []
    if not (words["sign"].search(text) or words["asked"].search(text)):
        return []
    if mentions(reply.text, hearing.language, hearing.conversation.held_on):
        return []
    one = dated[-1]
    weight = 1.5 if words["live"].search(text) else 3.0
    said = say("date", sentence, weight, one.start, one.end, one.last, False, one)
    return [replace(said, quotes=(*said.quotes, reply.quote()), speaker=reply.speaker)]
