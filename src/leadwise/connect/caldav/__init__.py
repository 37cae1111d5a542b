"""CalDAV: any calendar server of that standard (Nextcloud, Radicale, Fastmail, iCloud ...)."""

from __future__ import annotations

from leadwise.connect.caldav.sync import CalDav
from leadwise.connect.meeting_times import ASKS
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "caldav", "CalDAV", "connectors/caldav.md",
    (
        Ask("url", "Address", "Of the server, or of one calendar: https://cloud.example.com."),
        Ask("user", "User", "As you sign in there."),
        Ask("password", "Password", "Best one of its own for this (an app password).",
            secret=True),
        Ask("calendar", "Calendar", "Its name, where there are several.", required=False),
        Ask("organizer", "Organizer", "The address that invites; empty: the user, if that is one.",
            required=False),
        *ASKS,
    ),
    CalDav.of,
)  # fmt: skip
