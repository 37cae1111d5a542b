"""Shadow cards: scored over the mirror beside the live card, shown to nobody, compared with it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.live.everybody import Asking, Progress, score_everybody
from leadwise.live.scoring import Pace
from leadwise.live.trial import Trial, compared
from leadwise.store.audit import audit
from leadwise.store.cards import (
    CardVersion,
    Status,
    change_statuses,
    get_version,
    live_version,
    set_status,
    with_status,
)
from leadwise.store.decided import decided_leads
from leadwise.store.mirror import reading, update
from leadwise.store.opening import Store


def shadow_versions(store: Store) -> tuple[int, ...]:
    """The shadow cards for leads."""
    with store.read() as connection:
        return tuple(version.id for version in with_status(connection, "lead", "shadow"))


def switch_shadow(
    connection: Connection, version_id: int, *, on: bool, by: str, now_us: int
) -> CardVersion:
    """Let a version run as a shadow card, or be a mere draft again.

    UserError (`already-scoring`) for one that is live or being published.
    """
    change_statuses(connection)
    version = get_version(connection, version_id)
    after: Status = "shadow" if on else "draft"
    allowed = ("draft", "retired", "shadow") if on else ("draft", "shadow")
    if version.status not in allowed:
        raise UserError(
            "already-scoring",
            f"Version {version_id} is {version.status}.",
            hint="Drafts, shadow cards and retired ones can be made shadow cards.",
        )
    if not on and version.published_us is not None:
        after = "retired"
    set_status(connection, version_id, after)
    audit(connection, by, f"shadow {on}", "card", version_id, None, now_us)
    return get_version(connection, version_id)


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
