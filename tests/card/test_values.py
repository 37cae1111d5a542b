"""Times, durations and points as texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwise.card.values import (
    DAY,
    SECOND,
    format_duration,
    format_hundredths,
    parse_duration,
    parse_hundredths,
    parse_time,
)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-02", 86_400_000_000),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01 00:01", 60_000_000),
        ("1970-01-01T00:00:00.5", 500_000),
        ("1970-01-01T00:00:00.0000019", 1),
        ("1969-12-31T23:59:59.9999999", -1),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01T02:00:00+0200", 0),
        ("1970-01-01T02:00:00+02", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00Z", 0),
        (" 1970-01-01 ", 0),
        ("0001-01-01T00:00:00-14:00", -62_135_596_800_000_000 + 14 * 3_600_000_000),
        ("9999-12-31T23:59:59.9999999", 253_402_300_799_999_999),
    ],
)
def test_times(text: str, microseconds: int) -> None:
    assert parse_time(text) == microseconds


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-06", "2026-13-01", "2026-02-30", "2026-6-1", "20260601", "2026-06-01T",
     "2026-06-01T25:00", "2026-06-01T12", "2026-06-01T12:00:60", "2026-06-01T12:00:00,5",
     "2026-06-01Z", "2026-06-01T12:00+25:00", "2026-06-01T12:00+02:75", "yesterday", "0000-01-01",
     "\N{ARABIC-INDIC DIGIT TWO}026-06-01", "2026-W01-1", "2026-06-01t12:00", "1717200000",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-00:01"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001 - zones are added
    st.integers(-15 * 60, 15 * 60),
)
def test_times_agree_with_the_standard_library(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_time(aware.isoformat()) == (aware - epoch) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("20", 2000), ("-5", -500), ("12.5", 1250), ("0.1", 10), ("0.29", 29), ("1.10", 110),
     ("+3", 300), ("1.000", 100), ("-0", 0), ("-0.01", -1)],
)  # fmt: skip
def test_hundredths(text: str, hundredths: int) -> None:
    assert parse_hundredths(text) == hundredths


@pytest.mark.parametrize("text", ["", "x", "1e3", ".5", "5.", "1,5", "0.125", "00", "0x10", "1_0"])
def test_what_are_no_hundredths(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_hundredths(text)


@given(st.integers(-(10**12), 10**12))
def test_hundredths_read_back(value: int) -> None:
    assert parse_hundredths(format_hundredths(value)) == value


@pytest.mark.parametrize(
    ("text", "microseconds", "written"),
    [("14 days", 14 * DAY, "14 days"), ("1 day", DAY, "1 day"),
     ("36 hours", DAY * 3 // 2, "36 hours"),
     ("2 weeks", 14 * DAY, "14 days"), ("90 seconds", 90 * SECOND, "90 seconds"),
     ("24 hours", DAY, "1 day"), ("30minutes", 1800 * SECOND, "30 minutes")],
)  # fmt: skip
def test_durations(text: str, microseconds: int, written: str) -> None:
    assert parse_duration(text) == microseconds
    assert format_duration(microseconds) == written


@pytest.mark.parametrize(
    "text", ["", "14", "days", "-1 days", "1.5 days", "0 days", "3 months", "1 year", "40000 days"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_duration(text)
    assert len(caught.value.args) == 2
