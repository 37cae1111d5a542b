"""Publishing a card: everybody is scored under it, then one transaction makes it the live one.

The steps, each of which may be interrupted at any instant and done again:

1. `begin`: the version is `publishing`: from now on touched leads are scored under it too.
2. The mirror is brought up to date, so it has all that was touched before that.
3. Everybody is scored over the mirror, as of the instant of `begin`.
4. `flip`: the old version retires, the new one is live, and every lead whose band differs has a
   change of band with the cause `card`: all or nothing of this.
5. History and clearing up, which may be done again and again.

The old card serves until 4. An account's card is scored by the scorer of accounts instead of 2, 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, text

from leadwise.errors import UserError
from leadwise.live.accounts import AccountRules, score_accounts, touch_all_accounts
from leadwise.live.clearing import tell_history
from leadwise.live.everybody import Asking, Progress, score_everybody
from leadwise.live.scoring import Pace
from leadwise.store.audit import audit
from leadwise.store.cards import (
    CardVersion,
    change_statuses,
    get_version,
    live_version,
    set_status,
    with_status,
)
from leadwise.store.mirror import reading, update
from leadwise.store.opening import Store
from leadwise.store.schema import event, meta

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: `scored` leads over the mirror (a restart scores fewer), and how many
    leads changed their band by it. `already`: the version was live before."""

    version_id: int
    retired_id: int | None
    scored: int
    band_changes: int
    already: bool = False


@dataclass(frozen=True, slots=True)
class Flipped:
    retired_id: int | None
    band_changes: int
    already: bool = False


def publish(
    store: Store,
    folder: Path,
    version_id: int,
    by: str,
    why: str | None,
    clock: Clock,
    progress: Progress,
    *,
    pace: Pace | None = None,
    memory_limit: str | None = None,
    account_rules: AccountRules | None = None,
    instead_of: int | None = None,
) -> Published:
    """Make a version the live one. `folder` is the mirror's. Publishing twice is publishing once.

    `instead_of`: only if this version is the live one at the start (0: none is). Raises UserError
    where it is not, where there is no such version, or another one is being published.
    """
    version, as_of_us = store.write(
        lambda c: begin(c, version_id, clock(), instead_of), "scores", alone=True
    )
    scored = 0
    if version.status != "live":
        if version.subject == "account":
            _score_accounts(store, clock, progress, account_rules or AccountRules())
        else:
            update(store, folder, clock(), progress, memory_limit=memory_limit)
            asking = Asking(version, as_of_us, pace or Pace(), memory_limit=memory_limit)
            with reading(store, folder) as mirror:
                scored = score_everybody(store, mirror, asking, progress, cause=None).scores
    flipped = store.write(lambda c: flip(c, version_id, by, why, clock()), "scores", alone=True)
    progress(0, 0, "clearing up")
    if version.subject == "lead":
        tell_history(store, version_id, progress)
    return Published(version_id, flipped.retired_id, scored, flipped.band_changes, flipped.already)


def begin(
    connection: Connection, version_id: int, now_us: int, instead_of: int | None = None
) -> tuple[CardVersion, int]:
    """Let touched leads be scored under the version too, and say as of when everybody will be.

    The same instant again after a restart. A version that is live stays so. UserError
    (`stale-live-card`) where the live version is not the one that was to be replaced.
    """
    change_statuses(connection)
    version = get_version(connection, version_id)
    if version.status == "live":
        return version, now_us
    live = live_version(connection, version.subject)
    if instead_of is not None and instead_of != (live.id if live else 0):
        raise UserError(
            "stale-live-card",
            f"Version {live.id} went live meanwhile." if live else "No card is live any more.",
            hint="Look at what would change now, and publish again.",
        )
    others = with_status(connection, version.subject, "publishing")
    for other in others:
        if other.id != version_id:
            raise UserError(
                "publishing-already",
                f"Version {other.id} of the card {other.name!r} is being published.",
                hint="Wait for it, or cancel its publishing.",
            )
    key = _key(version_id)
    found = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    if version.status == "publishing" and found is not None:
        return version, int(found)
    newest = select(event.c.received_us).order_by(event.c.id.desc()).limit(1)
    # Not before what was received, should the clock have gone back.
    as_of_us = max(now_us, connection.execute(newest).scalar() or 0)
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=str(as_of_us)))
    set_status(connection, version_id, "publishing")
    if version.subject == "account":
        touch_all_accounts(connection)
    return get_version(connection, version_id), as_of_us


