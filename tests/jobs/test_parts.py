"""The plain parts: shares of kinds, signs of life, schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadwise.errors import UserError
from leadwise.jobs import Entry, Jobs, Schedule, schedules
from leadwise.jobs.claims import shares
from leadwise.jobs.failures import Failure, again_after_us
from leadwise.jobs.model import Retry
from leadwise.jobs.tables import open_engine
from leadwise.jobs.workers import Watch


def test_kinds_share_what_is_free() -> None:
    room = {"a": 8, "b": 8, "c": 1}
    assert shares({"a": 8}, room, 8) == {"a": 8}
    assert shares({"a": 8, "b": 1}, room, 8) == {"a": 7, "b": 1}
    assert shares({"a": 8, "b": 8, "c": 8}, room, 8) == {"a": 4, "b": 3, "c": 1}
    assert shares({"a": 8, "b": 8}, room, 1) == {"a": 1}
    assert shares({}, room, 8) == {}
    assert shares({"a": 3}, room, 0) == {}


def test_silence_is_timed_by_the_watcher() -> None:
    watch = Watch(15)
    assert watch.alive({"a": 7, "b": 3}, 100.0) == {"a", "b"}
    assert watch.alive({"a": 8, "b": 3}, 105.0) == {"a", "b"}
    assert watch.alive({"a": 8, "b": 3}, 112.0) == {"a", "b"}
    assert watch.alive({"a": 8, "b": 3}, 116.0) == {"a"}
    # Its count may go anywhere, as long as it moves; who has signed out is not alive.
    assert watch.alive({"b": 1}, 120.0) == {"b"}
    assert watch.alive({}, 121.0) == set()


def test_a_watcher_that_could_not_look_declares_nobody_dead() -> None:
    watch = Watch(15)
    assert watch.alive({"a": 7}, 100.0) == {"a"}
    # The database was away for a minute: "a" could not count up either.
    assert watch.alive({"a": 7}, 160.0) == {"a"}
    assert watch.alive({"a": 7}, 167.0) == {"a"}
    assert watch.alive({"a": 7}, 174.0) == {"a"}
    assert watch.alive({"a": 7}, 176.0) == set()


def test_who_is_quiet_for_some_looks_may_be_gone() -> None:
    watch, now_s = Watch(15), 100.0
    for beat in (1, 1, 1, 2, 2, 2):
        assert watch.alive({"a": beat, "b": 7}, now_s) == {"a", "b"}
        assert watch.quiet() == (set() if now_s < 106 else {"b"})
        now_s += 2
    assert watch.alive({"a": 2, "b": 8}, now_s) == {"a", "b"}
    assert watch.quiet() == {"a"}
    # One look after the database was away for long says nothing of anybody.
    watch = Watch(15)
    watch.alive({"a": 1}, 0.0)
    assert watch.alive({"a": 1}, 60.0) == {"a"}
    assert watch.quiet() == set()


def test_pauses_grow_and_end() -> None:
    retry = Retry(most=5, first_s=5, factor=4, longest_s=100)
    passing = Failure("passing", "remote", "down")
    pauses = [again_after_us(passing, attempt, retry) for attempt in range(1, 6)]
    assert pauses == [5_000_000, 20_000_000, 80_000_000, 100_000_000, None]
    assert again_after_us(Failure("remote", "remote", "no"), 1, retry) is None
    assert again_after_us(Failure("internal", "internal", "oh"), 1, retry) is None


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("cron", "zone", "after", "following"),
    [
        ("30 2 * * *", "UTC", "2026-11-21T02:30:00", "2026-11-22T02:30:00"),
        ("30 2 * * *", "UTC", "2026-11-21T02:29:59", "2026-11-21T02:30:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-11-21T02:29:59", "2026-11-22T01:30:00"),
        ("0 3 * * 1", "UTC", "2026-11-21T00:00:00", "2026-11-23T03:00:00"),
        ("*/15 * * * *", "Asia/Kathmandu", "2026-11-21T00:01:00", "2026-11-21T00:15:00"),
        # The night in which the clocks go back has each hour of the schedule once.
        ("30 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T02:30:00"),
        ("*/5 * * * * *", "UTC", "2026-11-21T00:00:01", "2026-11-21T00:00:05"),
    ],
)
def test_the_next_time(cron: str, zone: str, after: str, following: str) -> None:
    schedule = Schedule("s", cron, "k", timezone=zone)
    assert schedules.next_us(schedule, us(after)) == us(following)


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("s", "61 * * * *", "k"),
        Schedule("s", "daily", "k"),
        Schedule("s", "* * * * *", "unheard-of"),
        Schedule("s", "* * * * *", "k", timezone="Mars/Olympus"),
    ],
)
def test_a_schedule_that_cannot_be_followed(schedule: Schedule) -> None:
    with pytest.raises(UserError) as caught:
        schedules.check([schedule], ["k"])
    assert caught.value.code == "schedule"
    with pytest.raises(UserError, match="two schedules"):
        schedules.check([Schedule("s", "* * * * *", "k")] * 2, ["k"])


def test_what_was_missed_is_made_up_for_once(tmp_path: Path) -> None:
    nightly = Schedule("nightly", "30 2 * * *", "shadow", {"a": 1})

    def put_next(at: str, schedule: Schedule = nightly) -> list[str]:
        with engine.begin() as connection:
            schedules.put_next(connection, [schedule], us(at))
        return sorted(job.id for job in jobs.list(state="waiting"))

    engine = open_engine(tmp_path, 2)
    with Jobs(tmp_path) as jobs:
        first = "nightly@2026-11-22T02:30:00Z"
        assert put_next("2026-11-21T12:00:00") == [first]
        assert put_next("2026-11-21T13:00:00") == [first]
        # Nobody worked for three nights: that one is late, and no other joins it.
        assert put_next("2026-11-24T12:00:00") == [first]
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE job SET state = 'done'"))
        assert put_next("2026-11-24T12:00:00") == ["nightly@2026-11-25T02:30:00Z"]
        # The clock goes back, and the schedule is changed: one job waits, none comes twice.
        assert put_next("2026-11-21T12:00:00") == []
        moved = Schedule("nightly", "0 4 * * *", "shadow")
        assert put_next("2026-11-24T12:00:00", moved) == ["nightly@2026-11-25T04:00:00Z"]
    engine.dispose()


def test_listing_goes_on_where_it_left_off(place: str) -> None:
    with Jobs(place) as jobs:
        for kind in ("a", "b"):
            entries = [Entry(f"{kind}{n}", {"text": "\x00ü\ud800"}) for n in range(7)]
            assert jobs.enqueue_all(kind, entries) == 7
            assert jobs.enqueue_all(kind, entries + [Entry(f"{kind}7")] * 2) == 1
        everything = [job.id for job in jobs.list()]
        assert len(everything) == 16
        seen: list[str] = []
        after = None
        while page := jobs.list(after=after, limit=4):
            seen += [job.id for job in page]
            after = page[-1].cursor
        assert seen == everything
        assert {job.kind for job in jobs.list("b")} == {"b"}
        assert jobs.list(state="failed") == []
        assert jobs.get("a3").arguments == {"text": "\x00ü\ud800"}
        assert jobs.cancel("a3")
        assert [job.id for job in jobs.list(state="cancelled")] == ["a3"]
        assert len(jobs.list("a", "waiting")) == 7
