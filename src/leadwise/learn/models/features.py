"""What a model is given of a row: a matrix of doubles with a name for each column.

Numbers are as they are, NaN unknown; booleans 0 and 1; times days before the moment; choices and
texts of few values the place of the value among those seen in training; texts of many values a
column for each frequent word. The same columns come out of a table of training rows, of everybody,
and of one lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.card.model import ValueType
from leadwise.errors import UserError
from leadwise.learn.models.options import MODELS
from leadwise.learn.models.words import frequent_terms, presence
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Rows, Wholes

DAY_US = 86_400_000_000
MOST_VALUES = 40
"""A text with more different values is read by its words; a choice keeps so many values apart."""
LEAST_ROWS = 5
"""A value of a choice that fewer rows have is one of the others."""

Kind: TypeAlias = Literal["number", "boolean", "days", "category", "word"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: of a category the values with a place of their own (`rest`: what is none of them
    has the place after the last, else it is unknown); of a word that word."""

    field: str
    kind: Kind
    values: tuple[str, ...] = ()
    rest: bool = False

    @property
    def name(self) -> str:
        """For people and logs: "title: head of"."""
        return f"{self.field}: {self.values[0]}" if self.kind == "word" else self.field


@dataclass(frozen=True, slots=True)
class Features:
    """The columns, in order; columns of one field stand together."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields and measures that are read, each once."""
        return tuple(dict.fromkeys(column.field for column in self.columns))

    @property
    def categories(self) -> tuple[int, ...]:
        """Places of the columns that have no order."""
        return tuple(n for n, one in enumerate(self.columns) if one.kind == "category")

    def of_rows(self, rows: Rows) -> Floats:
        """(rows, columns), NaN unknown."""
        return self.matrix(rows.values, rows.as_of_us)

    def matrix(self, values: pa.Table, as_of_us: Wholes) -> Floats:
        """The same of any table that has the columns of `Rows.values`; `as_of_us` one a row.

        UserError (`model-field`) where a field that the model reads is not among them.
        """
        found = np.empty((values.num_rows, len(self.columns)), order="F")
        for place, many in self._runs():
            column = self.columns[place]
            given = _given(values, column.field)
            if column.kind == "word":
                words = tuple(one.values[0] for one in self.columns[place : place + many])
                found[:, place : place + many] = presence(given, words)
            elif column.kind == "category":
                found[:, place] = _places(given, column)
            elif column.kind == "days":
                found[:, place] = _days(given, as_of_us)
            else:
                found[:, place] = _doubles(given)
        return found

    def of_lead(self, values: Mapping[str, object], as_of_us: int) -> Floats:
        """(1, columns) of one lead: a value by name, as in `Rows.values`; what is not there is
        unknown."""
        return self.matrix(table_of(self, [values]), np.array([as_of_us], np.int64))

    def signs(self, monotone: Mapping[str, str]) -> list[int]:
        """1 rising, -1 falling, 0 free, for each column."""
        sign = {"rising": 1, "falling": -1}
        return [sign[monotone[c.field]] if c.field in monotone else 0 for c in self.columns]

    def document(self) -> list[dict[str, object]]:
        """As plain data; `features_from` reads it back."""
        return [
            {"field": c.field, "kind": c.kind, "values": list(c.values), "rest": c.rest}
            for c in self.columns
        ]

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Places and lengths: words of one field are found together."""
        place = 0
        while place < len(self.columns):
            one, many = self.columns[place], 1
            while one.kind == "word" and self.columns[place + many : place + many + 1] and (
                self.columns[place + many].field == one.field
            ):  # fmt: skip
                many += 1
            yield place, many
            place += many


def features_from(document: list[dict[str, Any]]) -> Features:
    """Features as `Features.document` wrote them."""
    return Features(
        tuple(Column(d["field"], d["kind"], tuple(d["values"]), d["rest"]) for d in document)
    )


def features_of(rows: Rows, without: frozenset[str] = frozenset()) -> Features:
    """The columns that these rows suggest: nothing that never differs, nothing that a model said.

    Rows without dates give no days: there is no moment to count them from.
    """
    found: list[Column] = []
    for name, kind in value_types(rows.card).items():
        skipped = name in without or name.startswith(MODELS) or name not in rows.values.column_names
        if skipped or (kind == "time" and not rows.dated):
            continue
        found += _columns(rows, name, kind)
    made = Features(tuple(found))
    matrix = made.of_rows(rows)
    return Features(tuple(c for n, c in enumerate(found) if _differs(matrix[:, n])))


def table_of(features: Features, leads: list[Mapping[str, object]]) -> pa.Table:
    """A table that `matrix` reads, from values by name; what is not there is unknown."""
    types = {"number": pa.float64(), "boolean": pa.int64(), "days": pa.int64()}
    kinds = {column.field: column.kind for column in features.columns}
    columns = {
        name: pa.array([lead.get(name) for lead in leads], types.get(kind, pa.string()))
        for name, kind in kinds.items()
    }
    return pa.table(columns)


def _columns(rows: Rows, name: str, kind: ValueType) -> list[Column]:
    if kind == "time":
        return [Column(name, "days")]
    if kind == "number" or kind == "boolean":
        return [Column(name, kind)]
    counted = pc.value_counts(rows.values[name].combine_chunks()).to_pylist()
    known = [(c["values"], c["counts"]) for c in counted if c["values"] is not None]
    if kind == "text" and len(known) > MOST_VALUES:
        return [Column(name, "word", (term,)) for term in frequent_terms(rows.values[name])]
    order = sorted(known, key=lambda one: (-one[1], one[0]))
    kept = tuple(value for value, many in order if many >= LEAST_ROWS)[:MOST_VALUES]
    return [Column(name, "category", kept, len(kept) < len(known))] if kept else []


def _given(values: pa.Table, field: str) -> pa.ChunkedArray:
    if field not in values.column_names:
        raise UserError(
            "model-field",
            f"The model reads '{field}', which is not among what is known of these leads.",
            hint="Has the card lost this field or measure? Give it back, or learn the model anew.",
        )
    return values[field]


def _doubles(column: pa.ChunkedArray) -> Floats:
    cast_ = column.combine_chunks().cast(pa.float64())
    return cast("Floats", cast_.to_numpy(zero_copy_only=False))


def _days(column: pa.ChunkedArray, as_of_us: Wholes) -> Floats:
    times = column.combine_chunks().cast(pa.int64())
    elapsed = (as_of_us - pc.fill_null(times, 0).to_numpy()) / float(DAY_US)
    return np.where(times.is_null().to_numpy(zero_copy_only=False), np.nan, elapsed)


def _places(column: pa.ChunkedArray, of: Column) -> Floats:
    texts = column.combine_chunks().cast(pa.string())
    place = pc.fill_null(pc.index_in(texts, value_set=pa.array(of.values, pa.string())), -1)
    found: Floats = place.to_numpy().astype(np.float64)
    found[found < 0] = len(of.values) if of.rest else np.nan
    found[texts.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return found


def _differs(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    if not len(known):
        return False
    return len(known) < len(column) or bool((known != known[0]).any())