def abandon(connection: Connection, version_id: int, by: str, now_us: int) -> CardVersion:
    """Give up publishing a version: it is what it was before. UserError where it is not published
    at the moment."""
    change_statuses(connection)
    version = get_version(connection, version_id)
    if version.status != "publishing":
        raise UserError(
            "not-publishing",
            f"Version {version_id} is not being published: it is {version.status}.",
            hint="Only a publishing that has not ended can be given up.",
        )
    set_status(connection, version_id, "draft" if version.published_us is None else "retired")
    connection.execute(delete(meta).where(meta.c.key == _key(version_id)))
    audit(connection, by, "abandon", "card", version_id, None, now_us)
    return get_version(connection, version_id)


def flip(connection: Connection, version_id: int, by: str, why: str | None, now_us: int) -> Flipped:
    """The new version is live, the old one retired, the changes of band are told."""
    change_statuses(connection)
    version = get_version(connection, version_id)
    old = live_version(connection, version.subject)
    if version.status == "live":
        return Flipped(None, 0, already=True)
    if version.status != "publishing":
        raise UserError(
            "not-publishing",
            f"Version {version_id} is not being published any more: it is {version.status}.",
            hint="Publish it again.",
        )
    changes = 0
    if version.subject == "lead":
        connection.execute(text(_NO_LEADS), {"version": version_id})
        same = "IS" if connection.dialect.name == "sqlite" else "IS NOT DISTINCT FROM"
        told = connection.execute(
            text(_CHANGES.replace("{same}", same)),
            {"new": version_id, "old": old.id if old else 0, "now": now_us},
        )
        changes = told.rowcount
        touch_all_accounts(connection)
    if old is not None:
        set_status(connection, old.id, "retired")
    set_status(connection, version_id, "live", published_us=now_us, published_by=by, why=why)
    connection.execute(delete(meta).where(meta.c.key == _key(version_id)))
    detail = f"{changes} changes of band" + (f", version {old.id} retired" if old else "")
    audit(connection, by, "went live", "card", version_id, detail, now_us)
    return Flipped(old.id if old else None, changes)


def _score_accounts(store: Store, clock: Clock, progress: Progress, rules: AccountRules) -> None:
    """Score every account that was touched when publishing began, beside the scorer if one runs."""
    ahead = text("SELECT count(*), max(id) FROM account_touched")
    behind = text("SELECT count(*) FROM account_touched WHERE id <= :last")
    with store.read() as connection:
        total, last = connection.execute(ahead).one()
    waiting = total
    while last is not None and waiting:
        done = store.write(lambda c: score_accounts(c, clock(), rules), "scores", alone=True)
        with store.read() as connection:
            waiting = connection.execute(behind, {"last": last}).scalar_one()
        progress(max(total - waiting, 0), total, "scoring accounts")
        if waiting and not done:  # another process has locked them, and scores them
            time.sleep(0.2)


def _key(version_id: int) -> str:
    return f"publishing {version_id}"


# Those that ceased to be leads of their own while everybody was scored.
_NO_LEADS = """
DELETE FROM score WHERE card_version_id = :version AND lead_id IN (
    SELECT id FROM lead
    WHERE merged_into IS NOT NULL OR objected_us IS NOT NULL OR erased_us IS NOT NULL
)
"""
_CHANGES = """
INSERT INTO band_change
    (lead_id, card_version_id, at_us, from_band, to_band, score, cause, event_id)
SELECT n.lead_id, n.card_version_id, :now, o.shown_band, n.shown_band, n.shown_score, 'card', NULL
FROM score AS n LEFT JOIN score AS o ON o.lead_id = n.lead_id AND o.card_version_id = :old
WHERE n.card_version_id = :new AND (o.lead_id IS NULL OR NOT (o.shown_band {same} n.shown_band))
"""
