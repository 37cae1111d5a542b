"""When a CalDAV calendar is taken, against Radicale: recurring, off all day, without a zone."""

from __future__ import annotations

import pytest

from leadwise.connect.caldav.client import CalDavClient
from leadwise.connect.caldav.map import busy_events, held_in
from leadwise.connect.caldav.sync import CalDav
from leadwise.errors import RemoteError
from tests.connect.caldav.test_caldav import HOME, HOUR, NINE, ics, opened

MADRID = """BEGIN:VTIMEZONE\r\nTZID:Europe/Madrid\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r
BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"""


def fill(radicale) -> None:
    def zoned(text: str) -> str:
        return text.replace("BEGIN:VEVENT", MADRID + "BEGIN:VEVENT", 1)

    weekly = ics(
        "weekly", "DTSTART;TZID=Europe/Madrid:20260907T100000",
        "DTEND;TZID=Europe/Madrid:20260907T110000", "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Europe/Madrid:20261207T100000", "SUMMARY:Team",
    )  # fmt: skip
    radicale.put(f"{HOME}weekly.ics", zoned(weekly))
    for name, lines in {
        "free": ("DTSTART:20261130T130000Z", "DTEND:20261130T140000Z", "TRANSP:TRANSPARENT"),
        "off": ("DTSTART:20261130T150000Z", "DTEND:20261130T160000Z", "STATUS:CANCELLED"),
        "long": ("DTSTART:20261130T160000Z", "DURATION:PT90M"),
        "perhaps": ("DTSTART:20261201T160000Z", "DTEND:20261201T170000Z", "STATUS:TENTATIVE"),
    }.items():  # fmt: skip
        radicale.put(f"{HOME}{name}.ics", ics(name, *lines))


