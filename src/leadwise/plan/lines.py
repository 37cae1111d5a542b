"""The lines of a card's ledger, in order: the one place that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.model import Card, Criterion, Dimension, OccurrenceCriterion, Range

LineKind: TypeAlias = Literal["criterion", "limit", "adjustment", "minimum", "maximum"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger: `name` is its column, `id` what it belongs to in the card.

    `dimension` is None for the lines of the whole card.
    """

    name: str
    kind: LineKind
    id: str
    dimension: str | None
    label: str


def column_name(card_id: str) -> str:
    """An id as a column: a hyphen cannot stand in a name on every engine."""
    return card_id.replace("-", "_")


def total_name(dimension_id: str) -> str:
    return f"{column_name(dimension_id)}__total"


def points_limit(criterion: Criterion) -> int | None:
    """The most points that a criterion may give, where the card says so."""
    if isinstance(criterion, OccurrenceCriterion) and criterion.limit:
        return criterion.limit.points
    return None


def _range(owner: str, of: Range, dimension: str | None, label: str) -> Iterator[Line]:
    base = column_name(owner)
    if of.min is not None:
        yield Line(f"{base}__min", "minimum", owner, dimension, f"{label}: minimum")
    if of.max is not None:
        yield Line(f"{base}__max", "maximum", owner, dimension, f"{label}: maximum")


def _of_dimension(dimension: Dimension) -> Iterator[Line]:
    for criterion in dimension.criteria:
        base, label = column_name(criterion.id), criterion.label or criterion.id
        yield Line(base, "criterion", criterion.id, dimension.id, label)
        if points_limit(criterion) is not None:
            yield Line(f"{base}__limit", "limit", criterion.id, dimension.id, f"{label}: limit")
    for adjustment in dimension.adjustments:
        name, label = column_name(adjustment.id), adjustment.label or adjustment.id
        yield Line(name, "adjustment", adjustment.id, dimension.id, label)
    label = dimension.label or dimension.id
    yield from _range(dimension.id, dimension.range, dimension.id, label)


def lines(card: Card) -> tuple[Line, ...]:
    """Every line that the card's ledger has, in the order of docs/card-language.md."""
    found: list[Line] = []
    for dimension in card.dimensions:
        found += _of_dimension(dimension)
    for adjustment in card.adjustments:
        name, label = column_name(adjustment.id), adjustment.label or adjustment.id
        found.append(Line(name, "adjustment", adjustment.id, None, label))
    found += _range("score", card.range, None, "Score")
    return tuple(found)
