"""Times as people say them: read in their zone, and not at all where they can be read two ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadwise.connect.local_times import instant_said, zone_said


def told(us: int | None) -> str | None:
    return None if us is None else datetime.fromtimestamp(us / 1e6, UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("said", "zone", "wanted"),
    [
        ("2026-12-01 14:30", "Europe/Madrid", "12-01 13:30"),
        ("2026-12-01T14:30", "Europe/Madrid", "12-01 13:30"),
        ("2026-12-01T14:30:00+01:00", "America/New_York", "12-01 13:30"),
        ("2026-12-01T14:30:00Z", "Asia/Tokyo", "12-01 14:30"),
        ("1.12.2026 14:30 Uhr", "Europe/Berlin", "12-01 13:30"),
        ("1.12.2026 14.30", "Europe/Berlin", "12-01 13:30"),
        ("1/12/2026, 14h30", "Europe/Paris", None),
        ("13/12/2026 2:30 pm", "Europe/London", "12-13 14:30"),
        ("12/13/2026 at 2 PM", "America/New_York", "12-13 19:00"),
        ("12/12/2026 12 am", "UTC", "12-12 00:00"),
        ("12/12/2026 12 pm", "UTC", "12-12 12:00"),
        ("3/4/2026 10:00", "Europe/Madrid", None),
        ("2026-12-01", "Europe/Madrid", None),
        ("2026-12-01 14", "Europe/Madrid", None),
        ("2026-02-30 10:00", "UTC", None),
        ("2026-12-01 25:00", "UTC", None),
        ("next Tuesday at 3", "UTC", None),
        ("", "UTC", None),
        ("2026-12-01 14:30", "Nowhere/City", None),
        ("2026-12-01 14:30", "+02:00", "12-01 12:30"),
        ("2026-07-01 14:30", "Europe/Madrid", "07-01 12:30"),
        ("2026-10-25 02:30", "Europe/Madrid", "10-25 00:30"),
        ("2026-03-29 02:30", "Europe/Madrid", "03-29 01:30"),
    ],
)
def test_a_day_with_its_time_is_an_instant_where_it_was_said(said, zone, wanted):
    assert told(instant_said(said, zone)) == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Europe/Madrid", "Europe/Madrid"), ("europe/madrid", "Europe/Madrid"),
        ("Madrid", "Europe/Madrid"), ("new york", "America/New_York"), ("UTC", "UTC"),
        ("GMT", "UTC"), ("UTC+2", "+02:00"), ("(GMT-05:00) New York", "-05:00"),
        ("+0530", "+05:30"), ("UTC+99", ""), ("Mars", ""), ("", ""), ("../../etc", ""),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_its_name_its_city_or_its_offset(said, wanted):
    assert zone_said(said) == wanted
