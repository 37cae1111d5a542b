"""What the buyer's side says of when it signs or orders, sentence by sentence.

A mention of a date counts by what stands around it in its own part of the sentence (signing and
ordering for it; going live, meetings, the past and others against it) and by what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from leadwise.qualify.answer import Quote
from leadwise.qualify.embedded.dates import When, fiscal_start, lead_day, mentions
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import patterns

Kind: TypeAlias = Literal["date", "not_before", "rejects", "none", "no_date"]
ENOUGH = 2.0
"""The weight from which something said counts."""
_MOST = 6.0
"""A date cannot be said more plainly."""
_WHOLE = 200
"""Characters up to which a sentence is quoted whole."""
_NEAR = 80
"""Characters around a mention that speak of it where a part has no commas, as in speech."""
_SHORT = 12
"""Characters between "give me" and the time asked for."""
_AFTER_DE = re.compile(
    r"^(?: (?!aber|sondern|wenn)\w+){0,3} (?:nichts|nicht|kein\w*)(?! (?:nur|später|länger|mehr warten))\b",
    re.IGNORECASE,
)
_START = 60
"""Characters at the start of a reply in which its "no" stands."""
_BACK = 6
"""Sentences in which the date of "by then" or of "six months before the move" is looked for."""
_CUT = re.compile(r"[,;:()—–](?=\s|$)|\s[-–—]\s|\n|\.\.\.|…")


@dataclass(frozen=True, slots=True)
class Said:
    """Something said of the time. `last` is the latest day that it allows (the earliest one of
    `not_before`); `weight` says how plainly, from about 2 to 8."""

    kind: Kind
    sentence: Sentence
    weight: float
    quotes: tuple[Quote, ...]
    speaker: str
    last: date | None = None
    corrects: bool = False
    when: When | None = None
    signs: bool = False
    """Whether its own part speaks of signing or ordering."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the turn before asks for."""

    about: Literal["time", "other", "nothing"]
    place: int
    """Which sentence of its turn the reply is, from 0."""
    plan: bool = False
    """Whether it asks if there is any plan at all."""


def said_of(hearing: Hearing) -> list[Said]:
    """Everything that the buyer's side says or confirms of when it buys, in order."""
    told = instructions_in(hearing)
    fiscal = fiscal_start(
        (one.text for one in hearing.buyers()), hearing.language
    ) or _usual_fiscal(hearing)
    heard: dict[int, list[When]] = {}
    found: list[Said] = []
    for sentence in hearing.sentences:
        if sentence.index in told or sentence.side not in ("buyer", "seller"):
            continue
        day = hearing.conversation.turns[sentence.turn].said_on or hearing.conversation.held_on
        whens = mentions(sentence.text, hearing.language, day, fiscal)
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
        text = _plain(one.sentence.text)
        when = one.when
        if _may_continue(hearing, one) and when:
            start, end = part_around(hearing, text, when.start, when.end)
            part = f"{text[start : when.start]} … {text[when.end : end]}"
            marked = words["position"].search(part) or words["position"].search(text)
            fragment = _is_fragment(one.sentence, when, 2)
            near = [
                s.weight
                for s in talk
                if s.weight >= ENOUGH
                and s.kind in ("date", "rejects", "not_before")
                and s.sentence.index < one.sentence.index
                and one.sentence.turn - s.sentence.turn <= 4
            ]
            off = any(words[name].search(part) for name in ("meeting", "live", "event"))
            if (marked or fragment) and not off and (near or (marked and fragment)):
                # the last word on it holds, whatever was asked for the first one
                one = replace(one, weight=max(ENOUGH + 0.8, max(near, default=0.0) - 0.8))
        talk.append(one)
    return talk


def _may_continue(hearing: Hearing, said: Said) -> bool:
    """Not weekdays and today, for which people meet; not what answers a question of their own."""
    if said.kind != "date" or said.weight >= ENOUGH or said.when is None:
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


def asking(hearing: Hearing, sentence: Sentence) -> Asking:
    """What somebody else asked in the turn before a sentence's."""
    words = patterns("timeline", hearing.language)
    place = sum(1 for one in hearing.sentences[: sentence.index] if one.turn == sentence.turn)
    before = [
        one
        for one in hearing.sentences[: sentence.index]
        if one.turn == sentence.turn - 1 and one.speaker != sentence.speaker and one.side != "buyer"
    ]
    if not before:
        return Asking("nothing", place)
    asked = [one for one in before if one.is_question] or before[-1:]
    for one in reversed(asked):
        text = _plain(one.text)
        plan = bool(words["asked_plan"].search(text))
        whens = mentions(text, hearing.language, hearing.conversation.held_on)
        long = any(when.grain in _LONG for when in whens)
        off = words["meeting"].search(text) or words["live"].search(text)
        if words["asked_other"].search(text) and not words["sign"].search(text):
            if not long or off:
                return Asking("other", place)
            return Asking("time", place)
        if words["asked"].search(text):
            return Asking("time", place, plan)
        if plan:
            return Asking("nothing", place, plan)
        if any(_is_fragment(one, when) and when.grain in _LONG for when in whens):
            return Asking("time", place)
    return Asking("nothing", place)


