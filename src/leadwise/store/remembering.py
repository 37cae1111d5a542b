"""Remembering what was worked out of a card, by the very object: to hash a whole card is dear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from leadwise.card.model import Card

Result = TypeVar("Result")

MOST_CARDS = 64


def once_per_card(
    function: Callable[[Card, str], Result],
) -> Callable[[Card, str], Result]:
    """`function(card, word)` worked out once for each card object and word, the latest kept.

    The card is held with the answer, so that no other can get its identity meanwhile.
    """
    kept: dict[tuple[int, str], tuple[Card, Any]] = {}

    def remembered(card: Card, word: str) -> Result:
        key = (id(card), word)
        found = kept.get(key)
        if found is None:
            while len(kept) >= MOST_CARDS:
                kept.pop(next(iter(kept)), None)
            found = kept[key] = (card, function(card, word))
        result: Result = found[1]
        return result

    return remembered
