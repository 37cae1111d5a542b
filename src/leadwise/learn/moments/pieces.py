"""The answers of the query of moments as arrays: score, band, pieces, values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadwise.asking.population import Population
from leadwise.card.model import Card, OccurrenceCriterion, StateCriterion, ValueType
from leadwise.engines.entry.dataset import ARROW
from leadwise.learn.rows import Floats, Piece, Wholes
from leadwise.plan import Each
from leadwise.plan.decided import all_adjustments, state_name
from leadwise.plan.pieces import compile_pieces, occurred_name, states, value_name
from leadwise.plan.relations import MOMENTS
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


def asked_of(of: Population, lead_ids: pa.Array, as_of_us: Wholes) -> Answers:
    """Ask the card of these moments, each with what had reached us by then; `lead_ids` has the type
    that ids have in the engine."""
    tree = compile_pieces(of.card, Each())
    schema = _schema(of.card)
    parts = [
        _ask(of, tree, schema, lead_ids.slice(start, AT_ONCE), as_of_us[start : start + AT_ONCE])
        for start in range(0, max(1, len(as_of_us)), AT_ONCE)
    ]
    return Answers(
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.band for part in parts]),
        np.concatenate([part.pieces for part in parts]),
        pa.concat_tables([part.values for part in parts]),
    )


def bands_at(of: Population, lead_ids: pa.Array, as_of_us: Wholes) -> Wholes:
    """The place of each moment's band, from 0; -1 where the card has none."""
    tree = compile_pieces(of.card, Each(), values=False)
    found = [
        _bands(of.card, _answer(of, tree, None, lead_ids.slice(start, AT_ONCE), at)["band"])
        for start in range(0, max(1, len(as_of_us)), AT_ONCE)
        for at in [as_of_us[start : start + AT_ONCE]]
    ]
    return np.concatenate(found)


def _ask(
    of: Population, tree: object, schema: pa.Schema, lead_ids: pa.Array, as_of_us: Wholes
) -> Answers:
    table = _answer(of, tree, schema, lead_ids, as_of_us)
    card, names = of.card, [f.name for f in of.card.fields] + [m.name for m in of.card.measures]
    columns = [table[value_name(place)] for place in range(len(names))]
    return Answers(
        table["score"].to_numpy(),
        _bands(card, table["band"]),
        _pieces(card, table),
        pa.table(columns, names=names),
    )


def _answer(
    of: Population, tree: object, schema: pa.Schema | None, lead_ids: pa.Array, as_of_us: Wholes
) -> pa.Table:
    moments = pa.table(
        {
            "_moment": pa.array(np.arange(len(as_of_us), dtype=np.int64)),
            "lead_id": lead_ids,
            "as_of_us": pa.array(as_of_us),
            "known_by_us": pa.array(as_of_us),
        }
    )
    of.engine.load(MOMENTS, moments)
    table = of.engine.query(tree, schema)  # type: ignore[arg-type]
    return table.take(pc.sort_indices(table["_moment"].combine_chunks()))


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
        last = measure.statistic == "last" and measure.property is not None
        types[measure.name] = known[measure.property].type if last else "number"  # type: ignore[index]
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
