"""Words into the pieces of the model's vocabulary: of all ways to put a word together the likeliest
one (a unigram model, as SentencePiece has it)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from leadwise.qualify.embedded.model.packed import Vocabulary

_SPACE = "\u2581"
_SPACES = re.compile(" {2,}")
_WORD = re.compile(f"{_SPACE}?[^{_SPACE}]*")
_PENALTY = 10.0
"""How much less likely than the rarest piece a letter is that stands in none."""
_KEPT = 20_000


def splitting(vocabulary: Vocabulary) -> Callable[[str], list[int]]:
    """What turns a text into the numbers of its pieces, with the marks of beginning and end.

    No piece has a space within it, so words stand by themselves; those seen before are recalled.
    """
    numbers: dict[str, int] = {}
    for number, piece in enumerate(vocabulary.pieces):
        if piece and number != vocabulary.unknown:
            numbers.setdefault(piece, number)
    longest = max(map(len, numbers))
    scores, unknown = vocabulary.scores, vocabulary.unknown
    rarest = min(scores) - _PENALTY

    @lru_cache(maxsize=_KEPT)
    def of_word(word: str) -> tuple[int, ...]:
        size = len(word)
        best = [0.0] + [-1e30] * size
        by, since = [unknown] * (size + 1), [0] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(size, start + longest) + 1):
                number = numbers.get(word[start:end])
                if number is not None and best[start] + scores[number] > best[end]:
                    best[end] = best[start] + scores[number]
                    by[end], since[end] = number, start
            if best[start] + rarest > best[start + 1]:
                best[start + 1] = best[start] + rarest
                by[start + 1], since[start + 1] = unknown, start
        found: list[int] = []
        while size:
            found.append(by[size])
            size = since[size]
        return tuple(reversed(found))

    def split(text: str) -> list[int]:
        plain = _SPACES.sub(" ", text.translate(vocabulary.normal))
        marked = ("" if plain.startswith(" ") else _SPACE) + plain.replace(" ", _SPACE)
        words = (one for one in _WORD.findall(marked) if one)
        inside = [number for word in words for number in of_word(word)]
        return [vocabulary.begin, *inside, vocabulary.end]

    return split
