"""Sentences of a conversation, each with its place, and what it was an answer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadwise.qualify.answer import Quote
from leadwise.qualify.talk import Conversation, Side

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|rs|sfr|incl|excl|approx|ca|bzw|inkl|exkl|evtl|max|min|mio|mill|mrd|tsd|nr|no|"
    r"núm|sr|sra|dra|ud|uds|mme|mlle|esim|noin|milj|kpl|alv|jan|feb|mar|apr|jun|jul|aug|sep|sept|"
    r"oct|nov|dec|okt|dez)|(?<!['’])\b[A-Za-zÄÖÜäöü]|\b[zZ]\.\s?B|\bd\.\s?h|\bu\.\s?a|\bi\.\s?e|\be\.\s?g|"
    r"\bp\.\s?ej)\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,4}\.$")
_NEAR = 40
"""Characters before and after a full stop that tell whether the sentence goes on."""
LONGEST = 400
"""Characters of a sentence: speech written down without a full stop is cut, nothing is left out."""
_BREAKS = (
    re.compile(r"[,;:–—-]\s+(?=\D)"),
    re.compile(
        r"\s+(?=(?:and|but|so|because|y|e|pero|porque|und|aber|weil|denn|et|mais|donc|parce|ja|"
        r"mutta|koska)\s)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<=[^\W\d])\s+(?=[^\W\d])"),
    re.compile(r"\s+"),
)
"""Where a long one is cut, the best place first: a pause, a new thought, between words, anywhere
but in a word."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `start` is its offset in the text of turn `turn` (from 0)."""

    index: int
    turn: int
    start: int
    text: str
    side: Side | None
    speaker: str

    @property
    def is_question(self) -> bool:
        return self.text.rstrip("\"'”’»)] ").endswith("?")

    def quote(self, start: int = 0, end: int | None = None) -> Quote:
        """These words as evidence: the whole sentence, or a part by its offsets."""
        part = self.text[start:end]
        left = len(part) - len(part.lstrip())
        return Quote(self.turn, self.start + start + left, part.strip())


def sentences_of(conversation: Conversation) -> tuple[Sentence, ...]:
    """Every sentence of every turn, in order."""
    found: list[Sentence] = []
    for number, turn in enumerate(conversation.turns):
        pieces = (piece for one in split(turn.text) for piece in _short(*one))
        for start, text in pieces:
            found.append(Sentence(len(found), number, start, text, turn.side, turn.speaker))
    return tuple(found)


def split(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with their offsets. A full stop after an abbreviation, a letter or
    an ordinal before a small letter ends none."""
    start = 0
    for match in _END.finditer(text):
        here = text[start : match.end()]
        after = text[match.end() : match.end() + _NEAR]
        if not here.strip() or _goes_on(here[-_NEAR:], after):
            continue
        yield start + len(here) - len(here.lstrip()), here.strip()
        start = match.end()
    rest = text[start:]
    if rest.strip():
        yield start + len(rest) - len(rest.lstrip()), rest.strip()


def _short(start: int, text: str) -> Iterator[tuple[int, str]]:
    """A sentence, or the pieces of a long one, each with its offset."""
    while len(text) > LONGEST:
        here = _cut(text)
        piece = text[:here].rstrip()
        if piece:
            yield start, piece
        rest = text[here:].lstrip()
        start, text = start + len(text) - len(rest), rest
    if text:
        yield start, text


def _cut(text: str) -> int:
    """Where a long sentence is best cut: in the second half of what a sentence may have."""
    for kind in _BREAKS:
        places = [one.end() for one in kind.finditer(text, LONGEST // 2, LONGEST)]
        if places:
            return places[-1]
    return LONGEST


def _goes_on(before: str, after: str) -> bool:
    """Whether a full stop is part of a word: of an abbreviation, or of an ordinal ("am 3. Mai")."""
    if not before.endswith("."):
        return False
    following = after.lstrip()
    if _ORDINAL.search(before) and following[:1].isalpha():
        return not following[:1].isupper() or _is_month(following)
    if not _ABBREVIATION.search(before):
        return False
    return bool(following) and not (following[0].isupper() and before[-3:-2].isalpha())


_MONTH = re.compile(
    r"(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez|quartal|halbjahr|monat|kalenderwoche|kw)",
    re.IGNORECASE,
)


def _is_month(text: str) -> bool:
    return bool(_MONTH.match(text))
