"""CalDAV against Radicale, a real server: found, free times, meetings booked once, what changes."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx2
import pytest
from icalendar import Calendar as Ical

from leadwise.connect.caldav import KIND
from leadwise.connect.caldav.client import CalDavClient
from leadwise.connect.caldav.map import busy_events, held_in
from leadwise.connect.caldav.sync import CalDav
from leadwise.connect.http import Http
from leadwise.connect.model import Calendar, Connection, Meeting, Source
from leadwise.connect.model import Tested as Asked
from leadwise.connect.slots import Hours
from leadwise.errors import RemoteError, UserError

HOUR = 3_600_000_000
NINE = 1_796_029_200_000_000  # Monday 2026-11-30T09:00:00Z
NOW = NINE - 72 * HOUR
HOME = "/sales@us.example/sales/"
MEETING = Meeting(
    "Leadwise: \"Ana\"; a,b\nBCC: x", NINE, NINE + HOUR, ("Ana@Acme.example", "rep@us.example"),
    "What we talk about, at length: " + "é" * 200, "https://meet.example/ana", "Europe/Madrid",
)  # fmt: skip


def ics(uid: str, *lines: str) -> str:
    body = "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261120T100000Z", *lines,
                        "END:VEVENT"])  # fmt: skip
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}\r\nEND:VCALENDAR\r\n"


def opened(radicale, *, password="pa55", dry=False, **options) -> CalDav:
    given = {"url": radicale.url, "user": "sales@us.example", **options}
    one = Connection(1, "calendar", "caldav", given, {"password": password})
    http = Http("CalDAV", sleep=lambda _: None, dry=dry,
                transport=httpx2.HTTPTransport(verify=False))  # fmt: skip
    return replace(KIND.open(one, http), time=lambda: NOW / 1e6)


def event_in(radicale, name):
    (event,) = Ical.from_ical(radicale.get(f"{HOME}{name}.ics")).walk("VEVENT")
    return event


def test_the_calendar_is_found_from_the_servers_address_alone(radicale):
    calendar = opened(radicale)
    assert isinstance(calendar, Calendar)
    assert isinstance(calendar, Source)
    assert isinstance(calendar, Asked)
    assert calendar.test() == f"Calendar Sales (UTC) at {HOME}"
    assert calendar.hours() == Hours("UTC")
    assert opened(radicale, url=f"{radicale.url}{HOME}").test().endswith(HOME)
    assert opened(radicale, url=f"{radicale.url}/.well-known/caldav").test().endswith(HOME)
    assert opened(radicale, zone="Europe/Madrid").hours().zone == "Europe/Madrid"


def test_of_several_calendars_it_is_the_one_that_was_named(radicale):
    radicale.calendar("/sales@us.example/tasks/", "Chores", "VTODO")
    radicale.calendar("/sales@us.example/private/", "Private")
    assert "Private" in opened(radicale, calendar="Private").test()
    assert "Private" in opened(radicale, calendar="private").test()
    with pytest.raises(RemoteError, match=r"no calendar 'Other'.*(Private, Sales|Sales, Private)"):
        opened(radicale, calendar="Other").test()
    with pytest.raises(RemoteError, match="no calendar 'Chores'"):
        opened(radicale, calendar="Chores").test()


def test_a_wrong_password_or_address_is_said_and_no_password_told(radicale):
    with pytest.raises(RemoteError) as caught:
        opened(radicale, password="wr0ng").test()
    assert caught.value.permanent
    assert "wr0ng" not in str(caught.value) + repr(opened(radicale, password="wr0ng").client.http)
    with pytest.raises(RemoteError) as caught:
        opened(radicale, url="http://127.0.0.1:9").test()
    assert not caught.value.permanent


def test_a_meeting_is_booked_once_by_its_key(radicale):
    first = opened(radicale).book(MEETING, "run-12-3")
    assert opened(radicale).book(MEETING, "run-12-3") == first
    assert first.link == "https://meet.example/ana"
    event = event_in(radicale, first.id)
    assert event["uid"] == f"{first.id}@leadwise"
    assert str(event["summary"]) == MEETING.title, "whatever is in it, it is one line of the event"
    assert str(event["description"]) == MEETING.about
    assert event["dtstart"].dt.isoformat() == "2026-11-30T09:00:00+00:00"
    assert int(event["sequence"]) == 0, "nothing was changed by asking again"
    assert [str(one) for one in event["attendee"]] == ["mailto:ana@acme.example",
                                                       "mailto:rep@us.example"]  # fmt: skip
    assert str(event["organizer"]) == "mailto:sales@us.example"
    assert opened(radicale).book(MEETING, "run-13-1").id != first.id


def test_it_is_moved_and_what_people_answered_stays(radicale):
    booked = opened(radicale, remind="60, 10").book(MEETING, "run-1-1")
    text = radicale.get(f"{HOME}{booked.id}.ics")
    unfolded = text.replace("\r\n ", "")
    radicale.put(
        f"{HOME}{booked.id}.ics",
        unfolded.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED", 1).replace(
            "BEGIN:VALARM", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:boss@acme.example\r\nBEGIN:VALARM", 1
        ),
    )
    later = replace(MEETING, from_us=NINE + HOUR, until_us=NINE + 3 * HOUR)
    assert opened(radicale).book(later, "run-1-1").id == booked.id
    event = event_in(radicale, booked.id)
    assert event["dtstart"].dt.isoformat() == "2026-11-30T10:00:00+00:00"
    assert event["dtend"].dt.isoformat() == "2026-11-30T12:00:00+00:00"
    assert int(event["sequence"]) == 1
    people = {str(one): str(one.params["PARTSTAT"]) for one in event["attendee"]}
    assert people == {
        "mailto:ana@acme.example": "ACCEPTED", "mailto:rep@us.example": "NEEDS-ACTION",
        "mailto:boss@acme.example": "ACCEPTED",
    }  # fmt: skip
    triggers = [one["trigger"].dt.total_seconds() / 60 for one in event.walk("VALARM")]
    assert triggers == [-60, -10]


def test_who_changes_it_in_between_loses_nothing(radicale, monkeypatch):
    booked = opened(radicale).book(MEETING, "run-1-1")
    calendar = opened(radicale)
    plain, times = CalDavClient.get, []

    def slow(client, name):
        found = plain(client, name)
        if not times:
            times.append(1)
            text = radicale.get(f"{HOME}{name}.ics").replace("\r\n ", "")
            radicale.put(f"{HOME}{name}.ics", text.replace("NEEDS-ACTION", "ACCEPTED", 1))
        return found

    monkeypatch.setattr(CalDavClient, "get", slow)
    later = replace(MEETING, from_us=NINE + HOUR, until_us=NINE + 2 * HOUR)
    calendar.book(later, "run-1-1")
    event = event_in(radicale, booked.id)
    assert event["dtstart"].dt.hour == 10
    assert "ACCEPTED" in [str(one.params["PARTSTAT"]) for one in event["attendee"]]


def test_it_is_cancelled_however_often_and_booked_again(radicale):
    calendar = opened(radicale)
    booked = calendar.book(MEETING, "run-1-1")
    calendar.cancel(booked.id, "run-1-2")
    calendar.cancel(booked.id, "run-1-2")
    assert calendar.busy(NINE, NINE + HOUR) == []
    assert calendar.book(MEETING, "run-1-1").id == booked.id
    assert calendar.busy(NINE, NINE + HOUR) == [(NINE, NINE + HOUR)]


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


def invited(uid: str, day: str, *more: str) -> str:
    return ics(
        uid, f"DTSTART:{day}T090000Z", f"DTEND:{day}T094500Z", "SUMMARY:Demo",
        "ORGANIZER:mailto:sales@us.example", "CREATED:20261119T080000Z",
        "ATTENDEE;CN=Ana Ruiz;PARTSTAT=ACCEPTED:mailto:Ana@Acme.example",
        "ATTENDEE:mailto:rep@us.example", "ATTENDEE;CUTYPE=ROOM:mailto:room@x.example", *more,
    )  # fmt: skip


def test_meetings_are_pulled_and_then_what_changed(radicale):
    radicale.put(f"{HOME}a.ics", invited("a", "20261120"))
    radicale.put(f"{HOME}old.ics", invited("old", "20250101"))
    radicale.put(f"{HOME}day.ics", ics("day", "DTSTART;VALUE=DATE:20261201"))
    calendar = opened(radicale)
    (page,) = calendar.pull(None, NOW)
    assert (page.done, page.total) == (3, 3)
    assert [one.event for one in page.messages] == ["meeting_booked", "meeting_accepted",
                                                    "identify"]  # fmt: skip
    booked = page.messages[0]
    assert (booked.email, booked.message_id) == ("ana@acme.example", "a:booked:ana@acme.example")
    assert booked.document["minutes"] == 45
    (page,) = calendar.pull(page.cursor, NOW)
    assert page.messages == ()
    radicale.put(f"{HOME}a.ics", invited("a", "20261120", "STATUS:CANCELLED"))
    radicale.put(f"{HOME}b.ics", invited("b", "20261121"))
    radicale.client.delete(f"{HOME}old.ics")
    (page,) = calendar.pull(page.cursor, NOW)
    assert {one.event for one in page.messages} == {"meeting_cancelled", "meeting_booked",
                                                    "meeting_accepted", "identify"}  # fmt: skip
    at = json.loads(page.cursor)
    lost = json.dumps({**at, "token": at["token"][:-4] + "0000"})
    (page,) = calendar.pull(lost, NOW)
    assert page.done == 3, "a token that the server has forgotten: everything again"


def test_a_pull_goes_on_where_it_was_cut_off(radicale):
    for number in range(60):
        radicale.put(f"{HOME}e{number}.ics", invited(f"e{number}", "20261120"))
    first, second = opened(radicale).pull(None, NOW)
    assert (first.done, second.done, second.total) == (50, 60, 60)
    (rest,) = opened(radicale).pull(first.cursor, NOW)
    assert {one.message_id for one in rest.messages} == {one.message_id for one in second.messages}


def test_a_dry_run_writes_nothing(radicale):
    calendar = opened(radicale, dry=True)
    booked = calendar.book(MEETING, "run-1-1")
    calendar.cancel(booked.id, "x")
    assert [one.method for one in calendar.client.http.would] == ["PUT", "DELETE"]
    assert opened(radicale).busy(NINE, NINE + HOUR) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [({"hours": "9-5"}, "bad-working-hours"), ({"zone": "Mars"}, "bad-working-hours"),
     ({"remind": "soon"}, "bad-reminders")],
)  # fmt: skip
def test_options_that_mean_nothing_are_found_by_the_test(radicale, options, code):
    with pytest.raises(UserError) as caught:
        opened(radicale, **options).test()
    assert caught.value.code == code


def test_an_address_that_is_no_caldav_says_so(radicale):
    from leadwise.connect.caldav.webdav import multistatus

    for content in (b"<html></html>", b"no xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'):
        with pytest.raises(RemoteError, match="no WebDAV"):
            multistatus(content, "CalDAV")
