"""Criteria and measures: events and properties that exist, limits that bound, points above 0."""

from __future__ import annotations

from leadwise.card.inspection import Inspection
from leadwise.card.model import Measure, OccurrenceCriterion, StateCriterion
from leadwise.card.nearest import listing, suggestion
from leadwise.card.scopes import Meaning, event_scope
from leadwise.card.source import Path
from leadwise.card.walk import adjustments, criteria, occurrences

MOST_CRITERIA = 400
_WHOLE = 10_000  # 100 percent, in hundredths of a percent


def check_criteria(found: Inspection) -> None:
    """Reports what is wrong in single criteria, adjustments and measures."""
    card = found.card
    if len(card.criteria) > MOST_CRITERIA:
        message = f"this card has {len(card.criteria)} criteria; the most is {MOST_CRITERIA}"
        hint = "use tiers for alternatives, or split the card"
        found.error_at_key("too-many-criteria", message, hint, ("dimensions",))
    for path, part in occurrences(card):
        _events(found, part.on, (*path, "on"))
    for measure in card.measures:
        _measure(found, measure)
    for path, criterion in criteria(card):
        if isinstance(criterion, OccurrenceCriterion):
            _occurrence(found, criterion, path)
        else:
            _state(found, criterion, path)
    for path, adjustment in adjustments(card):
        at: Path = (*path, "percent")
        if adjustment.percent < -_WHOLE:
            message = "an adjustment takes away 100 percent at most"
            found.error("percent-range", message, "write -100 or more", at)
        elif adjustment.percent == 0:
            message = f"adjustment '{adjustment.id}' of 0 percent changes nothing"
            found.error("never-points", message, "give it a percent, or remove it", at)


def _events(found: Inspection, on: tuple[str, ...], path: Path) -> None:
    declared = [event.name for event in found.card.events]
    if on == ("any",):
        if not declared and found.whole:
            message = "'any' means every event that the card declares, and it declares none"
            found.error("unknown-event", message, "declare them under events:", path)
        return
    for i, name in enumerate(on):
        at: Path = (*path, i) if found.source.node(path).kind == "a list" else path
        if name == "any":
            message = "'any' already means every event"
            found.error("on-any", message, "write on: any, or list the events", at)
        elif name in on[:i]:
            found.error("duplicate-event", f"'{name}' stands twice in on", "remove one", at)
        elif name not in declared and not found.is_lost(name):
            hint = suggestion(name, declared, f"declare it under events: {name}: {{}}")
            found.error("unknown-event", f"'{name}' is not an event of this card", hint, at)


def _property(found: Inspection, on: tuple[str, ...], name: str, path: Path) -> Meaning | None:
    """What a named property is; reports one that no event of `on` declares."""
    scope = event_scope(found.card, on)
    meaning = scope.get(name)
    declared = {event.name for event in found.card.events}
    known_events = on == ("any",) or all(event in declared for event in on)
    if meaning is None and known_events and not found.is_lost(name):
        hint = suggestion(name, scope.names, f"they declare: {listing(scope.names)}")
        message = f"'{name}' is not a property of these events"
        found.error("unknown-property", message, hint, path)
    return meaning


def _measure(found: Inspection, measure: Measure) -> None:
    if measure.property is None:
        return
    path: Path = ("measures", measure.name, measure.statistic)
    meaning = _property(found, measure.occurrences.on, measure.property, path)
    if meaning and measure.statistic in ("sum", "min", "max") and meaning.type != "number":
        found.error(
            "type-mismatch",
            f"{measure.statistic} takes a number, and '{measure.property}' is a {meaning.type}",
            "use distinct to count different values, or last for the latest",
            path,
        )


def _occurrence(found: Inspection, criterion: OccurrenceCriterion, path: Path) -> None:
    if criterion.distinct is not None:
        _property(found, criterion.occurrences.on, criterion.distinct, (*path, "distinct"))
    if criterion.points == 0:
        message = f"criterion '{criterion.id}' gives 0 points"
        hint = "give it points, or remove it; use a measure only to count"
        found.error("never-points", message, hint, (*path, "points"))
    limit = criterion.limit.points if criterion.limit else None
    at: Path = (*path, "limit", "points")
    if limit == 0:
        message = "a limit of 0 points leaves nothing"
        found.error("limit-sign", message, "write the most that this criterion may give", at)
    elif limit is not None and criterion.points and (limit > 0) != (criterion.points > 0):
        message = "the limit has another sign than the points, so that it would bound nothing"
        found.error("limit-sign", message, "give both the same sign", at)


def _state(found: Inspection, criterion: StateCriterion, path: Path) -> None:
    worth = [tier.points for tier in criterion.tiers]
    worth += [criterion.otherwise or 0, criterion.unknown or 0]
    if criterion.tiers and not any(worth):
        message = f"criterion '{criterion.id}' gives 0 points whatever is true"
        hint = "give it points, or remove it"
        found.error(
            "never-points", message, hint, (*path, "points" if criterion.short else "tiers")
        )
