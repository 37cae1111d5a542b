"""Whether what was learned still holds: leads, scores, probabilities, criteria, workload, labels.

Everything compares a span of the past ("before") with the latest one ("after"), each given as rows;
rows whose outcome is not over count for leads and scores, not for probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from leadwise.learn.calibration.model import Calibration
from leadwise.learn.drift.alerts import alerts
from leadwise.learn.drift.model import Delay, Drift, Month, Silent, Workload
from leadwise.learn.drift.shift import Shift, numbers, texts
from leadwise.learn.judge.interval import Interval
from leadwise.learn.rows import Floats, Rows, Wholes
from leadwise.report.intervals import wilson

SILENT = 1e-4
"""A criterion is silent where its old share would give no row at all less often than this."""
DAY_US = 86_400_000_000


def drift(
    before: Rows, after: Rows, *, months: Sequence[Month] = (), workload: Workload | None = None,
    delay: Delay | None = None,
) -> Drift:  # fmt: skip
    """Compare two spans of the same card's rows; what was worked out apart is put beside it."""
    score = numbers("score", before.score / 100.0, after.score / 100.0)
    fields = tuple(_field(name, before, after) for name in _compared(before))
    silent = gone_silent(before, after)
    found = Drift(score, fields, tuple(months), silent, workload, delay, ())
    return replace(found, alerts=alerts(found))


def _compared(rows: Rows) -> list[str]:
    """Fields and measures but times, which always move."""
    return [field.name for field in rows.values.schema
            if field.name in _typed(rows) and not _is_time(rows, field.name)]  # fmt: skip


def _typed(rows: Rows) -> set[str]:
    return {f.name for f in rows.card.fields} | {m.name for m in rows.card.measures}


def _is_time(rows: Rows, name: str) -> bool:
    return any(f.name == name and f.type == "time" for f in rows.card.fields)


def _field(name: str, before: Rows, after: Rows) -> Shift:
    if pa.types.is_string(before.values.schema.field(name).type):
        sides = [rows.values[name].combine_chunks() for rows in (before, after)]
        return texts(name, sides[0], sides[1])
    return numbers(name, before.numbers(name), after.numbers(name))


def gone_silent(before: Rows, after: Rows) -> tuple[Silent, ...]:
    """Criteria that gave points to some leads before and give none to any now."""
    names = list(dict.fromkeys(
        piece.criterion for piece in before.piece_names if piece.kind in ("tier", "occurrence")
    ))  # fmt: skip
    found = []
    for name in names:
        places = [
            place for place, piece in enumerate(before.piece_names)
            if piece.criterion == name and piece.kind in ("tier", "occurrence")
        ]  # fmt: skip
        share = float((before.pieces[:, places] > 0).any(axis=1).mean()) if len(before) else 0.0
        now = bool((after.pieces[:, places] > 0).any())
        if not now and share > 0 and (1 - share) ** len(after) < SILENT:
            found.append(Silent(name, share, len(after)))
    return tuple(found)


def by_month(rows: Rows, calibration: Calibration, score: Floats, month: Wholes,
             names: Sequence[str]) -> tuple[Month, ...]:  # fmt: skip
    """What was said against what came, month by month; `month` is each row's place in `names`."""
    said = calibration.probability(score)
    found = []
    for place, name in enumerate(names):
        here = month == place
        count, won = int(here.sum()), int(rows.won[here].sum())
        if not count:
            continue
        mean = float(said[here].mean())
        # Rows of one lead are not independent: the interval is that of as many leads.
        leads = len(np.unique(rows.lead[here]))
        low, high = wilson(round(won * leads / count), leads)
        off = not low <= mean <= high
        found.append(Month(name, count, mean, Interval(won / count, low, high), off))
    return tuple(found)


def label_delay(before_us: Wholes, after_us: Wholes) -> Delay:
    """From the spans between moments and outcomes (microseconds) of two spans of time."""
    figures = [_days(spans, part) for part in (0.5, 0.9) for spans in (before_us, after_us)]
    return Delay(*figures)


def _days(spans: Wholes, part: float) -> float:
    return float(np.quantile(spans, part)) / DAY_US if len(spans) else float("nan")
