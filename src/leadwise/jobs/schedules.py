"""Schedules: each has one job that waits for its next time.

So a time that passed while nobody worked is made up for, once; a job that is late is not joined by
the next one; and of several workers who put in the same job one does it, for its id is its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from croniter import croniter

from leadwise.errors import UserError
from leadwise.jobs import book
from leadwise.jobs.model import Entry, Schedule
from leadwise.jobs.tables import JOB


def check(schedules: Iterable[Schedule], kinds: Iterable[str]) -> None:
    """UserError where one cannot be followed."""
    known, names = set(kinds), set()
    for one in schedules:
        if one.name in names:
            raise UserError("schedule", f"there are two schedules {one.name}")
        names.add(one.name)
        if one.kind not in known:
            raise UserError("schedule", f"schedule {one.name}: there is no job {one.kind}")
        six = len(one.cron.split()) == 6
        if not croniter.is_valid(one.cron, second_at_beginning=six):
            raise UserError(
                "schedule", f"schedule {one.name}: {one.cron!r} is no time of cron",
                hint="minute hour day month weekday, as in 30 2 * * * for half past two each night",
            )  # fmt: skip
        try:
            ZoneInfo(one.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UserError(
                "schedule", f"schedule {one.name}: there is no time zone {one.timezone!r}",
                hint="names are like Europe/Berlin",
            ) from error  # fmt: skip


def next_us(schedule: Schedule, after_us: int) -> int:
    """The first time of the schedule after that, in microseconds."""
    start = datetime.fromtimestamp(after_us / 1_000_000, tz=ZoneInfo(schedule.timezone))
    following: datetime = croniter(schedule.cron, start, second_at_beginning=True).get_next(
        datetime
    )
    return int(following.timestamp()) * 1_000_000


def put_next(connection: sa.Connection, schedules: Iterable[Schedule], now_us: int) -> int:
    """Put in each schedule's next job. When to look again."""
    again_us = now_us + 60_000_000
    for schedule in schedules:
        due_us = next_us(schedule, now_us)
        again_us = min(again_us, due_us)
        waiting = sa.and_(JOB.c.schedule == schedule.name, sa.text("state = 'waiting'"))
        late = sa.select(JOB.c.id).where(waiting, JOB.c.due_us <= now_us).limit(1)
        if connection.execute(late).one_or_none() is not None:
            again_us = now_us + 1_000_000
            continue
        # Of a schedule that was changed; what was begun and is to be tried again stays.
        connection.execute(sa.delete(JOB).where(waiting, JOB.c.due_us != due_us, JOB.c.run == 0))
        at = datetime.fromtimestamp(due_us / 1_000_000, tz=UTC)
        entry = Entry(f"{schedule.name}@{at:%Y-%m-%dT%H:%M:%SZ}", schedule.arguments, due_us)
        book.put(connection, schedule.kind, [entry], now_us, schedule.name)
    return again_us
