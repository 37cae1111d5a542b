"""The answers of the query of moments as arrays: score, band, pieces, values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadwise.asking.past import ask_pieces
from leadwise.asking.population import Population
from leadwise.card.model import Card, OccurrenceCriterion, StateCriterion, ValueType
from leadwise.engines.entry.dataset import ARROW
from leadwise.learn.rows import Floats, Piece, Wholes
from leadwise.plan.decided import all_adjustments, state_name
from leadwise.plan.pieces import occurred_name, states, value_name
from leadwise.plan.relations import FOREVER
from leadwise.plan.slots import properties

AT_ONCE = 500_000
"""So many moments are asked in one query: what is in memory at one time stays bounded."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the card said at each moment asked, in the order asked."""

    score: Wholes
    band: Wholes
    pieces: Floats
    values: pa.Table


def pieces_of(card: Card) -> tuple[Piece, ...]:
    """The parts of a card that have points of their own, in its order."""
    found: list[Piece] = []
    for criterion in card.criteria:
        match criterion:
            case StateCriterion(id=name, tiers=tiers, otherwise=otherwise, unknown=unknown):
                found += [Piece(name, "tier", n, tier.points) for n, tier in enumerate(tiers)]
                found.append(Piece(name, "otherwise", 0, otherwise or 0))
                found.append(Piece(name, "unknown", 0, unknown or 0))
            case OccurrenceCriterion():
                found.append(Piece(criterion.id, "occurrence", 0, criterion.points))
    found += [Piece(one.id, "adjustment") for one in all_adjustments(card)]
    return tuple(found)


def asked_of(
    of: Population, lead_ids: pa.Array, as_of_us: Wholes, *, late_counts: bool = False
) -> Answers:
    """Ask the card of these moments, each with what had reached us by then; `lead_ids` has the type
    that ids have in the engine."""
    schema = _schema(of.card)
    parts = [
        _answers(of.card, ask_pieces(of, moments, schema))
        for moments in _moments(lead_ids, as_of_us, late_counts=late_counts)
    ]
    return Answers(
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.band for part in parts]),
        np.concatenate([part.pieces for part in parts]),
        pa.concat_tables([part.values for part in parts]),
    )


def bands_at(
    of: Population, lead_ids: pa.Array, as_of_us: Wholes, *, late_counts: bool = False
) -> Wholes:
    """The place of each moment's band, from 0; -1 where the card has none."""
    schema = pa.schema([("_moment", pa.int64()), ("band", pa.string())])
    found = [
        _bands(of.card, ask_pieces(of, moments, schema, values=False)["band"])
        for moments in _moments(lead_ids, as_of_us, late_counts=late_counts)
    ]
    return np.concatenate(found)


def _moments(lead_ids: pa.Array, as_of_us: Wholes, *, late_counts: bool) -> Iterator[pa.Table]:
    """The relation `moments`, in parts; one without rows where there are none."""
    known_by = np.full(len(as_of_us), FOREVER, np.int64) if late_counts else as_of_us
    table = pa.table(
        {
            "_moment": pa.array(np.arange(len(as_of_us), dtype=np.int64)),
            "lead_id": lead_ids,
            "as_of_us": pa.array(as_of_us),
            "known_by_us": pa.array(known_by),
        }
    )
    for start in range(0, max(1, len(as_of_us)), AT_ONCE):
        yield table.slice(start, AT_ONCE)


def _answers(card: Card, table: pa.Table) -> Answers:
    types = value_types(card)
    columns = [table[value_name(place)] for place in range(len(types))]
    score = table["score"].to_numpy()
    return Answers(
        score, _bands(card, table["band"]), _pieces(card, table), pa.table(columns, list(types))
    )


def _schema(card: Card) -> pa.Schema:
    whole, text = pa.int64(), pa.string()
    columns = [("_moment", whole), ("score", whole), ("band", text)]
    columns += [(name, whole) for name in states(card)]
    columns += [
        (occurred_name(c.id), pa.float64())
        for c in card.criteria
        if isinstance(c, OccurrenceCriterion)
    ]
    columns += [
        (value_name(place), ARROW[kind]) for place, kind in enumerate(value_types(card).values())
    ]
    return pa.schema(columns)


def value_types(card: Card) -> dict[str, ValueType]:
    """The type of every field and measure, in the order of the columns of `Rows.values`."""
    types: dict[str, ValueType] = {field.name: field.type for field in card.fields}
    known = properties(card)
    for measure in card.measures:
        of = known.get(measure.property or "") if measure.statistic == "last" else None
        types[measure.name] = of.type if of else "number"
    return types


def _bands(card: Card, column: pa.ChunkedArray) -> Wholes:
    ids = pa.array([band.id for band in card.bands], pa.string())
    if not card.bands:
        return np.full(len(column), -1, np.int64)
    found = pc.fill_null(pc.index_in(column.cast(pa.string()), value_set=ids), -1)
    places: Wholes = found.to_numpy().astype(np.int64)
    return places


def _pieces(card: Card, table: pa.Table) -> Floats:
    columns: list[NDArray[np.float64]] = []
    for piece in pieces_of(card):
        if piece.kind == "occurrence":
            columns.append(table[occurred_name(piece.criterion)].to_numpy())
            continue
        wanted = {"tier": piece.place + 1, "otherwise": 0, "unknown": -1, "adjustment": 1}
        state = table[state_name(piece.criterion)].to_numpy()
        columns.append((state == wanted[piece.kind]).astype(np.float64))
    found: Floats = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    return found
