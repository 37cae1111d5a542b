"""The level of a post that no word list knows ("Regulierungsmanagement", "herd lead"), by what the
sentence model makes of it (`shades/titles.yaml`).

Looked at are the parts of a speaker's label, and what follows "I'm the ..." in what they say, each
only where no title was found for that speaker. It needs the model to be sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadwise.qualify.answer import Quote
from leadwise.qualify.embedded.authority.titles import OwnTitle, parts_of_label
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.shades import shares
from leadwise.qualify.embedded.words import patterns

_NOTHING = "nothing"
_SURE_LABEL, _SURE_SAID = 0.5, 0.75
"""The share from which a level is taken from a label, and from what is said of oneself."""
_MOST_WORDS = 5
_MOST_SAID = 4
"""Phrases that the model is asked for: most people say early what they are."""
_END = re.compile(r"[,;:.!?()\n]|\s[-–—]\s|\s(?:and|but|so|y|pero|und|aber|et|mais|ja|mutta)\s")
_ARTICLE = re.compile(r"(?:the|a|an|el|la|un|una|der|die|das|ein|eine|le|l['’]|une)\s*", re.I)


def sensed_title(hearing: Hearing, speaker: str, ignored: frozenset[int]) -> OwnTitle | None:
    """The title of a speaker for whom no words gave one; None where the model sees none."""
    for text in parts_of_label(speaker):
        if (level := _level(hearing, text, _SURE_LABEL)) is not None:
            return OwnTitle(speaker, level, text, None)
    for text, quote, index in list(_said(hearing, speaker, ignored))[:_MOST_SAID]:
        if (level := _level(hearing, text, _SURE_SAID)) is not None:
            return OwnTitle(speaker, level, text, quote, index)
    return None


def _level(hearing: Hearing, text: str, least: float) -> str | None:
    found = shares("titles", [text], hearing.vectors)
    if not found:
        return None
    best = max(found[0], key=found[0].__getitem__)
    return best if best != _NOTHING and found[0][best] >= least else None


def _said(
    hearing: Hearing, speaker: str, ignored: frozenset[int]
) -> Iterator[tuple[str, Quote, int]]:
    """What somebody says that they are: the words after "I'm the" to the end of the clause."""
    intro = patterns("titles", hearing.language)["intro"]
    for one in hearing.buyers():
        if one.speaker != speaker or one.index in ignored or one.is_question:
            continue
        for match in intro.finditer(one.text):
            rest = one.text[match.end() :].lstrip()
            ends = _END.search(rest)
            text = _ARTICLE.sub("", rest[: ends.start() if ends else None], count=1).strip()
            if 0 < len(text.split()) <= _MOST_WORDS:
                yield text, one.quote(), one.index
