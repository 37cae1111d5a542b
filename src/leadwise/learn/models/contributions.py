"""Why a model says what it says of a lead: lines in log odds that add up to its raw score.

Lines are of fields, not of columns: the words of a title make one line. A term of two fields (of an
EBM) is a line of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from leadwise.learn.models.features import Features
from leadwise.learn.models.stored import Loaded
from leadwise.learn.rows import Wholes

TOP = 8
_LONGEST = 60
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """What `fields` (none: all the rest) with these values add to the log odds."""

    fields: tuple[str, ...]
    text: str
    log_odds: float

    def __str__(self) -> str:
        return f"{self.text}: {self.log_odds:+.2f}"


@dataclass(frozen=True, slots=True)
class Explained:
    """A lead's raw score in log odds, `base` (what an average lead has, by and large) and the lines
    that were added to it, the weightiest first: base and lines add up to `raw`."""

    raw: float
    base: float
    probability: float
    lines: tuple[Line, ...]


def explain(
    loaded: Loaded, values: pa.Table, as_of_us: Wholes, *, top: int = TOP,
    labels: Mapping[str, str] | None = None,
) -> list[Explained]:  # fmt: skip
    """One for each row of `values` (as `Rows.values`); `labels` of fields, where they have some.

    The `top` weightiest lines stand by themselves, the others as one last line.
    """
    features = loaded.stored.features
    x = features.matrix(values, as_of_us)
    terms = loaded.model.terms(x)
    names = [tuple(dict.fromkeys(features.columns[n].field for n in one)) for one in terms.reads]
    merged = list(dict.fromkeys(names))
    into = np.zeros((len(names), len(merged)))
    into[np.arange(len(names)), [merged.index(name) for name in names]] = 1.0
    sums = terms.values @ into
    raw = loaded.model.raw(x)
    chance = loaded.probability(raw)
    rows = values.select(list(features.fields)).to_pylist()
    return [
        Explained(
            float(raw[n]), terms.base, float(chance[n]),
            _lines(sums[n].tolist(), merged, row, int(as_of_us[n]), features, top, labels or {}),
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip


def _lines(
    sums: list[float], merged: list[tuple[str, ...]], row: Mapping[str, Any], as_of_us: int,
    features: Features, top: int, labels: Mapping[str, str],
) -> tuple[Line, ...]:  # fmt: skip
    order = sorted(range(len(sums)), key=lambda n: (-abs(sums[n]), merged[n]))
    kinds = {column.field: column.kind for column in features.columns}
    shown = [n for n in order[:top] if sums[n] != 0.0]
    lines = [
        Line(
            merged[n],
            " and ".join(_said(labels.get(f, f), kinds[f], row[f], as_of_us) for f in merged[n]),
            sums[n],
        )
        for n in shown
    ]
    rest = [n for n in order[len(shown) :] if sums[n] != 0.0]
    if rest:
        lines.append(Line((), f"{len(rest)} others", sum(sums[n] for n in rest)))
    return tuple(lines)


def _said(label: str, kind: str, value: Any, as_of_us: int) -> str:
    """ "employees 250", "came 12 days before", "title unknown"."""
    if value is None:
        return f"{label} unknown"
    if kind == "days":
        return f"{label} {(as_of_us - int(value)) / _DAY_US:.1f} days before"
    if kind == "boolean":
        return f"{label} {'yes' if value else 'no'}"
    if kind == "number":
        return f"{label} {value:,.6g}"
    text = str(value)
    return f"{label} {text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}"
