"""The first time that suits both sides, over zones and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.connect.slots import Hours, first_free, free, hours_of, is_free, joined
from leadwise.errors import UserError

DAY = 86_400_000_000
MADRID, NEW_YORK, KATHMANDU = "Europe/Madrid", "America/New_York", "Asia/Kathmandu"


def us(text: str, zone: str = "UTC") -> int:
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return round(wall.timestamp()) * 1_000_000


def told(found: int | None, zone: str = "UTC") -> str | None:
    if found is None:
        return None
    moment = datetime.fromtimestamp(found / 1e6, UTC).astimezone(ZoneInfo(zone))
    return moment.strftime("%a %m-%d %H:%M")


def test_the_next_working_morning_is_taken_where_nothing_stands():
    saturday = us("2026-11-21T12:00", MADRID)
    found = first_free([], [Hours(MADRID)], 30, saturday, saturday + 7 * DAY)
    assert told(found, MADRID) == "Mon 11-23 09:00"


def test_it_is_in_the_working_hours_of_both_sides():
    monday = us("2026-11-23T00:00")
    sides = [Hours(MADRID), Hours(NEW_YORK)]
    found = list(free([], sides, 60, monday, monday + DAY))
    assert [told(one, MADRID) for one in found] == ["Mon 11-23 15:00", "Mon 11-23 15:30",
                                                    "Mon 11-23 16:00"]  # fmt: skip


def test_sides_that_never_work_at_the_same_time_have_none():
    monday = us("2026-11-23T00:00")
    assert first_free([], [Hours("Asia/Tokyo"), Hours(NEW_YORK)], 30, monday, monday + DAY) is None


def test_in_the_weeks_between_the_changes_of_the_clock_they_are_an_hour_nearer():
    # New York puts its clocks back on 1 November 2026, Madrid on 25 October.
    sides = [Hours(MADRID), Hours(NEW_YORK)]
    between = us("2026-10-26T00:00")
    assert told(first_free([], sides, 60, between, between + DAY), MADRID) == "Mon 10-26 14:00"


def test_what_is_taken_is_left_out_and_the_rest_of_a_gap_must_be_long_enough():
    monday = us("2026-11-23T09:00")
    busy = [(us("2026-11-23T09:00"), us("2026-11-23T10:10")),
            (us("2026-11-23T10:50"), us("2026-11-23T12:00"))]  # fmt: skip
    assert told(first_free(busy, [Hours()], 30, monday, monday + DAY)) == "Mon 11-23 12:00"
    assert told(first_free(busy, [Hours()], 20, monday, monday + DAY)) == "Mon 11-23 10:30"


def test_it_begins_at_half_hours_on_the_leads_clock_wherever_that_is():
    monday = us("2026-11-23T09:10", KATHMANDU)
    hours = Hours(KATHMANDU)
    assert told(first_free([], [hours], 30, monday, monday + DAY), KATHMANDU) == "Mon 11-23 09:30"


def test_a_night_shift_over_a_change_of_the_clock_has_the_hours_of_the_wall():
    night = Hours(MADRID, (7,), 0, 6 * 60)
    spring = us("2026-03-29T00:00", MADRID)  # 02:00 becomes 03:00
    found = list(free([], [night], 60, spring, spring + DAY // 2, step=60))
    assert [told(one, MADRID)[-5:] for one in found] == [
        "00:00",
        "01:00",
        "03:00",
        "04:00",
        "05:00",
    ]
    autumn = us("2026-10-25T00:00", MADRID)  # 03:00 becomes 02:00
    assert len(list(free([], [night], 60, autumn, autumn + DAY // 2, step=60))) == 7


@pytest.mark.parametrize(
    ("hours", "days", "wanted"),
    [
        ("09:00-17:00", "mon-fri", Hours(MADRID)),
        ("8:30 - 24:00", "sat-mon", Hours(MADRID, (1, 6, 7), 510, 1440)),
        ("10:00-12:00", "Monday, wed-thu", Hours(MADRID, (1, 3, 4), 600, 720)),
    ],
)
def test_hours_are_written_as_people_write_them(hours, days, wanted):
    assert hours_of(MADRID, hours, days) == wanted


@pytest.mark.parametrize(
    ("zone", "hours", "days"),
    [
        ("Europe/Nowhere", "09:00-17:00", "mon-fri"),
        ("../etc/passwd", "09:00-17:00", "mon-fri"),
        (MADRID, "17:00-09:00", "mon-fri"),
        (MADRID, "9-5", "mon-fri"),
        (MADRID, "09:00-17:00", "weekdays"),
        (MADRID, "09:00-17:00", ""),
        (MADRID, "09:00-25:00", "mon"),
    ],
)
def test_what_means_no_hours_is_refused(zone, hours, days):
    with pytest.raises(UserError) as caught:
        hours_of(zone, hours, days)
    assert caught.value.code == "bad-working-hours"


spans = st.lists(
    st.tuples(st.integers(0, 4 * 24 * 12), st.integers(0, 60)).map(
        lambda one: (one[0] * 300_000_000, (one[0] + one[1]) * 300_000_000)
    ),
    max_size=12,
)


@given(spans, st.sampled_from([15, 30, 60, 90]), st.sampled_from([MADRID, NEW_YORK, KATHMANDU]))
@settings(max_examples=60, deadline=None)
def test_no_time_that_is_offered_is_taken_or_outside_of_hours(busy, minutes, zone):
    side = Hours(zone)
    for at in free(busy, [Hours(), side], minutes, 0, 4 * DAY):
        assert is_free(joined(busy), at, minutes)
        for name in ("UTC", zone):
            start = datetime.fromtimestamp(at / 1e6, UTC).astimezone(ZoneInfo(name))
            end = datetime.fromtimestamp(at / 1e6 + minutes * 60, UTC).astimezone(ZoneInfo(name))
            assert start.isoweekday() < 6
            assert start.hour * 60 + start.minute >= 9 * 60
            assert end.hour * 60 + end.minute <= 17 * 60
