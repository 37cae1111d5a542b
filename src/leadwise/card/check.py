"""What a card of the right shape may still have wrong: all of it, at once.

Each `check_*` module looks at one side of the card and reports to an Inspection; none stops
another.
"""

from __future__ import annotations

from leadwise.card.check_conditions import check_conditions
from leadwise.card.check_criteria import check_criteria
from leadwise.card.check_declarations import check_declarations
from leadwise.card.check_reach import check_reach
from leadwise.card.check_scale import check_scale
from leadwise.card.check_use import check_use
from leadwise.card.inspection import Inspection
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
    """The problems of a card's meaning. `lost`, `unread` and `whole`: see Inspection."""
    found = Inspection(card, source, lost, unread, whole)
    check_declarations(found)
    check_criteria(found)
    check_conditions(found)
    check_scale(found)
    if whole and all(problem.severity == "warning" for problem in found.problems):
        check_reach(found)
    if whole and all(problem.severity == "warning" for problem in found.problems):
        check_use(found)
    return tuple(found.problems)
