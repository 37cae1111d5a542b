"""The bound on how deep a condition nests, so that every later walk over its tree may recurse."""

from __future__ import annotations

from leadwise.card.expression import Expression, Span, children
from leadwise.card.tokens import ConditionError
from leadwise.card.vocabulary import DEEPEST


def too_deep(span: Span) -> ConditionError:
    """The error, at a place."""
    return ConditionError(
        "condition-too-deep",
        f"this condition nests deeper than {DEEPEST} levels",
        "split it over several criteria, or use in (...) instead of many comparisons",
        span,
    )


def refuse_deep(tree: Expression) -> None:
    """Raises ConditionError for a tree that is too deep. Long chains of + make depth too."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > 2 * DEEPEST:
            raise too_deep(level[0].span)
        level = [part for item in level for part in children(item)]
