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
        for start, text in split(turn.text):
            found.append(Sentence(len(found), number, start, text, turn.side, turn.speaker))
    return tuple(found)


def split(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with their offsets. A full stop after an abbreviation, a letter or
    an ordinal before a small letter ends none."""
    start = 0
    for match in _END.finditer(text):
        here = text[start : match.end()]
        if not here.strip() or _goes_on(here, text[match.end() :]):
            continue
        yield start + len(here) - len(here.lstrip()), here.strip()
        start = match.end()
    rest = text[start:]
    if rest.strip():
        yield start + len(rest) - len(rest.lstrip()), rest.strip()


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