@pytest.mark.parametrize("how", ["events", "server"])
def test_it_is_taken_as_its_events_say_those_that_recur_too(radicale, how, monkeypatch):
    fill(radicale)
    if how == "server":
        monkeypatch.setattr(CalDav, "busy_events", lambda *_: None)
    ask = opened(radicale).busy
    # Ten in Madrid is nine here in winter, and was eight in summer.
    assert ask(NINE - HOUR, NINE + 9 * HOUR) == [
        (NINE, NINE + HOUR), (NINE + 7 * HOUR, NINE + 8 * HOUR + HOUR // 2),
    ]  # fmt: skip
    week = 7 * 24 * HOUR
    assert ask(NINE + week, NINE + week + 2 * HOUR) == [], "that one time it does not take place"
    september = NINE - 12 * week - HOUR
    assert ask(september, september + HOUR) == [(september, september + HOUR)]
    assert ask(NINE + 31 * HOUR, NINE + 33 * HOUR) == [(NINE + 31 * HOUR, NINE + 32 * HOUR)]


def test_whole_days_are_taken_in_the_zone_of_the_calendar(radicale):
    radicale.put(f"{HOME}day.ics", ics("day", "DTSTART;VALUE=DATE:20261201", "SUMMARY:Off"))
    calendar = opened(radicale, zone="Europe/Madrid")
    day = NINE + 14 * HOUR  # 2026-11-30T23:00Z is the first of December in Madrid
    assert calendar.busy(day - 2 * HOUR, day + 48 * HOUR) == [(day, day + 24 * HOUR)]


@pytest.mark.parametrize(("zone", "hours"), [("Pacific/Auckland", -13), ("America/Los_Angeles", 8)])
@pytest.mark.parametrize("more", [(), ("RRULE:FREQ=YEARLY",)])
def test_a_day_off_is_off_all_day_wherever_the_calendar_is(radicale, zone, hours, more):
    """The server takes it for a day in UTC: in Auckland the morning would be free."""
    radicale.put(f"{HOME}day.ics", ics("day", "DTSTART;VALUE=DATE:20261201", "SUMMARY:Off", *more))
    calendar = opened(radicale, zone=zone)
    day = NINE + (15 + hours) * HOUR
    assert calendar.busy(day - 24 * HOUR, day + 48 * HOUR) == [(day, day + 24 * HOUR)]
    for hour in (0, 9, 16, 23):
        start = day + hour * HOUR
        assert calendar.busy(start, start + HOUR) == [(start, start + HOUR)], hour
    assert calendar.busy(day - HOUR, day) == calendar.busy(day + 24 * HOUR, day + 25 * HOUR) == []


def test_a_time_without_a_zone_is_meant_where_the_calendar_is(radicale):
    radicale.put(f"{HOME}f.ics", ics("f", "DTSTART:20261201T093000", "DURATION:PT1H"))
    nine = NINE + 24 * HOUR - 13 * HOUR  # 09:00 on the first of December in Auckland
    found = opened(radicale, zone="Pacific/Auckland").busy(nine, nine + 8 * HOUR)
    assert found == [(nine + HOUR // 2, nine + 3 * HOUR // 2)]


def test_a_recurring_event_with_exceptions_is_taken_as_they_say(radicale):
    """One time was moved, one called off, one left out."""
    override = (
        "BEGIN:VEVENT\r\nUID:r\r\nDTSTAMP:20261120T100000Z\r\nRECURRENCE-ID:20261201T090000Z\r\n"
        "DTSTART:20261201T130000Z\r\nDTEND:20261201T140000Z\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:r\r\nDTSTAMP:20261120T100000Z\r\nRECURRENCE-ID:20261202T090000Z\r\n"
        "DTSTART:20261202T090000Z\r\nDTEND:20261202T100000Z\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
    )  # fmt: skip
    text = ics("r", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z",
               "RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20261203T090000Z")  # fmt: skip
    text = text.replace("END:VCALENDAR", override + "END:VCALENDAR")
    radicale.put(f"{HOME}r.ics", text)
    day = 24 * HOUR
    moved = NINE + day + 4 * HOUR
    assert opened(radicale).busy(NINE - HOUR, NINE + 6 * day) == [
        (NINE, NINE + HOUR), (moved, moved + HOUR), (NINE + 4 * day, NINE + 4 * day + HOUR),
    ]  # fmt: skip


@pytest.mark.parametrize("more", [(), ("RRULE:FREQ=YEARLY",)])
def test_what_began_long_before_is_taken_still(radicale, more):
    """A fortnight off, asked for in its midst; a night that is begun."""
    off = ics("off", "DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261207", *more)
    radicale.put(f"{HOME}off.ics", off)
    assert opened(radicale).busy(NINE, NINE + HOUR) == [(NINE, NINE + HOUR)]
    radicale.client.delete(f"{HOME}off.ics")
    night = ics("n", "DTSTART:20261130T083000Z", "DTEND:20261130T093000Z", *more)
    radicale.put(f"{HOME}n.ics", night)
    assert opened(radicale).busy(NINE, NINE + HOUR) == [(NINE, NINE + HOUR // 2)]


def test_who_may_see_only_when_it_is_taken_asks_the_server(radicale, monkeypatch):
    fill(radicale)

    def forbidden(*_, **__):
        raise RemoteError("no", permanent=True, status=403)

    monkeypatch.setattr(CalDavClient, "between", forbidden)
    assert opened(radicale).busy(NINE - HOUR, NINE + HOUR) == [(NINE, NINE + HOUR)]


def test_a_time_that_was_called_off_calls_off_no_series():
    """Its exception may stand before it."""
    from zoneinfo import ZoneInfo

    off = ics("s", "RECURRENCE-ID:20261201T090000Z", "DTSTART:20261201T090000Z",
              "DTEND:20261201T100000Z", "STATUS:CANCELLED", "SUMMARY:Off")  # fmt: skip
    whole = ics("s", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "RRULE:FREQ=DAILY",
                "SUMMARY:Series")  # fmt: skip
    series = whole[whole.index("BEGIN:VEVENT") : whole.index("END:VCALENDAR")]
    both = off.replace("END:VCALENDAR", series + "END:VCALENDAR")
    held, _ = held_in(both, ZoneInfo("UTC"))
    assert (held.title, held.cancelled, held.from_us) == ("Series", False, NINE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("no calendar at all", []),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", []),
        (ics("x", "SUMMARY:No time"), []),
        (ics("x", "DTSTART:20261130T090000Z"), []),
        (ics("x", "DTSTART:20261130T100000", "DURATION:PT1H"), [(NINE, NINE + HOUR)]),
        (ics("x", "DTSTART:20261130T100000Z", "DTEND:20261130T090000Z"), []),
        (ics("x", "DTSTART:00010101T000000", "DTEND:20261130T000000Z"), 1),
        (ics("x", "DTSTART;TZID=Nowhere/Town:20261130T100000", "DURATION:PT1H"), 1),
    ],
)
def test_whatever_a_server_keeps_is_read_without_trouble(text, wanted):
    from zoneinfo import ZoneInfo

    found = busy_events([text], ZoneInfo("Europe/Madrid"))
    assert found == wanted or len(found) == wanted
    held_in(text, ZoneInfo("Europe/Madrid"))


def test_an_event_that_the_server_does_not_expand_is_not_guessed(radicale, monkeypatch):
    calendar = opened(radicale)
    recurring = ics("w", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "RRULE:FREQ=DAILY")
    monkeypatch.setattr(CalDavClient, "busy", lambda *_: None)
    monkeypatch.setattr(CalDavClient, "between", lambda *_, **__: [recurring])
    with pytest.raises(RemoteError, match="recurring") as caught:
        calendar.busy(NINE, NINE + HOUR)
    assert caught.value.permanent
