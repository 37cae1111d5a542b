"""Google Calendar against its fake: booking twice is once, moving moves, pulling misses nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from joserfc import jwt

from leadwise.connect.google_calendar import KIND
from leadwise.connect.google_calendar.sync import GoogleCalendar
from leadwise.connect.model import Calendar, Meeting, Source
from leadwise.connect.model import Tested as Asked
from leadwise.connect.slots import Hours
from leadwise.errors import RemoteError, UserError
from leadwise.testing.google import FakeGoogle
from leadwise.testing.serving import served
from tests.connect.checking import checked
from tests.connect.google_accounts import connection, http, key

HOUR = 3_600_000_000
NINE = 1_796_029_200_000_000  # 2026-11-30T09:00:00Z
NOW = NINE - 72 * HOUR
API = "/calendar/v3"
MEETING = Meeting(
    "Leadwise with Ana", NINE, NINE + HOUR, ("Ana@Acme.example", "rep@leadwise.example"),
    "What we talk about", "", "Europe/Madrid",
)  # fmt: skip


@pytest.fixture
def google():
    return FakeGoogle()


@pytest.fixture
def url(google):
    with served(google) as found, checked(google, "google/calendar_openapi.json", API):
        yield found


def opened(url, *, given_http=None, **options) -> GoogleCalendar:
    one = connection(url, "google_calendar", api=API, **options)
    return KIND.open(one, given_http or http())


def test_a_service_account_signs_for_its_token_and_says_which_calendar_it_is(google, url):
    calendar = opened(url, subject="sales@leadwise.example")
    assert isinstance(calendar, Calendar)
    assert isinstance(calendar, Source)
    assert isinstance(calendar, Asked)
    assert calendar.test() == "Calendar Sales (Europe/Madrid)"
    claims = jwt.decode(google.grants[0]["assertion"], key()).claims
    assert claims["iss"] == "robot@project.iam.gserviceaccount.com"
    assert claims["sub"] == "sales@leadwise.example"
    assert claims["aud"] == f"{url}/token"
    assert claims["exp"] - claims["iat"] == 3600
    assert calendar.hours() == Hours("Europe/Madrid")
    assert len(google.grants) == 1


def test_the_same_key_is_the_same_meeting_however_often_it_is_asked_for(google, url):
    first = opened(url).book(MEETING, "run-12-3")
    again = opened(url).book(MEETING, "run-12-3")
    assert first == again
    assert first.link.startswith("https://meet.google.com/")
    (event,) = google.calendars["primary"].values()
    assert event["start"]["dateTime"] == "2026-11-30T09:00:00Z"
    assert [one["email"] for one in event["attendees"]] == ["ana@acme.example",
                                                            "rep@leadwise.example"]  # fmt: skip
    assert google.told == [(first.id, "asked")], "nobody is asked twice"
    assert opened(url).book(MEETING, "run-13-1").id != first.id


def test_an_answer_that_was_lost_makes_no_second_meeting(google, url):
    google.fail(503, method="POST", path="/events", taken=True)
    assert opened(url).book(MEETING, "run-1-1").link
    google.fail(0, method="POST", path="/events", taken=True)
    with pytest.raises(RemoteError) as caught:
        opened(url).book(MEETING, "run-2-1")
    assert not caught.value.permanent
    assert opened(url).book(MEETING, "run-2-1").link
    assert len(google.calendars["primary"]) == 2
    assert [what for _, what in google.told] == ["asked", "asked"]


def test_with_the_same_key_at_another_time_it_is_moved_and_what_guests_said_stays(google, url):
    booked = opened(url).book(MEETING, "run-1-1")
    event = google.calendars["primary"][booked.id]
    event["attendees"][0]["responseStatus"] = "accepted"
    event["attendees"].append({"email": "boss@acme.example", "responseStatus": "accepted"})
    later = replace(MEETING, from_us=NINE + HOUR, until_us=NINE + 2 * HOUR,
                    people=(*MEETING.people, "new@acme.example"))  # fmt: skip
    assert opened(url).book(later, "run-1-1").id == booked.id
    (event,) = google.calendars["primary"].values()
    assert event["start"]["dateTime"] == "2026-11-30T10:00:00Z"
    assert {one["email"]: one["responseStatus"] for one in event["attendees"]} == {
        "ana@acme.example": "accepted", "rep@leadwise.example": "needsAction",
        "boss@acme.example": "accepted", "new@acme.example": "needsAction",
    }  # fmt: skip


def test_what_was_cancelled_and_is_booked_again_stands_again(google, url):
    calendar = opened(url)
    booked = calendar.book(MEETING, "run-1-1")
    calendar.cancel(booked.id, "run-1-2")
    calendar.cancel(booked.id, "run-1-2")
    calendar.cancel("0000000000", "run-1-2")
    assert google.calendars["primary"][booked.id]["status"] == "cancelled"
    assert calendar.book(MEETING, "run-1-1").id == booked.id
    assert google.calendars["primary"][booked.id]["status"] == "confirmed"


def test_a_video_call_that_is_still_being_made_is_waited_for(google, url):
    google.meet_takes = 2
    assert opened(url).book(MEETING, "run-1-1").link.startswith("https://meet.google.com/")
    google.meet_takes = 99
    assert opened(url).book(MEETING, "run-1-2").link == ""
    google.meet_takes = 0
    held = opened(url).book(replace(MEETING, place="https://zoom.us/j/1"), "run-1-3")
    assert held.link == "https://zoom.us/j/1"
    assert "conferenceData" not in google.calendars["primary"][held.id]


def test_it_is_taken_where_the_calendar_or_one_of_the_people_is(google, url):
    opened(url).book(MEETING, "run-1-1")
    google.taken["rep@leadwise.example"] = [
        ("2026-11-30T11:00:00+01:00", "2026-11-30T12:30:00+01:00")
    ]
    google.hidden.add("ana@acme.example")
    found = opened(url).busy(
        NINE - HOUR, NINE + 5 * HOUR, ("rep@leadwise.example", "ana@acme.example")
    )
    assert found == [(NINE, NINE + 2 * HOUR + HOUR // 2)]
    assert opened(url).busy(NINE - HOUR, NINE + 200 * 24 * HOUR) == [(NINE, NINE + HOUR)]
    google.hidden.add("primary")
    with pytest.raises(RemoteError, match="notFound") as caught:
        opened(url).busy(NINE, NINE + HOUR)
    assert caught.value.permanent


def test_a_token_that_holds_no_more_is_renewed_once(google, url):
    calendar = opened(url)
    calendar.test()
    google.revoke()
    calendar.test()
    assert len(google.grants) == 2


def test_a_limit_of_rate_passes_and_a_missing_right_does_not(google, url):
    body = {"error": {"errors": [{"reason": "rateLimitExceeded"}], "message": "Rate Limit"}}
    google.fail(403, path="/freeBusy", body=body)
    with pytest.raises(RemoteError) as caught:
        opened(url).busy(NINE, NINE + HOUR)
    assert not caught.value.permanent
    assert caught.value.after_s == 30
    body = {"error": {"errors": [{"reason": "forbiddenForServiceAccounts"}], "message": "No."}}
    google.fail(403, path="/events", body=body)
    with pytest.raises(RemoteError, match="forbiddenForServiceAccounts") as caught:
        opened(url).book(MEETING, "run-1-1")
    assert caught.value.permanent


def test_consent_that_was_taken_back_says_so_and_tells_no_secret(google, url):
    one = connection(url, "google_calendar", api=API, client_id="c", token_url=url + "/token")
    given = {"client_secret": "s3cret", "refresh_token": "revoked"}
    calendar = KIND.open(replace(one, secrets=given), http())
    with pytest.raises(RemoteError, match="invalid_grant") as caught:
        calendar.test()
    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(calendar.client.google.access)
    good = {"client_secret": "s3cret", "refresh_token": "good"}
    assert KIND.open(replace(one, secrets=good), http()).test()


@pytest.mark.parametrize(
    "secrets",
    [{}, {"service_account": "not json"}, {"service_account": '{"private_key": "x"}'},
     {"service_account": "[1]"}, {"refresh_token": "r"}],
)  # fmt: skip
def test_without_a_usable_key_it_is_not_opened(secrets):
    one = replace(connection("http://x", "google_calendar", api=API), secrets=secrets)
    with pytest.raises(UserError) as caught:
        KIND.open(one, http())
    assert caught.value.code == "google-access"


def test_an_address_that_is_none_is_not_asked(google, url):
    with pytest.raises(UserError) as caught:
        opened(url).book(replace(MEETING, people=("ana at acme",)), "run-1-1")
    assert caught.value.code == "bad-address"


def test_a_dry_run_books_and_cancels_nothing(google, url):
    calm = http(dry=True)
    calendar = opened(url, given_http=calm)
    booked = calendar.book(MEETING, "run-1-1")
    calendar.cancel(booked.id, "run-1-2")
    assert calendar.busy(NINE, NINE + HOUR) == []
    assert google.calendars.get("primary", {}) == {}
    assert [one.method for one in calm.would] == ["POST", "DELETE"]
    assert calm.would[0].body["id"] == booked.id


def invited(id_: str, starts: str, *, status: str = "confirmed", **guest: str) -> dict:
    people = [{"email": "ana@acme.example", "displayName": "Ana Ruiz", **guest},
              {"email": "sales@leadwise.example"}, {"email": "rep@leadwise.example"},
              {"email": "room@resource.example", "resource": True}]  # fmt: skip
    ends = starts.replace(":00:00", ":45:00")
    return {"id": id_, "summary": "Demo", "status": status, "start": {"dateTime": starts},
            "end": {"dateTime": ends}, "attendees": people}  # fmt: skip


def test_what_people_booked_themselves_is_pulled_once_and_then_what_changed(google, url):
    google.page = 2
    for number in range(5):
        google.invite("primary", invited(f"event{number}", f"2026-11-2{number}T09:00:00Z"))
    google.invite("primary", {"id": "holiday", "start": {"date": "2026-11-20"},
                              "end": {"date": "2026-11-21"}})  # fmt: skip
    calendar = opened(url)
    pages = list(calendar.pull(None, NOW))
    assert [one.done for one in pages] == [2, 4, 6]
    messages = [message for one in pages for message in one.messages]
    tracked = [one for one in messages if one.type == "track"]
    assert [one.message_id for one in tracked] == [
        f"event{number}:booked:ana@acme.example" for number in range(5)
    ]
    assert tracked[0].event == "meeting_booked"
    assert tracked[0].email == "ana@acme.example"
    assert tracked[0].source == "google"
    assert tracked[0].document["minutes"] == 45
    assert {one.document["name"] for one in messages if one.type == "identify"} == {"Ana Ruiz"}
    google.invite("primary", invited("event1", "2026-11-21T09:00:00Z", status="cancelled"))
    google.invite("primary", invited("event2", "2026-11-22T09:00:00Z", responseStatus="declined"))
    (page,) = calendar.pull(pages[-1].cursor, NOW)
    assert [one.event for one in page.messages if one.type == "track"] == [
        "meeting_booked", "meeting_cancelled", "meeting_booked", "meeting_declined",
    ]  # fmt: skip
    (page,) = calendar.pull(page.cursor, NOW)
    assert page.messages == ()


def test_a_pull_that_was_cut_off_goes_on_where_it_was(google, url):
    google.page = 2
    for number in range(5):
        google.invite("primary", invited(f"event{number}", f"2026-11-2{number}T09:00:00Z"))
    first = next(iter(opened(url).pull(None, NOW)))
    rest = list(opened(url).pull(first.cursor, NOW + HOUR))
    ids = [
        one.message_id for page in (first, *rest) for one in page.messages if one.type == "track"
    ]
    assert ids == [f"event{number}:booked:ana@acme.example" for number in range(5)]


def test_where_google_has_forgotten_everything_is_told_again(google, url):
    google.invite("primary", invited("event0", "2026-11-20T09:00:00Z"))
    calendar = opened(url)
    (page,) = calendar.pull(None, NOW)
    google.forget()
    google.invite("primary", invited("event1", "2026-11-21T09:00:00Z"))
    (page,) = calendar.pull(page.cursor, NOW)
    ids = [one.message_id for one in page.messages if one.type == "track"]
    assert ids == ["event0:booked:ana@acme.example", "event1:booked:ana@acme.example"]
    assert json.loads(page.cursor)["sync"]


def test_a_google_that_forgets_whatever_it_is_asked_is_left(google, url):
    google.fail(410, times=5)
    with pytest.raises(RemoteError, match="forgotten") as caught:
        list(opened(url).pull(json.dumps({"sync": "gone"}), NOW))
    assert not caught.value.permanent


def test_googles_own_library_takes_the_fake_for_google(google, url):
    discovery = pytest.importorskip("googleapiclient.discovery", reason="not installed")
    from google.oauth2.credentials import Credentials

    opened(url).test()
    (token,) = google.tokens
    service = discovery.build(
        "calendar", "v3", credentials=Credentials(token), static_discovery=True,
        client_options={"api_endpoint": f"{url}/calendar/v3/"},
    )  # fmt: skip
    booked = opened(url).book(MEETING, "run-1-1")
    google.tokens.add(token)
    found = service.events().list(calendarId="primary").execute()
    assert [one["id"] for one in found["items"]] == [booked.id]
    body = {"timeMin": "2026-11-30T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z",
            "items": [{"id": "primary"}]}  # fmt: skip
    taken = service.freebusy().query(body=body).execute()["calendars"]["primary"]["busy"]
    assert taken == [{"start": "2026-11-30T09:00:00Z", "end": "2026-11-30T10:00:00Z"}]
    service.events().delete(calendarId="primary", eventId=booked.id, sendUpdates="all").execute()
    assert google.told[-1] == (booked.id, "cancelled")
