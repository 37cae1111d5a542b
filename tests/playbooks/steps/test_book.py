"""Booking: the time that was asked for, or the first that suits both; once, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert

from leadwise.connect.google_calendar import KIND
from leadwise.errors import RemoteError, UserError
from leadwise.playbooks.steps.book import act
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.schema import lead_owner
from leadwise.testing.google import FakeGoogle
from leadwise.testing.serving import served
from tests.connect.google_accounts import connection, http
from tests.databases import make_tables, postgres_database
from tests.playbooks.steps.house import Around

HOUR = 3_600_000_000
NOW = 1_795_521_600_000_000  # Tuesday 2026-11-24T12:00:00Z, 13:00 in Madrid
TITLE = "Call"
BOTH = pytest.mark.parametrize("around", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def google() -> FakeGoogle:
    return FakeGoogle()


@pytest.fixture
def around(request, tmp_path: Path, google) -> Iterator[Around]:
    def made(store: Store) -> Iterator[Around]:
        make_tables(store)
        found = Around(store, NOW, Settings(playbooks=PlaybookSettings(zone="Europe/Madrid")))
        with served(google) as url:
            one = connection(url, "google_calendar", api="/calendar/v3")
            found.connect("calendar", KIND.open(one, http()))
            yield found

    if getattr(request, "param", "sqlite") == "sqlite":
        with Store(str(tmp_path / "record.db")) as store:
            yield from made(store)
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url, Store(url) as store:
        yield from made(store)


def book(around: Around, **given):
    return around.ask(act, "book", **{"in": "calendar", "title": TITLE, **given})


def test_the_first_time_that_suits_both_is_booked_with_the_lead_and_its_owner(around, google):
    lead_id = around.lead(timezone="America/New_York")
    rep = around.store.write(
        lambda c: add_member(c, "Rep", "rep@us.example", "representative", by="t", now_us=NOW)
    )
    around.store.write(
        lambda c: c.execute(
            insert(lead_owner).values(lead_id=lead_id, member_id=rep.id, since_us=1, actor="t")
        )
    )
    google.taken["rep@us.example"] = [("2026-11-24T15:00:00Z", "2026-11-24T15:40:00Z")]
    came = book(around, about="What we talk about", place="https://zoom.us/j/1")
    # Two hours' notice are 14:00Z; New York opens at 14:00Z, Madrid closes at 16:00Z.
    assert came.state == "done"
    assert came.result["at"] == "2026-11-24T14:00:00Z"
    assert came.result["until"] == "2026-11-24T14:30:00Z"
    assert came.result["link"] == "https://zoom.us/j/1"
    assert came.result["zone"] == "America/New_York"
    (event,) = google.calendars["primary"].values()
    assert [one["email"] for one in event["attendees"]] == ["ana@acme.example", "rep@us.example"]
    assert book(around, number=2).result["at"] == "2026-11-24T14:30:00Z", "the next one"
    assert book(around, number=3).result["at"] == "2026-11-25T14:00:00Z", "the owner is taken"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00Z"),
        ("2026-12-01 10:00", "2026-12-01T09:00:00Z"),
        ("thursday 16:30", "2026-11-26T15:30:00Z"),
        ("{{ event.when }}", "2026-12-02T06:15:00Z"),
        ("2026-12-01", "2026-12-01T08:00:00Z"),
        ("some time soon", "2026-11-24T14:00:00Z"),
    ],
)
def test_a_time_is_meant_where_the_lead_is(around, said, wanted):
    around.lead()
    around.doc["event"] = {"when": "2026-12-02 07:15"}
    assert book(around, at=said).result["at"] == wanted


@BOTH
def test_asked_again_it_is_the_same_meeting_even_where_its_answer_was_lost(around, google):
    around.lead()
    google.fail(0, method="POST", path="/events", taken=True)
    with pytest.raises(RemoteError):
        book(around)
    came = book(around)
    around.now_us += 5 * 60_000_000
    assert book(around).result == came.result
    around.now_us += 60 * 60_000_000
    assert book(around).result == came.result, "its own meeting does not take its time"
    google.taken["primary"] = [("2026-11-24T14:30:00Z", "2026-11-24T15:00:00Z")]
    assert book(around).result == came.result, "nor what stands right after it"
    assert len(google.calendars["primary"]) == 1
    assert [what for _, what in google.told] == ["asked"]


def test_a_step_that_comes_back_after_its_time_takes_another_and_moves_the_meeting(around, google):
    around.lead()
    first = book(around)
    around.now_us += 26 * HOUR
    again = book(around)
    assert again.result["id"] == first.result["id"]
    assert again.result["at"] == "2026-11-26T08:00:00Z"
    assert len(google.calendars["primary"]) == 1


def test_a_meeting_that_took_place_before_its_answer_came_is_what_it_was(around, google):
    around.lead()
    google.fail(0, method="POST", path="/events", taken=True)
    with pytest.raises(RemoteError):
        book(around, at="2026-11-25 10:00")
    around.now_us += 48 * HOUR
    assert book(around, at="2026-11-25 10:00").result["at"] == "2026-11-25T09:00:00Z"
    assert len(google.calendars["primary"]) == 1


def test_a_time_that_was_chosen_long_ago_and_partly_taken_since_is_chosen_anew(around, google):
    around.lead()
    google.fail(500, 1, method="POST", path="/events")
    with pytest.raises(RemoteError):
        book(around)
    google.taken["primary"] = [("2026-11-24T14:15:00Z", "2026-11-24T15:00:00Z")]
    around.now_us += 60 * 60_000_000
    assert book(around).result["at"] == "2026-11-24T15:00:00Z"


@BOTH
def test_a_time_that_another_run_has_just_chosen_is_left_to_it(around, google):
    around.lead()
    google.fail(500, 1, method="POST", path="/events")
    with pytest.raises(RemoteError):
        book(around, run=1)  # chosen, not booked: the calendar does not show it
    other = book(around, run=2)
    assert other.result["at"] == "2026-11-24T14:30:00Z"
    assert book(around, run=1).result["at"] == "2026-11-24T14:00:00Z"
    with pytest.raises(UserError) as caught:
        book(around, run=3, at="2026-11-24 15:15")
    assert caught.value.code == "time-taken"


def test_a_time_that_is_taken_over_or_never_free_fails_in_words(around, google):
    around.lead()
    google.taken["primary"] = [("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")]
    for at, code in (
        ("2026-12-01 10:00", "time-taken"), ("2026-12-01", "no-free-time"),
        ("2026-11-20 10:00", "time-passed"), ("2026-11-28", "no-free-time"),
    ):  # fmt: skip
        with pytest.raises(UserError) as caught:
            book(around, at=at)
        assert caught.value.code == code
    with pytest.raises(UserError) as caught:
        book(around, minutes=1)
    assert caught.value.code == "bad-minutes"
    assert google.calendars.get("primary", {}) == {}


def test_a_lead_without_an_address_needs_somebody_else(around, google):
    with pytest.raises(UserError) as caught:
        book(around)
    assert caught.value.code == "nobody-to-meet"
    around.doc["event"] = {"from": "asker@acme.example"}
    came = book(around, people=["{{ event['from'] }}"])
    assert came.state == "done"
    (event,) = google.calendars["primary"].values()
    assert [one["email"] for one in event["attendees"]] == ["asker@acme.example"]


def test_a_connection_that_is_no_calendar_says_so(around):
    around.lead()
    around.connect("crm", object())
    with pytest.raises(UserError) as caught:
        book(around, **{"in": "crm"})
    assert caught.value.code == "cannot-do"


@BOTH
def test_of_runs_that_choose_at_the_same_moment_each_has_a_time_of_its_own(around, google):
    around.lead()
    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(lambda run: book(around, run=run, number=run), range(1, 9)))
    times = sorted(one.result["at"] for one in came)
    assert len(set(times)) == 8
    assert times[0] == "2026-11-24T14:00:00Z"
    assert len(google.calendars["primary"]) == 8
