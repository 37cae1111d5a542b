"""Fields and measures as few levels, each of them a condition that a card can say.

Numbers and times (as days since) are cut at quantiles of the training rows, values that hold a
large share by themselves first (a count that is mostly 0 keeps its rare larger values apart); an
edge is the shortest decimal between its two neighbours, so that people can read it. Choices keep a
level for each frequent value, rare ones share the last. Unknown is always a level of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Floats, Rows, Wholes

BINS = 8
"""Levels of a number before neighbours are merged; 16 gained nothing on real data."""
LEAST_ROWS = 20
"""A level that is worth looking at has at least so many rows (or a hundredth of them)."""
MOST_VALUES = 40
"""A choice keeps at most so many values apart."""
DAY_US = 86_400_000_000

Kind: TypeAlias = Literal["number", "days", "boolean", "choice"]


@dataclass(frozen=True, slots=True)
class Binned:
    """A field or measure cut into `levels` levels, the last of them "unknown".

    Ordered kinds: level k holds `edges[k - 1] <= value < edges[k]` (a boolean: no, yes). A choice:
    level k is one of the texts `values[k]`, the level before "unknown" is every other text.
    """

    name: str
    kind: Kind
    edges: tuple[float, ...] = ()
    values: tuple[tuple[str, ...], ...] = ()

    @property
    def known(self) -> int:
        """How many levels a known value may have."""
        return len(self.values) + 1 if self.kind == "choice" else len(self.edges) + 1

    @property
    def levels(self) -> int:
        return self.known + 1

    @property
    def ordered(self) -> bool:
        return self.kind != "choice"

    def codes(self, rows: Rows) -> Wholes:
        """The level of each row."""
        if self.kind == "choice":
            return self._choice_codes(rows)
        found = numbers(rows, self.name, self.kind)
        codes = np.searchsorted(np.array(self.edges), found, side="right").astype(np.int64)
        codes[np.isnan(found)] = self.known
        return codes

    def _choice_codes(self, rows: Rows) -> Wholes:
        flat = pa.array([text for texts in self.values for text in texts], pa.string())
        levels = np.repeat(np.arange(len(self.values)), [len(texts) for texts in self.values])
        table = np.append(levels, len(self.values))
        column = rows.values[self.name]
        places = pc.fill_null(pc.index_in(column, value_set=flat), len(flat))
        codes: Wholes = table[places.to_numpy()].astype(np.int64)
        codes[column.is_null().to_numpy()] = self.known
        return codes

    def merged(self, into: Sequence[int]) -> Binned:
        """The same with fewer levels: `into[k]` is the new level of the known level k; new levels
        of an ordered kind stand in order, the rest of a choice is the last."""
        if self.kind == "boolean":
            return self
        if self.ordered:
            kept = tuple(e for e, a, b in zip(self.edges, into, into[1:], strict=False) if a != b)
            return Binned(self.name, self.kind, kept)
        places = range(max(into) + 1)
        joined = [
            tuple(t for texts, at in zip(self.values, into, strict=False) if at == k for t in texts)
            for k in places
        ]
        rest = into[len(self.values)]
        return Binned(self.name, self.kind, (), tuple(joined[k] for k in places if k != rest))

    def condition(self, level: int) -> str | None:
        """The condition of a tier for this level, given that tiers stand in `order()`; None for
        the level that is `otherwise`."""
        if level == self.order()[-1]:
            return None
        if self.kind == "choice":
            texts = [text_literal(text) for text in sorted(self.values[level])]
            return f"{self.name} = {texts[0]}" if len(texts) == 1 else (
                f"{self.name} in ({', '.join(texts)})"
            )  # fmt: skip
        if self.kind == "boolean":
            return self.name
        subject = f"days_since({self.name})" if self.kind == "days" else self.name
        return f"{subject} >= {decimal(self.edges[level - 1])}"

    def order(self) -> tuple[int, ...]:
        """The known levels as tiers stand in a card: the first that is true wins."""
        places = range(self.known)
        return tuple(reversed(places)) if self.ordered else tuple(places)


def binned(rows: Rows, name: str, bins: int = BINS) -> Binned | None:
    """The levels of a field or measure as these rows suggest; None where there is nothing to tell
    rows apart by."""
    kind = _kind(rows, name)
    least = max(LEAST_ROWS, len(rows) // 100)
    if kind is None:
        return None
    if kind == "choice":
        return _choice(rows, name, least)
    found = numbers(rows, name, kind)
    unknown = int(np.isnan(found).sum())
    known = np.sort(found[~np.isnan(found)])
    if kind == "boolean":
        edges: tuple[float, ...] = (0.5,)
        some = min(int((known > 0).sum()), int((known <= 0).sum())) >= min(least, 20)
        return Binned(name, kind, edges) if some or _worth(unknown, len(known), least) else None
    edges = cut(known, bins, least)
    return Binned(name, kind, edges) if edges or _worth(unknown, len(known), least) else None


def numbers(rows: Rows, name: str, kind: Kind) -> Floats:
    """An ordered value as doubles, NaN unknown; times as days since, as the engines work it out."""
    found = rows.numbers(name)
    if kind != "days":
        return found
    column = rows.values[name].combine_chunks()
    elapsed = rows.as_of_us - pc.fill_null(column, 0).to_numpy()
    return np.where(np.isnan(found), np.nan, elapsed / float(DAY_US))


def cut(known: Floats, bins: int, least: int) -> tuple[float, ...]:
    """Edges of sorted numbers, each level with at least `least` of them."""
    if len(known) < 2 * least:
        return ()
    values, counts = np.unique(known, return_counts=True)
    heavy = counts > len(known) / bins
    wanted = set(_quantiles(known, bins))
    light = known[~np.isin(known, values[heavy])]
    if heavy.any() and len(light):
        share = int(np.clip(round(bins * len(light) / len(known)), 2, bins))
        wanted |= set(_quantiles(light, share))
        places = np.flatnonzero(heavy)
        wanted |= set(values[places]) | set(values[np.minimum(places + 1, len(values) - 1)])
    edges: list[float] = []
    before = 0
    for value in sorted(wanted):
        place = int(np.searchsorted(known, value, side="left"))
        if place - before < least or len(known) - place < least:
            continue
        edges.append(shortest_between(float(known[place - 1]), float(known[place])))
        before = place
    return tuple(edges)


def _quantiles(known: Floats, bins: int) -> list[float]:
    places = (np.arange(1, bins) * len(known)) // bins
    return [float(value) for value in known[places]]


def shortest_between(low: float, high: float) -> float:
    """The number with the fewest digits in `low < x <= high`."""
    for digits in range(-12, 13):
        unit = 10.0**digits
        made = float(decimal((np.floor(low * unit) + 1) / unit))
        if low < made <= high:
            return made
    return high


def decimal(number: float) -> str:
    """A double as a condition writes it: without an exponent, reading back as the same double."""
    return np.format_float_positional(number, trim="-")


def text_literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _kind(rows: Rows, name: str) -> Kind | None:
    kind = value_types(rows.card)[name]
    if kind == "time":
        return "days" if any(field.name == name for field in rows.card.fields) else None
    return "choice" if kind == "text" else kind


def _choice(rows: Rows, name: str, least: int) -> Binned | None:
    counted = pc.value_counts(rows.values[name].combine_chunks()).to_pylist()
    known = [one for one in counted if one["values"] is not None]
    unknown = len(rows) - sum(one["counts"] for one in known)
    often = sorted(
        (one for one in known if one["counts"] >= least),
        key=lambda one: (-one["counts"], one["values"]),
    )[:MOST_VALUES]
    total = sum(one["counts"] for one in known)
    rest = total - sum(one["counts"] for one in often)
    if not _worth(unknown, total, least) and (not often or (len(often) == 1 and rest < least)):
        return None
    values = tuple((one["values"],) for one in often)
    return Binned(name, "choice", (), values) if values else None


def _worth(unknown: int, known: int, least: int) -> bool:
    """Whether being unknown tells rows apart."""
    return unknown >= least and known >= least
