"""What a card's points depend on, and what of that gives the outcome away."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from leadwise.asking.population import Population
from leadwise.asking.reading import items, read_by
from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.learn.leakage.guard import all_suspects
from leadwise.learn.leakage.suspect import require_clean
from leadwise.learn.moments.built import Built


def used_by(card: Card) -> set[str]:
    """The fields, measures and events that a card's points depend on."""
    read = {name for item in items(card) for name in read_by(item)}
    measures = {measure.name: measure for measure in card.measures}
    kinds = {kind for name in read & set(measures) for kind in measures[name].occurrences.on}
    for criterion in card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            kinds |= set(criterion.occurrences.on)
    return read | kinds | ({event.name for event in card.events} if "any" in kinds else set())


def guard(
    built: Built, of: Population, outcomes: Mapping[str, tuple[bool, int | None]],
    allowed: Collection[str] = (), *, everything: bool = False,
) -> None:  # fmt: skip
    """UserError (`leakage`) where what the card reads gives the outcome away, or, for what will be
    learned from, `everything` that the rows hold."""
    used = used_by(of.card)
    found = all_suspects(built, of, outcomes)
    require_clean([one for one in found if everything or one.name in used], allowed,
                  learning=everything)  # fmt: skip
