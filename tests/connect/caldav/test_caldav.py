"""CalDAV against Radicale, a real server: found, free times, meetings booked once, what changes."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx2
import pytest
from icalendar import Calendar as Ical

from leadwise.connect.caldav import KIND
from leadwise.connect.caldav.client import CalDavClient
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


class Lossy(httpx2.HTTPTransport):
    """Does what is asked, and loses the answers to some of what writes."""

    lost = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = super().handle_request(request)
        if request.method == "PUT" and self.lost:
            self.lost -= 1
            answer.close()
            raise httpx2.ReadTimeout("no answer", request=request)
        return answer


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_calendar_that_is_lost_mid_booking_has_one_meeting(radicale, lost):
    calendar = opened(radicale)
    line = Lossy()
    line.lost = lost
    http = replace(calendar.client.http, transport=line)
    calendar = replace(calendar, client=replace(calendar.client, http=http))
    for _ in range(lost):
        with pytest.raises(RemoteError) as caught:
            calendar.book(replace(MEETING, title=f"{MEETING.title} {line.lost}"), "run-1-1")
        assert not caught.value.permanent
    booked = calendar.book(MEETING, "run-1-1")
    event = event_in(radicale, booked.id)
    assert str(event["summary"]) == MEETING.title
    assert calendar.busy(NINE - HOUR, NINE + 8 * HOUR) == [(NINE, NINE + HOUR)]
    (page,) = calendar.pull(None, NOW)
    assert page.done == 1
    assert {one.email for one in page.messages} == {"ana@acme.example"}


@pytest.mark.parametrize(
    ("answer", "event"),
    [("DECLINED", "meeting_declined"), ("ACCEPTED", "meeting_accepted"), ("TENTATIVE", None)],
)
def test_what_the_invitee_answers_is_told_once(radicale, answer, event):
    radicale.put(f"{HOME}a.ics", invited("a", "20261120").replace("=ACCEPTED", f"={answer}"))
    calendar = opened(radicale)
    (page,) = calendar.pull(None, NOW)
    told = [one.event for one in page.messages if one.type == "track"]
    assert told == ["meeting_booked", *([event] if event else [])]
    # As somebody's program writes it anew, with nothing changed: the same events.
    seen = invited("a", "20261120", "X-SEEN:1").replace("=ACCEPTED", f"={answer}")
    radicale.put(f"{HOME}a.ics", seen)
    (again,) = calendar.pull(page.cursor, NOW)
    assert [one.message_id for one in again.messages] == [one.message_id for one in page.messages]
