"""What other numbers of calls a day would have found, and what scores came to: for a page on which
people move a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadwise.learn.judge.ranking import calls
from leadwise.learn.rows import Floats, Rows, Truths

STEPS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000)
DAY_US = 86_400_000_000


def leads_a_day(rows: Rows) -> float | None:
    """How many leads came a day; None where rows have no dates, or lie within a day."""
    days = float(rows.when_us[-1] - rows.when_us[0]) / DAY_US if rows.dated and len(rows) else 0.0
    return len(np.unique(rows.lead)) / days if days >= 1 else None


def capacity(
    rows: Rows, scores: Mapping[str, Floats], own: int | None = None, seed: int = 0
) -> dict[str, Any] | None:
    """The share of the buyers found by each order at each of some numbers of calls a day, up to
    the first that finds nearly all, and at `own`, the team's: {"per_day": [...], "orders": {name:
    [...]}}. None without dates or buyers."""
    if not rows.dated or not rows.won.any():
        return None
    day = rows.when_us // DAY_US
    most = int(np.unique(day, return_counts=True)[1].max())
    found: dict[str, list[float]] = {name: [] for name in scores}
    tried = []
    for many in sorted({*STEPS, *([own] if own else [])}):
        tried.append(many)
        for name, score in scores.items():
            told = calls(score, day, rows.lead, rows.won, many, seed)
            found[name].append(told.share)
        if many >= most and many >= (own or 0):
            break
    return {"per_day": tried, "orders": found}


def outcomes_by_score(rows: Rows) -> list[list[int]]:
    """[whole points, rows, won] of each, rising: enough to work thresholds out again."""
    points, place = np.unique(np.floor(rows.score / 100.0), return_inverse=True)
    counts = np.bincount(place, minlength=len(points))
    won = np.bincount(place, weights=rows.won, minlength=len(points))
    return [[int(p), int(n), int(w)] for p, n, w in zip(points, counts, won, strict=True)]


def population_of(counted: Sequence[Sequence[int]]) -> tuple[Floats, Truths]:
    """Scores and outcomes of single rows again, from what `outcomes_by_score` counted."""
    points, rows, won = (np.array([one[k] for one in counted], np.int64) for k in range(3))
    scores = np.repeat(points.astype(np.float64), rows)
    place = np.arange(len(scores)) - np.repeat(np.cumsum(rows) - rows, rows)
    return scores, place < np.repeat(won, rows)
