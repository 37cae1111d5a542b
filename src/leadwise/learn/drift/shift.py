"""How far a distribution has moved: the population stability index with what chance alone gives.

PSI = sum over bins of (after - before) * ln(after / before), shares of rows. The usual steps 0.10
and 0.25 are N. Siddiqi's (2006, Credit risk scorecards); with few rows chance alone passes them, so
a shift must also pass what chance gives: without any change PSI is about chi-squared with bins - 1
degrees of freedom times (1 / n + 1 / m) (B. Yurdakul, J. Naranjo 2020, Statistical properties of
the population stability index, J. Risk Model Validation 14:89-100).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa

from leadwise.learn.rows import Floats

Verdict: TypeAlias = Literal["steady", "moved", "changed", "too few"]
BINS = 10
MOVED, CHANGED = 0.10, 0.25
FEWEST = 50
"""Rows on either side below which nothing is said."""
RARE = 0.02
"""Values of a choice rarer than this before and after are one bin."""
NORMAL_99 = 2.3263478740408408
"""Several fields are looked at, so chance is given one in a hundred."""


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin's name and the share of rows in it before and after."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How far `name` has moved. `chance` is what PSI stays below 99 times of 100 where nothing
    changed; `bins` as they were compared."""

    name: str
    psi: float
    chance: float
    verdict: Verdict
    rows_before: int
    rows_after: int
    bins: tuple[Bin, ...]


def numbers(name: str, before: Floats, after: Floats) -> Shift:
    """Of a number: bins are tenths of the rows before, equal values stay together, unknown is a
    bin of its own."""
    known = before[np.isfinite(before)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="nearest")
                      if len(known) else np.zeros(0))  # fmt: skip
    named = [*_ranges(edges), "unknown"]
    return _shift(name, named, _placed(before, edges), _placed(after, edges))


def texts(name: str, before: pa.Array, after: pa.Array) -> Shift:
    """Of a choice or text: a bin for each value that is not rare, one for the rest, one for
    unknown."""
    first, second = _counts(before), _counts(after)
    rows = max(sum(first.values()), 1), max(sum(second.values()), 1)
    common = [
        value for value in sorted(set(first) | set(second), key=str)
        if first.get(value, 0) / rows[0] >= RARE or second.get(value, 0) / rows[1] >= RARE
    ]  # fmt: skip
    rest = [value for value in set(first) | set(second) if value not in common]
    named = ["unknown" if value is None else value for value in common] + ["others"] * bool(rest)
    sides = [
        np.array(
            [side.get(v, 0) for v in common] + [sum(side.get(v, 0) for v in rest)] * bool(rest)
        )
        for side in (first, second)
    ]
    return _shift(name, named, *sides)


def _shift(name: str, named: Sequence[str], before: Floats, after: Floats) -> Shift:
    held = (before + after) > 0
    named = [each for each, kept in zip(named, held, strict=True) if kept]
    before, after = before[held], after[held]
    n, m = int(before.sum()), int(after.sum())
    if not n or not m:
        return Shift(name, float("nan"), float("nan"), "too few", n, m, ())
    bins = tuple(
        Bin(each, float(b / n), float(a / m))
        for each, b, a in zip(named, before, after, strict=True)
    )
    # Half a row in each bin keeps an empty one from making the sum infinite.
    p, q = (before + 0.5) / (n + 0.5 * len(named)), (after + 0.5) / (m + 0.5 * len(named))
    psi = float(((q - p) * np.log(q / p)).sum())
    chance = _chi_squared(len(named) - 1) * (1 / n + 1 / m)
    return Shift(name, psi, chance, _verdict(psi, chance, min(n, m)), n, m, bins)


def _verdict(psi: float, chance: float, fewest: int) -> Verdict:
    if fewest < FEWEST:
        return "too few"
    if psi <= max(chance, MOVED):
        return "steady"
    return "changed" if psi > CHANGED else "moved"


def _chi_squared(freedom: int) -> float:
    """The 99 percent point of chi-squared (E. Wilson, M. Hilferty 1931, PNAS 17:684-688)."""
    if freedom <= 0:
        return 0.0
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + NORMAL_99 * part**0.5) ** 3)


def _placed(values: Floats, edges: Floats) -> Floats:
    known = np.isfinite(values)
    place = np.where(known, np.searchsorted(edges, values, "right"), len(edges) + 1)
    return np.bincount(place, minlength=len(edges) + 2).astype(np.float64)


def _ranges(edges: Floats) -> list[str]:
    if not len(edges):
        return ["known"]
    written = [f"{edge:.10g}" for edge in edges]
    inner = [f"{a} to below {b}" for a, b in pairwise(written)]
    return [f"below {written[0]}", *inner, f"{written[-1]} and above"]


def _counts(values: pa.Array) -> dict[str | None, int]:
    return {each["values"]: each["counts"] for each in values.value_counts().to_pylist()}
