"""Google Calendar: free times, meetings with a video call, and what people booked themselves."""

from __future__ import annotations

from leadwise.connect.google.access import ASKS as ACCESS
from leadwise.connect.google_calendar.client import API
from leadwise.connect.google_calendar.sync import GoogleCalendar
from leadwise.connect.meeting_times import ASKS
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "google_calendar", "Google Calendar", "connectors/google-calendar.md",
    (
        *ACCESS,
        Ask("calendar", "Calendar", "Its address; primary is that of whoever is signed in.",
            default="primary", required=False),
        Ask("meet", "Video call", "Whether a meeting without a link gets one of Google Meet.",
            default="yes", required=False),
        *ASKS,
        Ask("api", "Address", "Of the interface.", default=API, required=False),
    ),
    GoogleCalendar.of,
)  # fmt: skip
