"""Google Calendar: meetings are booked in it, and what people booked themselves is pulled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import DAY_US, written
from leadwise.card.values import parse_time
from leadwise.connect.google.client import Google
from leadwise.connect.google_calendar.client import API, SCOPES, CalendarClient
from leadwise.connect.google_calendar.map import (
    changes_of,
    event_of,
    held_of,
    is_pending,
    link_of,
    mine_of,
)
from leadwise.connect.http import Http
from leadwise.connect.meeting_times import key_id, meeting_messages, reminders, working_hours
from leadwise.connect.model import Booked, Connection, Meeting, Page
from leadwise.connect.slots import Hours, Span, joined
from leadwise.errors import RemoteError

BACK_US = 30 * DAY_US
"""At the first pull, meetings that ended no longer ago than this."""
AT_ONCE_US = 60 * DAY_US
"""Of a question after busy times; Google refuses longer ones."""
WAITS_S = (0.5, 1.0, 2.0)
"""For the address of a video call that Google is still making."""


@dataclass(frozen=True, slots=True)
class GoogleCalendar:
    """One calendar of a connection."""

    connection: Connection
    client: CalendarClient
    meet: bool

    @classmethod
    def of(cls, connection: Connection, http: Http) -> GoogleCalendar:
        """UserError (`google-access`)."""
        options = connection.options
        google = Google.of(connection, http, options.get("api") or API, SCOPES)
        client = CalendarClient(google, options.get("calendar") or "primary")
        return cls(connection, client, options.get("meet", "yes").lower() not in ("no", "false"))

    def test(self) -> str:
        """In words, which calendar it is."""
        about = self.client.about()
        reminders(self.connection)
        hours = working_hours(self.connection, str(about.get("timeZone") or ""))
        return f"Calendar {about.get('summary') or about.get('id')} ({hours.zone})"

    def hours(self) -> Hours:
        """Between which meetings are booked. UserError (`bad-working-hours`)."""
        zone = self.connection.options.get("zone") or self.client.about().get("timeZone")
        return working_hours(self.connection, str(zone or ""))

    def busy(self, from_us: int, until_us: int, people: Sequence[str] = ()) -> list[Span]:
        """RemoteError where the calendar itself is not seen; people's that are not are left out."""
        found: list[Span] = []
        for start in range(from_us, until_us, AT_ONCE_US):
            end = min(start + AT_ONCE_US, until_us)
            answers = self.client.busy(written(start), written(end), people)
            for number, (name, said) in enumerate(answers):
                if said.get("errors") and number == 0:
                    reasons = ", ".join(str(one.get("reason")) for one in said["errors"])
                    raise RemoteError(
                        f"Google Calendar does not show when '{name}' is taken: {reasons}.",
                        permanent="internalError" not in reasons,
                    )
                found += [(parse_time(one["start"]), parse_time(one["end"]))
                          for one in said.get("busy") or ()]  # fmt: skip
        return joined(found)

    def book(self, meeting: Meeting, key: str) -> Booked:
        """The event's id is made of the key: asked for again, it is there, and is only changed
        where it differs."""
        id_ = key_id(key)
        event = event_of(meeting, id_, key, meet=self.meet, remind=reminders(self.connection))
        made: Any = self.client.insert(event)
        if made == {} and self.client.google.http.dry:
            return Booked(id_)
        if made is None:
            there = self.client.get(id_)
            if there is None:
                raise RemoteError(
                    "Google Calendar says that the meeting is there, and does not find it.",
                    permanent=False,
                )
            changed = changes_of(event, there)
            made = self.client.patch(id_, changed) if changed else there
        for wait in WAITS_S:
            if not is_pending(made):
                break
            self.client.google.http.sleep(wait)
            made = self.client.get(id_) or made
        return Booked(id_, link_of(made))

    def cancel(self, id: str, key: str) -> None:  # noqa: A002, ARG002 - their words
        """Who was asked is told."""
        self.client.delete(id)

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """Meetings with people from outside. Google tells what changed by a token; where it has
        forgotten that one, everything is told again."""
        at: dict[str, str] = json.loads(cursor) if cursor else {}
        done = 0
        while True:
            since = at.get("since") or written(now_us - BACK_US)
            found = self.client.changes(at.get("sync"), at.get("page"), since)
            if found is None:
                if not at:
                    raise RemoteError(
                        "Google Calendar has forgotten what it was not asked for.", permanent=False
                    )
                at = {}
                continue
            items = found.get("items") or ()
            done += len(items)
            messages = [
                message
                for item in items
                for message in meeting_messages(
                    held_of(item), self.connection, mine_of(item), now_us
                )
            ]
            if page := found.get("nextPageToken"):
                at = {**({"sync": at["sync"]} if at.get("sync") else {"since": since}),
                      "page": page}  # fmt: skip
            else:
                at = {"sync": str(found["nextSyncToken"])}
            yield Page(json.dumps(at), tuple(messages), done=done)
            if not page:
                return
