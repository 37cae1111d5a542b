"""Rows made up for tests, with what is true of them known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from leadwise.card.model import Band, Card
from leadwise.learn.rows import Floats, Rows, Truths

DAY_US = 86_400_000_000
CARD = Card(
    id="made", version=1, dimensions=(), bands=(Band("cold"), Band("warm", 4000), Band("hot", 6000))
)  # fmt: skip


def rows_of(score: Floats, won: Truths, *, days: int = 120, each: int = 1, card: Card = CARD,
            values: dict[str, object] | None = None, dated: bool = True) -> Rows:  # fmt: skip
    """Rows evenly over `days` from 2026-01-01, `each` in a row of one lead; scores are points."""
    n = len(won)
    start = 20_454 * DAY_US
    when = start + (np.arange(n) * days // max(n, 1)) * DAY_US
    lead = np.arange(n) // each
    hundredths = np.round(score * 100).astype(np.int64)
    edges = [band.threshold for band in card.bands if band.threshold is not None]
    return Rows(
        card=card, lead=lead, lead_id=pa.array([f"L{k:05d}" for k in lead]), as_of_us=when,
        when_us=when if dated else np.arange(n), why=np.full(n, "arrival"), won=won.astype(bool),
        score=hundredths, band=np.searchsorted(edges, hundredths, "right"),
        pieces=np.zeros((n, 0)), piece_names=(), values=pa.table(values or {"_": np.arange(n)}),
        dated=dated, has_history=dated,
    )  # fmt: skip
