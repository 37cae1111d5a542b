"""Scores that grew old without anything new: many at once are quicker over the mirror."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from leadwise.live.everybody import Asking, Progress, score_everybody
from leadwise.live.fresh import Written
from leadwise.live.scoring import Pace
from leadwise.store.cards import live_version
from leadwise.store.mirror import reading, update
from leadwise.store.opening import Store

FEWEST = 20_000
"""Due leads from which on reading the mirror is quicker than the scorer, which takes fewer."""


def refresh(
    store: Store,
    folder: Path,
    now_us: int,
    progress: Progress,
    *,
    pace: Pace | None = None,
    fewest: int = FEWEST,
    memory_limit: str | None = None,
) -> Written:
    """Score what is due under the live card if it is `fewest` or more, else leave it be.

    Changes of band have the cause `time`.
    """
    with store.read() as connection:
        version = live_version(connection)
        if version is None:
            return Written()
        due = connection.execute(
            text("SELECT lead_id FROM score WHERE card_version_id = :version AND due_us <= :now"),
            {"version": version.id, "now": now_us},
        )
        ids = frozenset(due.scalars())
    if len(ids) < max(fewest, 1):
        return Written()
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    asking = Asking(version, now_us, pace or Pace(), ids, memory_limit)
    with reading(store, folder) as mirror:
        return score_everybody(store, mirror, asking, progress, cause="time")
