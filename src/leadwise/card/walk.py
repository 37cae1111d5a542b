"""Every part of a card with its path in the file, for checks that look at all of a kind."""

from __future__ import annotations

from collections.abc import Iterator

from leadwise.card.expression import Expression
from leadwise.card.model import (
    Adjustment,
    Card,
    Criterion,
    OccurrenceCriterion,
    Occurrences,
    StateCriterion,
)
from leadwise.card.source import Path


def criteria(card: Card) -> Iterator[tuple[Path, Criterion]]:
    """Criteria in the order of the card."""
    for d, dimension in enumerate(card.dimensions):
        for c, criterion in enumerate(dimension.criteria):
            yield ("dimensions", d, "criteria", c), criterion


def adjustments(card: Card) -> Iterator[tuple[Path, Adjustment]]:
    """Adjustments of the dimensions, then of the card."""
    for d, dimension in enumerate(card.dimensions):
        for a, adjustment in enumerate(dimension.adjustments):
            yield ("dimensions", d, "adjustments", a), adjustment
    for a, adjustment in enumerate(card.adjustments):
        yield ("adjustments", a), adjustment


def occurrences(card: Card) -> Iterator[tuple[Path, Occurrences]]:
    """Everything with `on`: measures, then criteria."""
    for measure in card.measures:
        yield ("measures", measure.name), measure.occurrences
    for path, criterion in criteria(card):
        if isinstance(criterion, OccurrenceCriterion):
            yield path, criterion.occurrences


def lead_conditions(card: Card) -> Iterator[tuple[Path, Expression]]:
    """Every condition on the lead: `when` of criteria, tiers and adjustments."""
    for path, criterion in criteria(card):
        yield from criterion_conditions(path, criterion)
    for path, adjustment in adjustments(card):
        yield (*path, "when"), adjustment.when


def criterion_conditions(path: Path, criterion: Criterion) -> Iterator[tuple[Path, Expression]]:
    """The conditions on the lead of one criterion."""
    match criterion:
        case StateCriterion(tiers=tiers, short=True):
            yield (*path, "when"), tiers[0].when
        case StateCriterion():
            yield from zip(
                tier_paths(path, criterion), (t.when for t in criterion.tiers), strict=True
            )
        case OccurrenceCriterion():
            if criterion.when is not None:
                yield (*path, "when"), criterion.when


def tier_paths(path: Path, criterion: StateCriterion) -> list[Path]:
    """The paths of the tiers' conditions (`otherwise` stands last)."""
    if criterion.short:
        return [(*path, "when")]
    return [(*path, "tiers", i, "when") for i in range(len(criterion.tiers))]


def event_conditions(card: Card) -> Iterator[tuple[Path, Expression, tuple[str, ...]]]:
    """Every `where`, with the events it looks at."""
    for path, found in occurrences(card):
        if found.where is not None:
            yield (*path, "where"), found.where, found.on
