"""What a card of the right shape may still have wrong."""

from __future__ import annotations

from leadwise.card.model import Card
from leadwise.card.source import Path, Source
from leadwise.errors import Problem


def check(
    card: Card,
    source: Source,
    *,
    lost: frozenset[str] = frozenset(),
    unread: frozenset[Path] = frozenset(),
    whole: bool = True,
) -> tuple[Problem, ...]:
    return ()
