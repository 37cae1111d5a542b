"""What a product solves, point by point, and how near a sentence comes to a point by its words.

Words are compared by their pieces of three letters (the cosine of counts, as of D'Amore and Mah
1985, "One-time complete indexing of text"): inflected words, compounds and misheard letters still
meet, in any language and with no list of endings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import sqrt

from leadwise.qualify.frame.model import Question
from leadwise.qualify.talk import Conversation

_SOLVES = re.compile(
    r"(?:solves|fixes|helps with|löst|resuelve|soluciona|résout|résoud|ratkaisee|poistaa)\s*:\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[,;]\s+(?:(?:and|und|y|et|ja)\s+)?|\n+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = 2
"""Words of fewer letters than this plus one say nothing."""


def points_of(conversation: Conversation, question: Question) -> tuple[str, ...]:
    """The points of a need: the question's checklist, else what the product is said to solve."""
    if question.checklist:
        return question.checklist
    parts = _SOLVES.split(conversation.product or "", maxsplit=1)
    said = parts[1] if len(parts) == 2 else ""
    return tuple(one for one in _BETWEEN.split(said.strip().rstrip(".")) if one)


def alike(text: str, point: str) -> float:
    """How much of a point's words a text has, 0 to 1: each word of the point is met by the word of
    the text that looks most like it, and long words weigh more."""
    said = [_pieces(one) for one in _words(text)]
    asked = _words(point)
    if not said or not asked:
        return 0.0
    weights = [min(len(one), 12) - _COMMON for one in asked]
    met = [max(_cosine(_pieces(one), other) for other in said) for one in asked]
    found = sum(w * (m if m >= _SAME else 0.0) for w, m in zip(weights, met, strict=True))
    return found / sum(weights)


_SAME = 0.45
"""Cosine of two words from which they count as forms of one."""


def nearest(text: str, points: Sequence[str]) -> tuple[int, float]:
    """The point that a text comes nearest to and how near; -1 where there is none."""
    found = [alike(text, one) for one in points]
    best = max(range(len(found)), key=found.__getitem__, default=-1)
    return best, (found[best] if best >= 0 else 0.0)


def _words(text: str) -> list[str]:
    return [one.casefold() for one in _WORD.findall(text) if len(one) > _COMMON + 1]


def _pieces(word: str) -> Counter[str]:
    marked = f"^{word}"
    return Counter(marked[at : at + 3] for at in range(len(marked) - 2))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(count * other[piece] for piece, count in one.items() if piece in other)
    if not shared:
        return 0.0
    length = sqrt(sum(c * c for c in one.values()) * sum(c * c for c in other.values()))
    return shared / length
