"""Rows without what gives the outcome away, and without all that was made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from leadwise.card import expression as tree
from leadwise.card.expression import Expression
from leadwise.card.model import Adjustment, Card, Criterion, OccurrenceCriterion, Occurrences
from leadwise.errors import UserError
from leadwise.learn.rows import Rows
from leadwise.plan.decided import all_adjustments


def without(rows: Rows, names: Collection[str]) -> Rows:
    """The same rows, of a card that does not know these fields, measures or events.

    Measures of such an event go too (also those `on: any`, which counted it), and so do criteria
    and adjustments that read any of it, with their pieces. `score` and `band` stay what the card
    said. Raises UserError for a name that the card has not.
    """
    card = rows.card
    known = [field.name for field in card.fields] + [one.name for one in card.measures]
    known += [event.name for event in card.events]
    for name in names:
        if name not in known:
            raise UserError(
                "learn-without",
                f"The card {card.id!r} has no field, measure or event {name!r}.",
                hint="Name one of " + ", ".join(known) + ".",
            )
    gone = set(names)
    gone |= {m.name for m in card.measures if _is_on(m.occurrences, gone, card)}
    lost = {one.id for one in card.criteria if gone & set(_read(one, gone, card))}
    lost |= {one.id for one in all_adjustments(card) if gone & set(tree.names(one.when))}
    kept = [n for n, piece in enumerate(rows.piece_names) if piece.criterion not in lost]
    return replace(
        rows,
        card=_smaller(card, gone, lost),
        values=rows.values.select([n for n in rows.values.column_names if n not in gone]),
        pieces=rows.pieces[:, np.array(kept, np.int64)],
        piece_names=tuple(rows.piece_names[n] for n in kept),
    )


def _is_on(occurrences: Occurrences, gone: set[str], card: Card) -> bool:
    events = {event.name for event in card.events} & gone
    return bool(events & set(occurrences.on)) or bool(events and "any" in occurrences.on)


def _read(criterion: Criterion, gone: set[str], card: Card) -> Iterator[str]:
    """The names that decide a criterion; for an event of `gone`, that event."""
    conditions: list[Expression] = []
    if isinstance(criterion, OccurrenceCriterion):
        conditions += [criterion.when] if criterion.when is not None else []
        if _is_on(criterion.occurrences, gone, card):
            yield from gone
    else:
        conditions += [tier.when for tier in criterion.tiers]
    for condition in conditions:
        yield from tree.names(condition)


def _smaller(card: Card, gone: set[str], lost: set[str]) -> Card:
    def left(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(one for one in adjustments if one.id not in lost)

    dimensions = [
        replace(
            dimension,
            criteria=tuple(one for one in dimension.criteria if one.id not in lost),
            adjustments=left(dimension.adjustments),
        )
        for dimension in card.dimensions
    ]
    whole = tuple(dimension for dimension in dimensions if dimension.criteria)
    return replace(
        card,
        dimensions=whole,
        adjustments=left(card.adjustments),
        fields=tuple(one for one in card.fields if one.name not in gone),
        measures=tuple(one for one in card.measures if one.name not in gone),
        events=tuple(one for one in card.events if one.name not in gone),
        grade=card.grade if len(whole) == len(card.dimensions) else None,
    )