_WEEK = 7
_LONG = ("month", "quarter", "half", "year", "season", "feast")
"""What nobody meets for."""


def _of_buyer(
    hearing: Hearing, sentence: Sentence, whens: list[When], heard: dict[int, list[When]]
) -> list[Said]:
    asked = asking(hearing, sentence)
    found: list[Said] = []
    for one in whens:
        one = _resolved(hearing, sentence, one, heard)
        said = _dated(hearing, sentence, one, asked)
        if said and found:
            said = _beside(found[-1], said, sentence, hearing)
        if said:
            found.append(said)
    if not any(one.kind in ("date", "not_before") and one.weight >= ENOUGH for one in found):
        found += _by_then(hearing, sentence, heard, asked)
    words = patterns("timeline", hearing.language)
    text = _plain(sentence.text)
    dated = any(one.kind in ("date", "not_before") and one.weight >= ENOUGH for one in found)
    if not dated and not sentence.is_question:
        if (match := words["none"].search(text)) and _is_none(hearing, text, match, asked):
            weight = 3.0 + (1.5 if _asks(asked) and asked.place < 3 else 0.0)
            found.append(_said("none", sentence, weight, match.start(), match.end()))
        elif _asks(asked) and asked.place < 2 and words["no_date"].search(text):
            found.append(_said("no_date", sentence, 3.0, 0, len(text)))
        elif asked.plan and asked.place < 2 and words["none_asked"].search(text[:_START]):
            found.append(_said("none", sentence, 3.2 - 0.7 * asked.place, 0, len(text)))
    return found


def _is_none(hearing: Hearing, text: str, match: re.Match[str], asked: Asking) -> bool:
    """Whether "no plans", "no rush" speaks of buying: asked for, or no other matter in the part."""
    start, end = part_around(hearing, text, match.start(), match.end())
    words = patterns("timeline", hearing.language)
    return _asks(asked) or not words["meeting"].search(text[start:end])


def _asks(asked: Asking) -> bool:
    return asked.about == "time" or asked.plan


def _beside(before: Said, said: Said, sentence: Sentence, hearing: Hearing) -> Said:
    """ "in summer, in January, in February at most": a date beside one counts as much."""
    if before.when is None or said.when is None or before.kind != said.kind:
        return said
    between = sentence.text[before.when.end : said.when.start]
    after = re.split(_CUT, sentence.text[said.when.end :])[0]
    words = patterns("timeline", hearing.language)
    rest = words["not_later"].sub("", words["position"].sub("", between + " " + after))
    if len(re.findall(r"\w+", rest)) <= 3 and said.weight < before.weight <= said.weight + 4:
        return replace(said, weight=before.weight)
    return said


def _resolved(
    hearing: Hearing, sentence: Sentence, when: When, heard: dict[int, list[When]]
) -> When:
    """ "six months before the move" with the date of the move, which was said before."""
    if when.kind != "lead" or when.length is None:
        return when
    same = [
        one
        for one in heard.get(sentence.index, [])
        if one.end <= when.start and one.kind == "until" and one.last
    ]
    anchor = same[-1] if same else _earlier(hearing, sentence, heard)
    if anchor is None:
        return when
    day = lead_day(when.length, anchor, hearing.conversation.held_on)
    return replace(when, kind="until", first=day, last=day, grain="day")


def _earlier(hearing: Hearing, sentence: Sentence, heard: dict[int, list[When]]) -> When | None:
    """The last date to come that the buyer's side named before this sentence."""
    for one in reversed(hearing.sentences[max(0, sentence.index - _BACK) : sentence.index]):
        if one.side == "buyer":
            for when in reversed(heard.get(one.index, [])):
                if when.kind in ("until", "within") and when.last:
                    return when
    return None


