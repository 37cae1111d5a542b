"""Names and types of every condition, and what of the card a playbook speaks of."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.card.expression import Name, walk
from leadwise.card.model import Card, Measure
from leadwise.card.nearest import listing, suggestion
from leadwise.card.scopes import Scope, event_scope
from leadwise.card.source import Path
from leadwise.card.typecheck import Fault, condition_faults
from leadwise.errors import Problem
from leadwise.playbooks.conditions.names import CRM_EVENTS, OWN_EVENTS, OWN_NAMES, playbook_scope
from leadwise.playbooks.language.reading import Asked, Reading
from leadwise.playbooks.model import BandTrigger, EventTrigger, Goal, Trigger


def check_conditions(found: Reading, card: Card | None, measures: tuple[Measure, ...]) -> None:
    """Each condition against the card; without one, nothing but what needs none."""
    if card is None:
        for asked in found.asked:
            if not any(isinstance(part, Name) for part in walk(asked.tree)):
                _report(found, asked, condition_faults(asked.tree, Scope("lead", {})))
        return
    lead = playbook_scope(card, measures)
    for asked in found.asked:
        scope = lead if asked.event is None else event_scope(card, (asked.event,))
        faults = condition_faults(asked.tree, scope)
        if asked.event is not None and not _declared(card, asked.event):
            _undeclared(found, asked)
            continue
        _report(found, asked, faults, lead, card)


def _report(
    found: Reading, asked: Asked, faults: Sequence[Fault], lead: Scope | None = None,
    card: Card | None = None,
) -> None:  # fmt: skip
    for fault in faults:
        hint = fault.hint
        if fault.name and lead and card and not hint.startswith("did you mean"):
            hint = _elsewhere(fault.name, asked, lead, card) or hint
        where = found.source.inside(asked.path, fault.span[0])
        found.add(Problem(fault.code, fault.message, hint, where, fault.severity))


def _elsewhere(name: str, asked: Asked, lead: Scope, card: Card) -> str:
    """A hint where the name exists, but not for this kind of condition."""
    if asked.event is not None and lead.get(name):
        return "where reads properties of the event; put conditions on the lead into when:"
    if asked.event is None and event_scope(card, ("any",)).get(name):
        return f"'{name}' is a property of events: use where:, or make a measure of it"
    if asked.event is None and name in OWN_NAMES:
        return f"the card has no {'bands' if name == 'band' else 'grade'}"
    return ""


def _undeclared(found: Reading, asked: Asked) -> None:
    message = f"the card does not declare '{asked.event}', so its properties are not known"
    hint = f"declare it in the card: events: {{{asked.event}: {{...}}}}"
    found.add(Problem("undeclared-event", message, hint, found.place(asked.path)))


def _declared(card: Card, event: str) -> bool:
    return any(one.name == event for one in card.events)


def check_events(found: Reading, path: Path, event: EventTrigger | None, card: Card | None) -> None:
    """An event that nothing declares is most often a misspelling."""
    if event is None or card is None or event.event in OWN_EVENTS or event.where is not None:
        return
    names = [one.name for one in card.events]
    if event.event in names or event.event.startswith(CRM_EVENTS):
        return
    hint = suggestion(
        event.event, [*names, *OWN_EVENTS], f"the card declares {listing(names)}; declare it there"
    )
    message = f"the card does not declare the event '{event.event}'"
    found.add(Problem("undeclared-event", message, hint, found.place(path), "warning"))


def check_starts(found: Reading, starts: Sequence[tuple[Path, Trigger]], card: Card | None) -> None:
    """Bands and events of the card that what starts it names."""
    for path, trigger in starts:
        if isinstance(trigger, BandTrigger):
            _bands(found, path, trigger, card)
        elif isinstance(trigger, EventTrigger):
            check_events(found, _event_path(found, path), trigger, card)


def _bands(found: Reading, path: Path, trigger: BandTrigger, card: Card | None) -> None:
    if card is None:
        return
    known = [band.id for band in card.bands]
    for name in (*trigger.enters, *trigger.leaves):
        if name not in known:
            hint = suggestion(name, known, f"its bands are {listing(known)}")
            where = _place_of(found, (*path, "band"), name)
            message = f"the card has no band '{name}'"
            found.add(Problem("unknown-band", message, hint, found.place(where)))


def _place_of(found: Reading, path: Path, word: str) -> Path:
    """Where a word stands below a path."""
    for key in ("enters", "leaves", None):
        at = (*path, key) if key else path
        if found.source.node(at) is found.source.node(path) and key:
            continue
        for item in found.items(at, alone=True):
            if getattr(found.node(item), "text", None) == word:
                return item
    return path


def check_goals(found: Reading, goals: Sequence[tuple[Path, Goal]], card: Card | None) -> None:
    """Events that goals name."""
    for path, goal in goals:
        check_events(found, _event_path(found, path), goal.event, card)


def _event_path(found: Reading, path: Path) -> Path:
    """Where the event of a start or a goal stands."""
    for key in ("event", "form"):
        if found.source.node((*path, key)) is not found.node(path):
            return (*path, key)
    return path
