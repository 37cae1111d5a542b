"""Tiers that are never reached and conditions that are never true."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.card.condition_format import format_condition
from leadwise.card.expression import Expression
from leadwise.card.inspection import Inspection
from leadwise.card.model import StateCriterion
from leadwise.card.scopes import Scope, event_scope, lead_scope
from leadwise.card.source import Path, shorten
from leadwise.card.trial import MOST_TRIALS, try_out
from leadwise.card.walk import (
    adjustments,
    criteria,
    criterion_conditions,
    event_conditions,
    tier_paths,
)

MOST_IN_ALL = 100_000
"""Conditions decided for a whole card (about two seconds); what is left then is not judged."""


def check_reach(found: Inspection) -> None:
    """Reports what can never be true, where trying all cases shows it; else says nothing."""
    judge = _Judge(found)
    lead = lead_scope(found.card)
    for path, criterion in criteria(found.card):
        if isinstance(criterion, StateCriterion):
            judge.tiers([t.when for t in criterion.tiers], tier_paths(path, criterion), lead)
        else:
            for at, condition in criterion_conditions(path, criterion):
                judge.tiers([condition], [at], lead)
    for path, adjustment in adjustments(found.card):
        judge.tiers([adjustment.when], [(*path, "when")], lead)
    for path, condition, on in event_conditions(found.card):
        judge.tiers([condition], [path], event_scope(found.card, on))


class _Judge:
    def __init__(self, found: Inspection):
        self.found = found
        self.left = MOST_IN_ALL

    def tiers(self, conditions: Sequence[Expression], paths: Sequence[Path], scope: Scope) -> None:
        outcome = try_out(conditions, scope, min(MOST_TRIALS, self.left // max(1, len(conditions))))
        if outcome is None:
            return
        self.left -= outcome.trials * len(conditions)
        judged = zip(conditions, paths, outcome.can_be_true, outcome.can_win, strict=True)
        for condition, path, can_be_true, can_win in judged:
            shown = shorten(format_condition(condition))
            if not can_be_true:
                message = f"'{shown}' can never be true"
                hint = "look at its numbers, choices, and and or"
                self.found.error("never-true", message, hint, path)
            elif not can_win:
                message = f"this tier is never reached: wherever '{shown}', an earlier tier is true"
                hint = "put the stricter tier first, or remove this one"
                self.found.error("unreachable-tier", message, hint, path)