def _dated(hearing: Hearing, sentence: Sentence, when: When, asked: Asking) -> Said | None:
    """A mention as the time of signing, with its weight; None where it is a past or bare one."""
    if when.kind == "length" and when.length and asked.about == "time" and asked.place == 0:
        if _is_fragment(sentence, when):
            day = hearing.conversation.held_on
            when = replace(when, kind="within", first=day, last=when.length.after(day))
    text = _plain(sentence.text)
    words = patterns("timeline", hearing.language)
    given = 0.0
    if when.kind == "length" and when.length:
        match = words["give"].search(text[: when.start])
        if match and when.start - match.end() < _SHORT:
            day = hearing.conversation.held_on
            when = replace(when, kind="within", first=day, last=when.length.after(day))
            given = 1.5
    if when.kind not in ("until", "within", "open") or when.last is None:
        return None
    start, end = part_around(hearing, text, when.start, when.end)
    # the mention itself says nothing of what it is about
    part = f"{text[start : when.start]} … {text[when.end : end]}"
    rest = f"{text[:start]} … {text[end:]}"
    signs = bool(words["sign"].search(text[start:end]))
    ends = words["contract_end"].search(text[start:end]) and not words["wish"].search(part)
    if ends and not (asked.about == "time" and asked.place == 0):
        weight = 3.0 if words["choose"].search(text) else -2.0
    else:
        weight = _weight(words, part, rest, when, signs)
    shifted = bool(words["shifted"].search(part))
    if shifted and not words["meeting"].search(part):
        weight = max(weight, 0.0) + 2.5
    weight += given + _by_question(sentence, when, asked, signs)
    if re.search(words["conditional"].pattern + r"[^,]{0,12}$", text[start : when.start], re.I):
        weight -= 2.0
    kind: Kind = "date"
    after = text[when.end : end]
    if (
        hearing.language == "de"
        and when.bound not in ("before", "after")
        and _AFTER_DE.search(after)
    ):
        # "Wir kaufen dieses Jahr nichts": German negates after the time
        return _said(
            "rejects", sentence, max(weight, 0.0), when.start, when.end, when.last, False, when
        )
    if _is_rejected(words, hearing, text, start, end, when):
        kind = "rejects"
        firm = asked.about == "time" or _is_fragment(sentence, when, 2)
        weight = max(weight, ENOUGH if firm else 0.0)
    elif words["not_before"].search(text[when.end : when.end + 40].split(".")[0]) and not words[
        "not_later"
    ].search(text[when.end : when.end + 40]):
        kind, weight = "not_before", max(weight, ENOUGH + 0.5)
    elif when.kind == "open":
        kind, weight = "not_before", weight - 1.0
    elif (
        when.bound == "before"
        and _negated(hearing, text[start : when.start])
        and not words["not_later"].search(part)
    ):
        kind = "not_before"
    said = _said(
        kind, sentence, min(weight, _MOST), when.start, when.end, when.last,
        shifted or bool(words["changed"].search(text)), when,
    )  # fmt: skip
    return replace(said, signs=signs or kind != "date")


def _weight(
    words: Mapping[str, re.Pattern[str]], part: str, rest: str, when: When, signs: bool
) -> float:
    wish = bool(words["wish"].search(part))
    weight = 3.0 if signs else 0.8 if words["sign"].search(rest) else 0.0
    if words["not_later"].search(part):
        weight += 1.0
    if wish:
        weight += 0.7
    if words["live"].search(part):
        weight -= 1.5 if signs else 3.0
    if words["meeting"].search(part):
        weight -= 2.5 if signs else 4.0
    elif words["meeting"].search(rest) and not signs:
        weight -= 0.5
    if words["event"].search(part) and not signs:
        weight -= 1.5
    if words["past"].search(part):
        weight -= 2.5 if not words["choose"].search(part) and not wish else 0.5
    if words["other_party"].search(part):
        weight -= 1.5
    if words["choose"].search(part) and when.bound in ("by", "before", "within", ""):
        weight += 0.5
    return weight + {"by": 0.5, "before": 0.5, "within": 0.3}.get(when.bound, 0.0)


def _by_question(sentence: Sentence, when: When, asked: Asking, signs: bool) -> float:
    """What the question before adds: most for the first sentences of the reply."""
    fragment = _is_fragment(sentence, when)
    if asked.about == "time":
        return 3.5 if asked.place == 0 and fragment else 2.5 if asked.place < 2 else 1.5
    if asked.about == "other":
        return 0.0 if signs else -2.5 if asked.place < 2 else -0.5
    return 0.0


def _is_fragment(sentence: Sentence, when: When, most: int = 4) -> bool:
    """Whether a sentence is hardly more than its date: "By the end of June, latest."."""
    rest = sentence.text[: when.start] + " " + sentence.text[when.end :]
    return len(re.findall(r"\w+", rest)) <= most


def _is_rejected(
    words: Mapping[str, re.Pattern[str]],
    hearing: Hearing,
    text: str,
    start: int,
    end: int,
    when: When,
) -> bool:
    """ "not in June", "June is too late", "I'm not putting my name under January"."""
    if words["not_later"].search(text[max(start, when.start - 30) : when.end + 20]):
        return False
    if words["rejected"].search(text[when.end : min(end + 1, when.end + 40)]):
        return True
    before = text[start : when.start]
    if when.bound in ("before", "after"):
        return False
    return bool(_negated(hearing, before))


