"""What may be told to a learner, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.moments.pieces import value_types
from leadwise.learn.rows import Rows

Direction: TypeAlias = Literal["rising", "falling"]
FEWEST_ROWS, FEWEST_OF_A_CLASS = 100, 20
"""Below, a model of many parts learns chance: ten to twenty events for each thing estimated are the
usual rule (P. Peduzzi and others 1996, J. Clin. Epidemiol. 49:1373-1379)."""
MOST_ROWS = 400_000
"""More rows than these are thinned out by lead before the last fit: they no longer change it."""
TRIED = 60_000
"""Rows on which settings are tried."""
MODELS = "model_"
"""Fields of this name are what models said: no model learns from them."""


@dataclass(frozen=True, slots=True)
class Options:
    """`monotone`: fields and measures that only raise or only lower the odds (times: with the days
    since); `without`: what not to learn from; `horizon_us` after which a row is over (0: at once);
    `threads` that LightGBM may use: the same number gives the same model."""

    monotone: Mapping[str, Direction] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()
    horizon_us: int = 0
    seed: int = 0
    threads: int = 2


def refuse_few(rows: Rows) -> None:
    """UserError (`learn-few`) where there are too few rows for a model, or of one of the classes;
    (`learn-one-class`) where there is but one."""
    wins = int(rows.won.sum())
    rarer = min(wins, len(rows) - wins)
    if len(rows) >= FEWEST_ROWS and rarer >= FEWEST_OF_A_CLASS:
        return
    if len(rows) and rarer == 0:
        which = "none was won" if wins == 0 else "all were won"
        raise UserError(
            "learn-one-class",
            f"Of {len(rows):,} rows to learn from, {which}: a model tells won from lost.",
            hint="Are the outcomes those of these leads? Is the horizon long enough?",
        )
    raise UserError(
        "learn-few",
        f"{len(rows):,} rows with {wins:,} won are too few for a model: it needs {FEWEST_ROWS} "
        f"rows, and {FEWEST_OF_A_CLASS} of each kind.",
        hint="A learned card does with less: leadwise learn starts from the points you have.",
    )


def refuse_unordered(rows: Rows, options: Options) -> None:
    """UserError (`learn-monotone`) where something that is to rise or fall has no order."""
    types = value_types(rows.card)
    for name in options.monotone:
        if types.get(name) not in ("number", "boolean", "time"):
            ordered = [n for n, kind in types.items() if kind in ("number", "boolean", "time")]
            raise UserError(
                "learn-monotone",
                f"'{name}' cannot rise or fall: it is no number, time or boolean of the card.",
                hint="Ordered are: " + ", ".join(ordered),
            )


def thinned(rows: Rows, most: int) -> Rows:
    """All rows of leads drawn by lot (the same each time), so that about `most` are left."""
    if len(rows) <= most:
        return rows
    leads, place = np.unique(rows.lead, return_inverse=True)
    kept = np.random.default_rng(0).permutation(len(leads)) < len(leads) * most / len(rows)
    return rows.take(kept[place])
