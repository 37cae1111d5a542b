"""A card with measures that its author did not think of, so that behaviour can be learned.

The measures of a lead's recency, frequency and amount are those of R. C. Blattberg, B.-D. Kim and
S. A. Neslin 2008, Database Marketing, chapter 12 (RFM analysis): how often, how lately, how much,
within several windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from leadwise.asking.instants import DAY_US
from leadwise.asking.reading import items, read_by
from leadwise.card.model import Card, Event, Measure, Occurrences, Statistic, Variable
from leadwise.plan.slots import Kept, Valued, measured

ADDED = "Added so that it can be learned from."
"""What is said about each of ours; `narrowed` knows them by it."""
MOST = 60
"""So many measures of ours at most: each is a column of every moment."""
MOST_PASSES = 6
"""So many of ours that are a pass over the events of their own: different values, last numbers."""
MOST_VALUES = 50
"""A choice with more values than this is not worth a `last` of its own."""


def widened(card: Card, *, windows_days: Sequence[int] = (7, 30, 90), most: int = MOST) -> Card:
    """The same card with measures of each declared event that it does not have yet.

    First how often in all and within each window, and how lately, of all events and of each; then
    how lately first, sums, last values and numbers of different values. What is beyond `most` is
    left out from the end. Scores stay what they are: nothing reads the new measures.
    """
    own = {_meaning(measure) for measure in card.measures}
    names = {field.name for field in card.fields} | {measure.name for measure in card.measures}
    names |= {variable.name for event in card.events for variable in event.properties}
    added: list[Measure] = []
    dear = 0
    for measure in _ranked(card, windows_days):
        if len(added) == most:
            break
        if _meaning(measure) in own or (_is_dear(measure, card) and dear == MOST_PASSES):
            continue
        dear += _is_dear(measure, card)
        name = _free(measure.name, names)
        own.add(_meaning(measure))
        names.add(name)
        added.append(replace(measure, name=name))
    return replace(card, measures=(*card.measures, *added))


def narrowed(card: Card) -> Card:
    """The same card without the measures of ours that nothing reads."""
    read = {name for item in items(card) for name in read_by(item)}
    kept = tuple(one for one in card.measures if one.about != ADDED or one.name in read)
    return replace(card, measures=kept)


def _ranked(card: Card, windows_days: Sequence[int]) -> Iterator[Measure]:
    """The most telling first; of equal rank in the order of the card."""
    if not card.events:
        return
    kinds = [event.name for event in card.events]
    groups = [*([("any", "anything")] if len(kinds) > 1 else []), *((k, _plain(k)) for k in kinds)]
    for on, said in groups:
        yield _measure(on, "count", f"{on}_times", f"How often: {said}")
        yield _measure(on, "days_since_last", f"{on}_last_days", f"Days since the last: {said}")
    for days in sorted(set(windows_days)):
        for on, said in groups:
            label = f"How often in {days} days: {said}"
            yield _measure(on, "count", f"{on}_times_{days}d", label, days=days)
    for event in card.events:
        yield from _of_properties(event)
    for on, said in groups:
        yield _measure(on, "days_since_first", f"{on}_first_days", f"Days since the first: {said}")


def _of_properties(event: Event) -> Iterator[Measure]:
    on, said = event.name, _plain(event.name)
    for variable in event.properties:
        base, label = f"{on}_{variable.name}", f"{variable.label or _plain(variable.name)}: {said}"
        if variable.type == "number":
            yield _measure(on, "last", f"{base}_last", f"Last {label}", variable)
            yield _measure(on, "sum", f"{base}_sum", f"Sum of {label}", variable)
            yield _measure(on, "max", f"{base}_most", f"Greatest {label}", variable)
        elif variable.type == "boolean" or 0 < len(variable.choices) <= MOST_VALUES:
            yield _measure(on, "last", f"{base}_last", f"Last {label}", variable)
        if variable.type in ("text", "choice"):
            yield _measure(on, "distinct", f"{base}_kinds", f"Different {label}", variable)


def _measure(
    on: str,
    statistic: Statistic,
    name: str,
    label: str,
    of: Variable | None = None,
    *,
    days: int = 0,
) -> Measure:
    within = days * DAY_US if days else None
    return Measure(
        name=name, occurrences=Occurrences((on,), None, within), statistic=statistic,
        property=of.name if of else None, label=label, about=ADDED,
    )  # fmt: skip


def _meaning(measure: Measure) -> tuple[object, ...]:
    return (measure.occurrences, measure.statistic, measure.property)


def _is_dear(measure: Measure, card: Card) -> bool:
    return isinstance(measured(measure, card), Kept | Valued)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
