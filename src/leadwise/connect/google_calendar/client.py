"""The few calls of the Google Calendar API (v3) that are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from leadwise.connect.google.client import Google
from leadwise.errors import RemoteError

API = "https://www.googleapis.com/calendar/v3"
SCOPES = ("https://www.googleapis.com/auth/calendar",)
PAGE = "250"
MOST_CALENDARS = 50
"""Of one question after busy times."""


@dataclass(frozen=True, slots=True)
class CalendarClient:
    """One calendar: `primary`, or its address."""

    google: Google
    calendar: str

    def about(self) -> Mapping[str, Any]:
        """Its `summary`, `timeZone` and `id`."""
        found: Mapping[str, Any] = self.google.call("GET", self._path())
        return found

    def busy(
        self, start: str, end: str, people: Sequence[str]
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """What Google says of this calendar and of each of these people's, in this order."""
        names = [self.calendar, *people][:MOST_CALENDARS]
        asked = {"timeMin": start, "timeMax": end, "items": [{"id": one} for one in names]}
        found = self.google.call("POST", "freeBusy", reads=True, json=asked)["calendars"]
        return [(one, found.get(one) or {}) for one in names]

    def get(self, event_id: str) -> Mapping[str, Any] | None:
        """An event, one taken out included while Google still has it."""
        try:
            found: Mapping[str, Any] = self.google.call("GET", self._path(f"events/{event_id}"))
        except RemoteError as error:
            if error.status in (404, 410):
                return None
            raise
        return found

    def insert(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Make it under its own id; None where there is, or was, one of that id."""
        params = {"conferenceDataVersion": "1", "sendUpdates": "all"}
        try:
            found: Mapping[str, Any] = self.google.call(
                "POST", self._path("events"), params=params, json=event
            )
        except RemoteError as error:
            if error.status == 409:
                return None
            raise
        return found

    def patch(self, event_id: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give it these values; who is asked is told."""
        params = {"conferenceDataVersion": "1", "sendUpdates": "all"}
        found: Mapping[str, Any] = self.google.call(
            "PATCH", self._path(f"events/{event_id}"), params=params, json=event
        )
        return found

    def delete(self, event_id: str) -> None:
        """Take it out; none there is as well."""
        try:
            self.google.call(
                "DELETE", self._path(f"events/{event_id}"), params={"sendUpdates": "all"}
            )
        except RemoteError as error:
            if error.status not in (404, 410):
                raise

    def changes(
        self, sync: str | None, page: str | None, since: str | None
    ) -> Mapping[str, Any] | None:
        """One page of what changed since `sync` (else of all events that end after `since`). None
        where Google has forgotten since when: then everything is to be asked for again."""
        params = {"maxResults": PAGE, "singleEvents": "true", "showDeleted": "true"}
        if page:
            params["pageToken"] = page
        if sync:
            params["syncToken"] = sync
        elif since:
            params["timeMin"] = since
        try:
            found: Mapping[str, Any] = self.google.call("GET", self._path("events"), params=params)
        except RemoteError as error:
            if error.status == 410:
                return None
            raise
        return found

    def _path(self, rest: str = "") -> str:
        own = f"calendars/{quote(self.calendar, safe='')}"
        return f"{own}/{rest}" if rest else own
