"""Dates that are meant but said elsewhere: "by then", "before the audit", "six months before"."""

from __future__ import annotations

import re
from dataclasses import replace

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.time.links import When, lead_day
from leadwise.qualify.embedded.timeline.talk import Asking, Said, part_around, plain, say
from leadwise.qualify.embedded.words import patterns

_BACK = 6
"""Sentences in which the date of "by then" or of "six months before the move" is looked for."""
_STEM = 5
"""Letters by which an event is known again: nouns are inflected."""


def resolved(
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


def by_then(
    hearing: Hearing, sentence: Sentence, heard: dict[int, list[When]], asked: Asking
) -> list[Said]:
    """ "The lease is up in March. We must have signed by then": the date said before."""
    words = patterns("timeline", hearing.language)
    text = plain(sentence.text)
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
    return [say("date", sentence, weight, match.start(), match.end(), anchor.last,
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
