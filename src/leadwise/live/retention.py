"""The job that deletes what was kept long enough, a little at a time beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from leadwise.jobs import JSON, Context, Handler
from leadwise.live.clearing import drop_old_scores
from leadwise.settings import RetentionSettings
from leadwise.store.attachments import forget_attachments
from leadwise.store.connections import forget_exchanges
from leadwise.store.conversations import forget_texts
from leadwise.store.left_out import forget_left_out
from leadwise.store.model_replies import forget_old_replies
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
from leadwise.store.runs import forget_runs
from leadwise.store.studies import forget_studies
from leadwise.store.tasks import forget_tasks

READ_AT_ONCE = 50_000
"""Events looked through in one question."""
EVENTS_OF_STEP = 500_000
"""Events of which it is remembered that they were looked through."""
REPLY_DAYS = 30
"""What a model provider answered is kept so long: to read again what was sent lately is free."""
DELETED_AT_ONCE = 500
"""Rows deleted in one transaction: some 20 ms in which nothing else is written."""


def retention_handler(
    store: Store, settings: RetentionSettings, uploads: Path | None = None
) -> Handler:
    """The handler of the job `retention`, which takes no arguments and may run again at any time.

    Its result says how many events, refused events, entries of the log, texts of conversations,
    replies of models, runs of playbooks that are over, scores of cards that count no more, old
    studies, exchanges with connected systems and files of `uploads` (of what was cancelled) it
    deleted.
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
            "conversations": 0
            if settings.conversations_days is None
            else _rows(store, context, forget_texts, now_us - settings.conversations_days * DAY_US),
            "replies": _rows(store, context, forget_old_replies, now_us - REPLY_DAYS * DAY_US),
            "runs": _rows(store, context, forget_runs, now_us - settings.runs_days * DAY_US),
            "left_out": _rows(
                store, context, forget_left_out, now_us - settings.runs_days * DAY_US
            ),
            "tasks": _rows(store, context, forget_tasks, now_us - settings.runs_days * DAY_US),
            "scores": drop_old_scores(store),
            "studies": _rows(
                store, context, forget_studies, now_us - settings.studies_days * DAY_US
            ),
            "exchanges": _rows(
                store, context, forget_exchanges, now_us - settings.exchanges_days * DAY_US
            ),
            "attachments": _rows(
                store, context, forget_attachments, now_us - settings.attachments_days * DAY_US
            ),
            "uploads": _uploads(uploads, now_us - settings.jobs_days * DAY_US) if uploads else 0,
        }

    return handler


def _events(store: Store, context: Context, kept: KeptDays, now_us: int) -> int:
    with store.read() as connection:
        last = last_event_id(connection)
    deleted = 0
    for after in range(0, last, EVENTS_OF_STEP):
        deleted += context.step(
            f"events after {after}",
            partial(_some_events, store, kept, now_us, after),
        )
        done = min(after + EVENTS_OF_STEP, last)
        context.progress(done, last, f"{deleted:,} events deleted")
    return deleted


def _some_events(store: Store, kept: KeptDays, now_us: int, after: int) -> int:
    deleted = 0
    for start in range(after, after + EVENTS_OF_STEP, READ_AT_ONCE):
        with store.read() as connection:
            found = old_events(connection, kept, now_us, start, READ_AT_ONCE)
        for place in range(0, len(found), DELETED_AT_ONCE):
            part = found[place : place + DELETED_AT_ONCE]
            store.write(partial(delete_events, ids=part, now_us=now_us))
        deleted += len(found)
    return deleted


def _uploads(folder: Path, before_us: int) -> int:
    old = [p for p in folder.glob("*") if p.is_file() and p.stat().st_mtime_ns < before_us * 1000]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


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
