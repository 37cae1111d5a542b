"""Rows as what the peers take: one table of numbers and categories, the same for all of them.

The peers see every field and measure that the learned card may use: numbers and booleans as they
are, times as days before the moment, texts and choices as categories of the rows learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bench.data import DAY
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Rows

MOST = 200
"""A text of more values than this keeps its most frequent ones."""


@dataclass(frozen=True)
class Features:
    """What to read of rows: names of numbers, and of categories with their values."""

    numbers: tuple[str, ...]
    times: tuple[str, ...]
    categories: dict[str, pa.Array]

    @property
    def names(self) -> list[str]:
        return [*self.numbers, *self.times, *self.categories]

    def of(self, rows: Rows) -> Floats:
        """A column each: numbers (NaN unknown), then categories as places (NaN unknown or new)."""
        columns = [rows.numbers(name) for name in self.numbers]
        columns += [(rows.as_of_us - rows.numbers(name)) / DAY for name in self.times]
        for name, values in self.categories.items():
            place = pc.index_in(rows.values[name].combine_chunks(), value_set=values)
            columns.append(place.cast(pa.float64()).to_numpy(zero_copy_only=False))
        found: Floats = np.column_stack(columns)
        return found


def features_of(rows: Rows) -> Features:
    """What these rows offer; columns that never differ are left out."""
    numbers, times, categories = [], [], {}
    for name, kind in value_types(rows.card).items():
        if kind in ("text", "choice"):
            counted = pc.value_counts(rows.values[name].drop_null().combine_chunks()).to_pylist()
            often = sorted(counted, key=lambda one: (-one["counts"], one["values"]))[:MOST]
            if often:
                categories[name] = pa.array(sorted(one["values"] for one in often), pa.string())
        elif len(np.unique(rows.numbers(name))) > 1:
            (times if kind == "time" else numbers).append(name)
    return Features(tuple(numbers), tuple(times), categories)


def one_hot(features: Features, table: Floats) -> Floats:
    """Numbers as they are beside a column for "unknown"; categories as a column a value."""
    many = len(features.numbers) + len(features.times)
    unknown = np.isnan(table[:, :many])
    columns: list[NDArray[np.float64]] = [table[:, :many], unknown.astype(np.float64)]
    for place, values in enumerate(features.categories.values(), many):
        columns.append((table[:, place][:, None] == np.arange(len(values))).astype(np.float64))
    return np.hstack(columns)
