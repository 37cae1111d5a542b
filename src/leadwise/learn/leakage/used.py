"""What a card's points depend on, and what of that gives the outcome away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from leadwise.asking.population import Population
from leadwise.asking.reading import items, read_by
from leadwise.card.model import Card, OccurrenceCriterion
from leadwise.errors import UserError
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


def require_known(card: Card, given: Mapping[str, Collection[str]]) -> None:
    """UserError (`learn-without`) for a name that the card has not, by the option that gives it:
    nobody would notice that it does nothing."""
    known = [field.name for field in card.fields] + [one.name for one in card.measures]
    known += [event.name for event in card.events]
    for option, names in given.items():
        for name in sorted(set(names) - set(known)):
            near = get_close_matches(name, known, n=1)
            every = f"Name one of {', '.join(known)}." if known else "It has none at all."
            raise UserError(
                "learn-without",
                f"{option} {name}: the card {card.id!r} has no field, measure or event of that "
                "name.",
                hint=f"Did you mean {near[0]}?" if near else every,
            )
