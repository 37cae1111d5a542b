"""A mail that asks for a meeting: a slot in the asker's working hours, and what to read before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from leadwise.testing.google import FakeGoogle
from leadwise.testing.serving import served
from tests.connect.google_accounts import service_account
from tests.playbooks.recipes.conftest import Team

MAIL = (
    "From: Ann Lee <ann@customer.example>\r\nTo: hello@team.example\r\nSubject: A call?\r\n"
    "Message-ID: <9@customer.example>\r\n\r\n{}\r\n"
)  # fmt: skip
ASKS = "Hello, could we meet for a call next week to talk about the migration of our data?"


@pytest.fixture
def google(team: Team) -> Iterator[FakeGoogle]:
    made = FakeGoogle()
    with served(made) as url:
        team.connect("calendar", "google_calendar", {
            "service_account": service_account(url), "api": f"{url}/calendar/v3", "zone": "UTC",
        })  # fmt: skip
        (team.folder_of("documents") / "migration.md").write_text(
            "Migration of data\n\nThe migration of your data takes two days and has three steps.\n"
        )
        team.live("meeting-request")
        yield made


def test_a_slot_within_the_hours_of_both_is_proposed_with_a_document(
    team: Team, google: FakeGoogle
) -> None:
    # New York works from 09:00 there, 14:00 UTC; on Monday we are taken until 15:00.
    team.play.identify("ann@customer.example", {"timezone": "America/New_York"})
    google.taken["primary"] = [("2025-11-24T08:00:00Z", "2025-11-24T15:00:00Z")]
    assert team.mail_in(MAIL.format(ASKS)).said == "asked"
    (run,) = team.runs()
    assert run.state == "done", (run.why, {k: v.doc for k, v in team.steps(run).items()})
    (event,) = google.calendars["primary"].values()
    start = datetime.fromisoformat(event["start"]["dateTime"].replace("Z", "+00:00"))
    there = start.astimezone(ZoneInfo("America/New_York"))
    assert there.weekday() < 5
    assert 9 <= there.hour < 17
    assert start >= datetime.fromisoformat("2025-11-24T15:00:00+00:00")
    assert "ann@customer.example" in [one["email"] for one in event["attendees"]]
    assert "migration" in event["description"]
    (mail,) = team.mails()
    assert mail["To"] == "ann@customer.example"
    text = mail.get_body(("plain",)).get_content()
    assert "https://meet.google.com/" in text
    assert "The migration of your data takes two days" in " ".join(text.split())


def test_who_is_no_lead_is_answered_too(team: Team, google: FakeGoogle) -> None:
    team.mail_in(MAIL.format(ASKS))
    (run,) = team.runs()
    assert run.state == "done"
    assert len(google.calendars["primary"]) == 1
    assert [one["To"] for one in team.mails()] == ["ann@customer.example"]


def test_a_mail_about_something_else_books_nothing(team: Team, google: FakeGoogle) -> None:
    team.mail_in(MAIL.format("Thanks for the documents, all is clear now."))
    (run,) = team.runs()
    assert run.why == "Nobody asks for a meeting."
    assert not google.calendars.get("primary")
    assert team.mails() == []
