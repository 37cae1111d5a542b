"""How much speaks for a mention of time being the time of signing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.time.links import When
from leadwise.qualify.embedded.time.sense import pull
from leadwise.qualify.embedded.timeline.talk import (
    CUT,
    ENOUGH,
    NEAR,
    Asking,
    Kind,
    Said,
    is_fragment,
    part_around,
    plain,
    say,
)
from leadwise.qualify.embedded.words import patterns

_MOST = 6.0
"""A date cannot be said more plainly."""
_MEANT = 1.0
"""From this pull on what a sentence means is enough, where no word speaks against it."""
_SHORT = 12
"""Characters between "give me" and the time asked for."""
_AFTER = 40
"""Characters after a date in which "not before" is looked for."""
_UNTIL = re.compile(r"(?:until|till?|'til|hasta|jusqu\w*)\b", re.IGNORECASE)
"""Of "nothing until April": the earliest, not what is refused."""
_WAIT = re.compile(
    r"\b(?:wait|hold (?:on|out)|esper|aguant|attend|patient)\w*(?: \S+){0,2} ?$", re.I
)
"""Of "I don't wait until April", which refuses April."""
_AFTER_DE = re.compile(
    r"^(?: (?!aber|sondern|wenn)\w+){0,3} (?:nichts|nicht|kein\w*)"
    r"(?! (?:nur|später|länger|mehr warten))\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^(?: \w+){1,4}? (?:nichts|nicht|keine?[rsn]?|niemand)\b", re.IGNORECASE)


def dated_said(hearing: Hearing, sentence: Sentence, when: When, asked: Asking) -> Said | None:
    """A mention as the time of signing, with its weight; None where it is a past or bare one."""
    text = plain(sentence.text)
    words = patterns("timeline", hearing.language)
    when, given = _from_length(hearing, sentence, when, asked)
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
    meant = pull(hearing, sentence, is_fragment(sentence, when, 2))
    # what answers "when?" is about it, whatever it sounds like
    weight += 0.4 * meant if meant < 0 and asked.about == "time" and asked.place == 0 else meant
    against = any(words[name].search(part) for name in ("live", "meeting", "past", "other_party"))
    if weight < ENOUGH and meant >= _MEANT and not against and asked.about != "other" and not ends:
        weight = ENOUGH
    if re.search(words["conditional"].pattern + r"[^,]{0,12}$", text[start : when.start], re.I):
        weight -= 2.0
    kind = _kind(hearing, text, start, end, when)
    if kind == "rejects":
        firm = asked.about == "time" or is_fragment(sentence, when, 2)
        weight = max(weight, ENOUGH if firm else 0.0)
    elif kind == "not_before":
        weight = weight - 1.0 if when.kind == "open" else max(weight, ENOUGH + 0.5)
    said = say(
        kind, sentence, min(weight, _MOST), when.start, when.end, when.last,
        shifted or bool(words["changed"].search(text)), when,
    )  # fmt: skip
    return replace(said, signs=signs or kind != "date")


def _from_length(
    hearing: Hearing, sentence: Sentence, when: When, asked: Asking
) -> tuple[When, float]:
    """A length of time that is a date: as a short answer to "when?" ("six weeks, at most"), or
    asked for ("give me two months"). With what the latter adds."""
    if when.kind != "length" or when.length is None:
        return when, 0.0
    day = hearing.conversation.held_on
    within = replace(when, kind="within", first=day, last=when.length.after(day))
    give = patterns("timeline", hearing.language)["give"]
    match = give.search(plain(sentence.text)[: when.start])
    if match and when.start - match.end() < _SHORT:
        return within, 1.5
    if asked.about == "time" and asked.place == 0 and is_fragment(sentence, when):
        return within, 0.0
    return when, 0.0


def _kind(hearing: Hearing, text: str, start: int, end: int, when: When) -> Kind:
    """Whether a date is named, refused, or only the earliest."""
    words = patterns("timeline", hearing.language)
    german = hearing.language == "de" and when.bound not in ("before", "after")
    if german and _AFTER_DE.search(text[when.end : end]):
        return "rejects"  # "Wir kaufen dieses Jahr nichts": German negates after the time
    before = text[start : when.start]
    if _UNTIL.match(text[when.start : when.end]):
        if _WAIT.search(before) and hearing.says("negation", before):
            return "rejects"
        if _negated(hearing, before):
            return "not_before"
    if hearing.language == "de" and when.bound == "before" and _NOBODY.match(text[when.end : end]):
        return "not_before"  # "Vor März unterschreibt hier keiner"
    if _is_rejected(words, hearing, text, start, end, when):
        return "rejects"
    late = words["not_later"]
    after = text[when.end : when.end + _AFTER]
    if words["not_before"].search(after.split(".")[0]) and not late.search(after):
        return "not_before"
    if when.kind == "open":
        return "not_before"
    refuses = when.bound == "before" and _negated(hearing, text[start : when.start])
    return "not_before" if refuses and not late.search(text[start:end]) else "date"


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
    fragment = is_fragment(sentence, when)
    if asked.about == "time":
        return 3.5 if asked.place == 0 and fragment else 2.5 if asked.place < 2 else 1.5
    if asked.about == "other":
        return 0.0 if signs else -2.5 if asked.place < 2 else -0.5
    return 0.0


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
    found = list(patterns("shared", hearing.language)["negation"].finditer(before[-NEAR:]))
    if not found:
        return False
    after = before[-NEAR:][found[-1].end() :]
    if CUT.search(after):
        return False  # "No way, September": what is refused was said before
    words = patterns("timeline", hearing.language)
    # "Q3, no wait, Q4" takes back what was before
    return not words["divide"].search(after) and not words["changed"].search(after)
