"""Fields whose values, or whose being filled at all, tell the outcome: each looked at alone.

S. Kaufman, S. Rosset and C. Perlich 2012, Leakage in data mining: formulation, detection, and
avoidance, ACM Trans. Knowl. Discov. Data 6(4):15: look for single features that do too well, and
ask when each became known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.learn.leakage.bounds import area, purity
from leadwise.learn.leakage.suspect import Suspect
from leadwise.learn.rows import Floats, Truths, Wholes

BEST, BEST_LOW = 0.95, 0.9
"""A field alone that orders so well, and surely better than the second, is not believed."""
FILLED = 0.7
"""Filled for so much more of the won than of the others (J of W. J. Youden 1950, Index for rating
diagnostic tests, Cancer 3:32-35)."""
FEWEST = 30
LEAST_SHARE = 0.04
"""A value of fewer rows than this share may well be pure by chance, or a rare true thing."""
BINS, MOST_VALUES = 20, 100


@dataclass(frozen=True, slots=True)
class Column:
    """A field in groups: the place of each row's group, what each group is called, where the field
    is known, and its numbers where it has any."""

    name: str
    group: Wholes
    said: tuple[str, ...]
    known: Truths
    numbers: Floats | None


def column_of(name: str, values: pa.ChunkedArray) -> Column:
    """Numbers in at most 20 ranges of about as many rows, texts by value."""
    array = values.combine_chunks()
    known = pc.is_valid(array).to_numpy(zero_copy_only=False)
    if pa.types.is_string(array.type):
        return _texts(name, array, known)
    numbers = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = known & ~np.isnan(numbers)
    distinct = np.unique(numbers[known])
    if len(distinct) <= BINS:
        group = np.searchsorted(distinct, numbers)
        said = tuple(f"is {value:g}" for value in distinct)
        edges = distinct
    else:
        cuts = np.quantile(numbers[known], np.linspace(0, 1, BINS + 1)[1:], method="lower")
        edges = np.unique(cuts)
        group = np.searchsorted(edges, numbers)
        lows = ["", *(f"above {edge:g} and " for edge in edges[:-1])]
        said = tuple(f"is {low}at most {edge:g}" for low, edge in zip(lows, edges, strict=True))
    group = np.where(known, np.minimum(group, len(edges) - 1), len(edges)).astype(np.int64)
    return Column(name, group, (*said, "is not known"), known, numbers)


def judged(column: Column, won: Truths, *, believed: bool) -> Suspect | None:
    """What speaks against a field. `believed`: its values are those of the moment, so that it may
    well be that it says nearly everything; then only an order that is too good counts."""
    base = float(won.mean())
    n_known = int(column.known.sum())
    if n_known < FEWEST or not 0 < base < 1:
        return None
    if not believed:
        found = _filled(column, won, base) or _pure(column, won, base)
        if found:
            return found
    return _ordered(column, won)


def _ordered(column: Column, won: Truths) -> Suspect | None:
    best = area(_crossed(column, won), won)
    if column.numbers is not None:
        alone = area(column.numbers[column.known], won[column.known])
        share = column.known.mean()
        for sided in (alone, (1 - alone[0], 1 - alone[2], 1 - alone[1])):
            best = max(best, sided) if share >= 0.5 else best
    if best[0] < BEST or best[1] < BEST_LOW:
        return None
    return Suspect(
        column.name, "too good",
        f"'{column.name}' alone orders the leads almost without a mistake: AUC {best[0]:.3f} "
        f"({best[1]:.3f} to {best[2]:.3f}).",
        {"auc": best[0], "low": best[1], "high": best[2]},
    )  # fmt: skip


def _crossed(column: Column, won: Truths) -> Floats:
    """The rate of each row's group among the other half of the rows: a field of which every value
    is different says nothing then."""
    half = np.arange(len(won)) % 2
    rates = np.empty(len(won))
    size = len(column.said)
    for own in (0, 1):
        others, base = half != own, won[half != own].mean()
        n = np.bincount(column.group[others], minlength=size)
        k = np.bincount(column.group[others], weights=won[others], minlength=size)
        rates[half == own] = ((k + base) / (n + 1))[column.group[half == own]]
    return rates


def _pure(column: Column, won: Truths, base: float) -> Suspect | None:
    size = len(column.said)
    n = np.bincount(column.group, minlength=size)
    k = np.bincount(column.group, weights=won, minlength=size)
    enough = np.flatnonzero(n >= max(FEWEST, LEAST_SHARE * len(won)))
    largest = enough[np.argsort(-n[enough], kind="stable")]
    pure = [(place, purity(int(k[place]), int(n[place]), base)) for place in largest]
    found = [(place, word) for place, word in pure if word]
    if not found:
        return None
    # What is always won says more than what never is.
    place, word = min(found, key=lambda one: one[1] != "always")
    return Suspect(
        column.name, "too good",
        f"Where '{column.name}' {column.said[place]}, leads are {word} won: {k[place]:,.0f} of "
        f"{n[place]:,}, against {base:.1%} of all.",
        {"rows": float(n[place]), "won": float(k[place]), "base": base},
    )  # fmt: skip


def _filled(column: Column, won: Truths, base: float) -> Suspect | None:
    known = column.known
    n = int(known.sum())
    if n > len(won) - FEWEST:
        return None
    empty = len(won) - n
    filled_won, filled_lost = float(known[won].mean()), float(known[~won].mean())
    hits, rest = int(won[known].sum()), int(won[~known].sum())
    enough = n >= max(FEWEST, LEAST_SHARE * len(won))
    pure = enough and purity(hits, n, base) == "always"
    pure = pure or purity(rest, empty, base) == "never"
    if abs(filled_won - filled_lost) < FILLED and not pure:
        return None
    return Suspect(
        column.name, "filled only after",
        f"'{column.name}' is filled for {filled_won:.0%} of the won leads and {filled_lost:.0%} "
        f"of the others: of the {n:,} filled {hits:,} were won, of the {empty:,} empty {rest:,}.",
        {"filled_won": filled_won, "filled_lost": filled_lost, "rows": n},
    )  # fmt: skip


def _texts(name: str, array: pa.Array, known: Truths) -> Column:
    counts = pc.value_counts(array.drop_null()).to_pylist()
    counts.sort(key=lambda row: (-row["counts"], row["values"]))
    kept = [row["values"] for row in counts[:MOST_VALUES]]
    place = pc.index_in(array, value_set=pa.array(kept, pa.string()))
    group = pc.fill_null(place, len(kept)).to_numpy(zero_copy_only=False).astype(np.int64)
    group = np.where(known, group, len(kept) + 1)
    said = (*(f"is '{value}'" for value in kept), "is something else", "is not known")
    return Column(name, group, said, known, None)
