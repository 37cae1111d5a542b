"""What of a card's fields, measures and events its points depend on."""

from __future__ import annotations

from leadwise.asking.reading import items, read_by
from leadwise.card.model import Card, OccurrenceCriterion


def used_by(card: Card) -> set[str]:
    """Their names: a field that nothing reads cannot give the outcome away."""
    read = {name for item in items(card) for name in read_by(item)}
    measures = {measure.name: measure for measure in card.measures}
    kinds = {kind for name in read & set(measures) for kind in measures[name].occurrences.on}
    for criterion in card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            kinds |= set(criterion.occurrences.on)
    return read | kinds | ({event.name for event in card.events} if "any" in kinds else set())
