"""Types and names of every condition of a card."""

from __future__ import annotations

from leadwise.card.expression import Expression
from leadwise.card.inspection import Inspection
from leadwise.card.scopes import Scope, event_scope, lead_scope
from leadwise.card.source import Path
from leadwise.card.typecheck import condition_faults
from leadwise.card.walk import event_conditions, lead_conditions


def check_conditions(found: Inspection) -> None:
    """Reports what is wrong in each `when` and `where`, at its place in the file."""
    lead = lead_scope(found.card)
    for path, condition in lead_conditions(found.card):
        _check(found, path, condition, lead)
    for path, condition, on in event_conditions(found.card):
        _check(found, path, condition, event_scope(found.card, on))


def _check(found: Inspection, path: Path, condition: Expression, scope: Scope) -> None:
    if path in found.unread:
        return
    for fault in condition_faults(condition, scope):
        if fault.name and found.is_lost(fault.name):
            continue
        hint = fault.hint
        if fault.name and not hint.startswith("did you mean"):
            hint = _elsewhere(found, fault.name, scope) or hint
        where = found.source.inside(path, fault.span[0])
        found.add(fault.code, fault.message, hint, where, fault.severity)


def _elsewhere(found: Inspection, name: str, scope: Scope) -> str:
    """A hint where the name exists, but not for this kind of condition."""
    if scope.of == "event":
        if lead_scope(found.card).get(name):
            return "where reads properties of the event; put conditions on the lead into when:"
        if event_scope(found.card, ("any",)).get(name):
            return f"'{name}' is a property of other events than those named in on:"
    elif event_scope(found.card, ("any",)).get(name):
        return f"'{name}' is a property of events: use where:, or make a measure of it"
    return ""