def _negated(hearing: Hearing, before: str) -> bool:
    """Whether a negation stands in what precedes, with nothing like "but" after it."""
    found = list(patterns("shared", hearing.language)["negation"].finditer(before[-_NEAR:]))
    if not found:
        return False
    after = before[-_NEAR:][found[-1].end() :]
    return not patterns("timeline", hearing.language)["divide"].search(after)


def _by_then(
    hearing: Hearing, sentence: Sentence, heard: dict[int, list[When]], asked: Asking
) -> list[Said]:
    """ "The lease is up in March. We must have signed by then": the date said before."""
    words = patterns("timeline", hearing.language)
    text = _plain(sentence.text)
    match = words["then"].search(text)
    event = None if match else words["before_event"].search(text)
    match = match or event
    if match is None or sentence.is_question:
        return []
    start, end = part_around(hearing, text, match.start(), match.end())
    part = text[start:end]
    if not (words["choose"].search(part) or words["sign"].search(part)):
        return []
    same = [one for one in heard.get(sentence.index, []) if one.end <= match.start()]
    dated = [one for one in same if one.kind in ("until", "within") and one.last]
    if event is not None:
        anchor = _of_event(hearing, sentence, event, heard)
    else:
        anchor = dated[-1] if dated else _earlier(hearing, sentence, heard)
    if anchor is None:
        return []
    weight = 3.0 - (2.0 if words["meeting"].search(part) or words["live"].search(part) else 0.0)
    weight += 1.0 if asked.about == "time" else 0.0
    return [_said("date", sentence, weight, match.start(), match.end(), anchor.last,
                  bool(words["changed"].search(text)), anchor)]  # fmt: skip


def _of_event(
    hearing: Hearing, sentence: Sentence, event: re.Match[str], heard: dict[int, list[When]]
) -> When | None:
    """ "before the audit": the date to come of a sentence that names the event. Nouns are compared
    by their first letters, as they are inflected."""
    name = next((one for one in event.groups() if one), "").lower()[:_STEM]
    if len(name) < 4:
        return None
    for one in reversed(hearing.sentences[max(0, sentence.index - 3 * _BACK) : sentence.index]):
        whens = [w for w in heard.get(one.index, []) if w.kind == "until" and w.last]
        if whens and name in one.text.lower():
            return whens[-1]
    return None


_STEM = 5


def _of_seller(hearing: Hearing, sentence: Sentence, whens: list[When]) -> list[Said]:
    """A date of the seller's that the buyer's side plainly confirms, and does not name itself."""
    words = patterns("timeline", hearing.language)
    text = _plain(sentence.text)
    dated = [one for one in whens if one.kind in ("until", "within") and one.last]
    if not dated or not hearing.is_confirmed(sentence) or words["meeting"].search(text):
        return []
    reply = hearing.reply_to(sentence)
    if reply is None or not (words["sign"].search(text) or words["asked"].search(text)):
        return []
    if mentions(reply.text, hearing.language, hearing.conversation.held_on):
        return []
    one = dated[-1]
    weight = 1.5 if words["live"].search(text) else 3.0
    said = _said("date", sentence, weight, one.start, one.end, one.last, False, one)
    return [replace(said, quotes=(*said.quotes, reply.quote()), speaker=reply.speaker)]


def part_around(hearing: Hearing, text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a sentence around a mention, between commas or words that divide it."""
    divide = patterns("timeline", hearing.language)["divide"]
    borders = [match.end() for match in _CUT.finditer(text)]
    borders += [match.start() for match in divide.finditer(text)]
    first = max((one for one in borders if one <= start), default=0)
    last = min((one for one in borders if one >= end), default=len(text))
    beside = text[first:start] + text[end:last]
    late = patterns("timeline", hearing.language)["not_later"]
    if not re.search(r"\w\w", late.sub("", beside)):
        # a part that is nothing but its date goes with the part before it
        first = max((one for one in borders if one < first - 1), default=0)
    return max(first, start - _NEAR), min(last, end + _NEAR)


def _said(
    kind: Kind, sentence: Sentence, weight: float, start: int, end: int,
    last: date | None = None, corrects: bool = False, when: When | None = None,
) -> Said:  # fmt: skip
    quote = sentence.quote()
    if len(sentence.text) > _WHOLE:
        cuts = [0, *(m.end() for m in _CUT.finditer(sentence.text)), len(sentence.text)]
        first = max((c for c in cuts if c <= max(start - 60, 0)), default=0)
        after = min((c for c in cuts if c >= end), default=len(sentence.text))
        if after - first > 2 * _WHOLE:
            first = sentence.text.rfind(" ", 0, max(start - 100, 1)) + 1
            after = min(after, end + 100)
        quote = sentence.quote(first, after)
    return Said(kind, sentence, weight, (quote,), sentence.speaker, last, corrects, when)


def _plain(text: str) -> str:
    """With straight apostrophes and spaces; offsets stay."""
    return text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
