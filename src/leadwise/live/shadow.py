"""Shadow cards: scored over the mirror beside the live card, shown to nobody, compared with it."""

from __future__ import annotations

from pathlib import Path

from leadwise.errors import UserError
from leadwise.live.everybody import Asking, Progress, score_everybody
from leadwise.live.scoring import Pace
from leadwise.live.trial import Trial, compared
from leadwise.store.cards import get_version, live_version, with_status
from leadwise.store.decided import decided_leads
from leadwise.store.mirror import reading, update
from leadwise.store.opening import Store


def shadow_versions(store: Store) -> tuple[int, ...]:
    """The shadow cards for leads."""
    with store.read() as connection:
        return tuple(version.id for version in with_status(connection, "lead", "shadow"))


def score_shadow(
    store: Store,
    folder: Path,
    version_id: int,
    now_us: int,
    progress: Progress,
    *,
    days: int = 28,
    calls_a_day: int | None = None,
    pace: Pace | None = None,
    memory_limit: str | None = None,
) -> Trial:
    """Write the shadow card's scores as of now, and compare it with the live card.

    `folder` is the mirror's, brought up to date. Raises UserError where the version is no shadow.
    """
    with store.read() as connection:
        version = get_version(connection, version_id)
    if version.status != "shadow" or version.subject != "lead":
        raise UserError(
            "not-a-shadow",
            f"Version {version_id} is no shadow card for leads: it is {version.status}.",
            hint="Let it run as a shadow card first.",
        )
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    with reading(store, folder) as mirror:
        now_us = max(now_us, mirror.newest_us())  # should the clock have gone back
        asking = Asking(version, now_us, pace or Pace(), memory_limit=memory_limit)
        score_everybody(store, mirror, asking, progress, cause=None)
        with store.read() as connection:
            live, decided = live_version(connection), decided_leads(connection)
        return compared(
            mirror, live, version.card, now_us, progress, decided=decided, days=days,
            calls_a_day=calls_a_day, memory_limit=memory_limit,
        )  # fmt: skip
