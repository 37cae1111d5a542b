"""A turn with its quotes: the text cut where quotes begin and end, none of it lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from leadwise.store.answers import KeptAnswer

COLOURS = 4


@dataclass(frozen=True, slots=True)
class Of:
    """A quote that a piece belongs to: the answer it proves, by its question; `ends` here."""

    answer_id: int
    label: str
    colour: int
    ends: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn's text; several questions may rest on the same words."""

    text: str
    quotes: tuple[Of, ...] = ()


def pieces(number: int, text: str, answers: Iterable[tuple[KeptAnswer, str, int]]
           ) -> tuple[Piece, ...]:  # fmt: skip
    """The text of turn `number` in pieces; `answers` come with their labels and colours.

    A quote that does not stand in the text is not marked.
    """
    spans: list[tuple[int, int, KeptAnswer, str, int, str]] = []
    for answer, label, colour in answers:
        for n, quote in enumerate(answer.quotes):
            if quote.turn == number and text.startswith(quote.text, quote.start):
                spans.append((quote.start, quote.start + len(quote.text), answer, label, colour,
                              f"quote-{answer.id}-{n}"))  # fmt: skip
    cuts = sorted({0, len(text), *(s[0] for s in spans), *(s[1] for s in spans)})
    begun: set[str] = set()
    found = []
    for start, end in pairwise(cuts):
        over = []
        for first, last, answer, label, colour, anchor in spans:
            if first <= start and end <= last:
                over.append(
                    Of(answer.id, label, colour, last == end, "" if anchor in begun else anchor)
                )
                begun.add(anchor)
        found.append(Piece(text[start:end], tuple(over)))
    return tuple(found)


def colours(questions: Sequence[str]) -> dict[str, int]:
    """A colour for each question, by its place in the frame."""
    return {question: place % COLOURS for place, question in enumerate(questions)}
