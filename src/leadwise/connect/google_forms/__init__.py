"""Google Forms: responses become leads with what they said, and events with the time they want."""

from __future__ import annotations

from leadwise.connect.google.access import ASKS as ACCESS
from leadwise.connect.google_forms.client import API
from leadwise.connect.google_forms.sync import EVENT, GoogleForm
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "google_forms", "Google Forms", "connectors/google-forms.md",
    (
        Ask("form", "Form", "Its id, or the address of the page on which it is edited."),
        *ACCESS,
        Ask("zone", "Time zone", "Where respondents are taken to be who do not say.",
            default="UTC", required=False),
        Ask("name", "Name", "As the form is called in events; empty: as the connection is.",
            required=False),
        Ask("event", "Event", "What a response is recorded as.", default=EVENT, required=False),
        Ask("api", "Address", "Of the interface.", default=API, required=False),
    ),
    GoogleForm.of,
)  # fmt: skip
