"""The job that deletes what was kept long enough, a little at a time beside everything else."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from leadwise.jobs import JSON, Context, Handler
from leadwise.settings import RetentionSettings
from leadwise.store.opening import Store
from leadwise.store.retention import (
    DAY_US,
    KeptDays,
    delete_events,
    delete_reads,
    delete_refused,
    last_event_id,
    old_events,
)

READ_AT_ONCE = 50_000
"""Events looked through in one question."""
DELETED_AT_ONCE = 500
"""Rows deleted in one transaction: some 20 ms in which nothing else is written."""


def retention_handler(store: Store, settings: RetentionSettings) -> Handler:
    """The handler of the job `retention`, which takes no arguments and may run again at any time.

    Its result says how many events, refused events and entries of the log it deleted.
    """

    def handler(context: Context, _: dict[str, JSON]) -> JSON:
        now_us = context.now_us()
        kept = KeptDays(dict(settings.events), settings.events_days)
        return {
            "events": _events(store, context, kept, now_us) if kept.any else 0,
            "refused": _rows(
                store, context, delete_refused, now_us - settings.refused_days * DAY_US
            ),
            "reads": _rows(store, context, delete_reads, now_us - settings.access_days * DAY_US),
        }

    return handler


def _events(store: Store, context: Context, kept: KeptDays, now_us: int) -> int:
    with store.read() as connection:
        last = last_event_id(connection)
    after = deleted = 0
    while after < last and not context.cancelled():
        with store.read() as connection:
            found = old_events(connection, kept, now_us, after, READ_AT_ONCE)
        for start in range(0, len(found.ids), DELETED_AT_ONCE):
            part = found.ids[start : start + DELETED_AT_ONCE]
            store.write(lambda c, ids=part: delete_events(c, ids, now_us))  # type: ignore[misc]
            deleted += len(part)
        after = found.up_to
        context.progress(min(after, last), last, f"{deleted:,} events deleted")
    return deleted


def _rows(
    store: Store, context: Context, delete: Callable[[Connection, int, int], int], before_us: int
) -> int:
    deleted = 0
    while not context.cancelled():
        number = store.write(lambda c: delete(c, before_us, DELETED_AT_ONCE))
        deleted += number
        if number < DELETED_AT_ONCE:
            break
    return deleted
