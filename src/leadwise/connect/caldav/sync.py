"""CalDAV: meetings are booked in a calendar, and what people booked themselves is pulled."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from leadwise.asking.instants import DAY_US
from leadwise.connect.caldav.client import UNSUPPORTED, CalDavClient
from leadwise.connect.caldav.map import (
    busy_events,
    busy_in,
    changed_text,
    event_text,
    held_in,
    recurring,
)
from leadwise.connect.http import Http
from leadwise.connect.local_times import tz_of
from leadwise.connect.meeting_times import (
    is_link,
    key_id,
    meeting_messages,
    reminders,
    working_hours,
)
from leadwise.connect.model import Booked, Connection, Meeting, Page
from leadwise.connect.slots import Hours, Span, joined
from leadwise.errors import RemoteError
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message

BACK_US = 30 * DAY_US
"""At the first pull, meetings that ended no longer ago than this."""
AT_ONCE = 50
"""Events that are asked for together."""
START: Mapping[str, Any] = {"token": "", "left": (), "done": 0, "first": True}
"""Of a pull: the sync token, paths that are still to be asked for, how many were, and whether it is
the first."""
LONGEST_US = 31 * DAY_US
"""The length of what recurs, at most."""
ZONES_US = 2 * DAY_US
"""Around the time that is asked for: a server's day may be another than the calendar's, and some
count a day that recurs from its first instant alone."""
ATTEMPTS = 3
"""Where somebody else changes the same event."""


@dataclass(frozen=True, slots=True)
class CalDav:
    """One calendar of a server."""

    connection: Connection
    client: CalDavClient
    organizer: str
    time: Callable[[], float] = time.time

    @classmethod
    def of(cls, connection: Connection, http: Http) -> CalDav:
        options = connection.options
        user = options.get("user", "")
        client = CalDavClient.of(
            http, options.get("url", ""), user, connection.secrets.get("password", ""),
            options.get("calendar", ""),
        )  # fmt: skip
        organizer = normalised_email(options.get("organizer") or user) or ""
        return cls(connection, client, organizer)

    def test(self) -> str:
        """In words, which calendar it is."""
        place = self.client.place()
        reminders(self.connection)
        return f"Calendar {place.name} ({self.hours().zone}) at {place.path}"

    def hours(self) -> Hours:
        """Between which meetings are booked. UserError (`bad-working-hours`)."""
        zone = self.client.place().zone
        return working_hours(self.connection, zone if tz_of(zone) else "")

    def busy(self, from_us: int, until_us: int, people: Sequence[str] = ()) -> list[Span]:
        """Of this calendar alone: CalDAV shows other people's only through scheduling, which few
        servers have."""
        del people
        found = self.busy_events(from_us, until_us)
        if found is None:
            said = self.client.busy(from_us, until_us)
            if said is None:
                raise RemoteError(
                    f"{self.client.http.system} does not say when recurring events are (it neither "
                    "knows a free-busy-query nor expands them), so nothing can be booked there.",
                    permanent=True,
                )  # fmt: skip
            found = busy_in(said)
        within = [(max(a, from_us), min(b, until_us)) for a, b in found]
        return [one for one in within if one[0] < one[1]]

    def busy_events(self, from_us: int, until_us: int) -> list[Span] | None:
        """The same by its events; None where they are not ours to see, or recurring ones are left
        to us to work out.

        They come before the server's own answer: whole days and times without a zone are meant
        where the calendar is, and servers take them to be in UTC.
        """
        from_us, until_us = from_us - ZONES_US, until_us + ZONES_US
        zone = ZoneInfo(self.hours().zone)
        try:
            texts = self.client.between(from_us, until_us, expand=False)
            again = recurring(texts)
            found = busy_events(texts, zone, without=again)
            if again:
                # Servers leave out of these what began before the time that is asked for.
                told = self.client.between(from_us - LONGEST_US, until_us, expand=True)
                if recurring(told):
                    return None
                found += busy_events(told, zone, only=again)
        except RemoteError as error:
            if error.status not in UNSUPPORTED:
                raise
            return None
        return joined(found)

    def book(self, meeting: Meeting, key: str) -> Booked:
        """The event's name is made of the key; one that is there is changed where it differs."""
        name = key_id(key)
        now_us = int(self.time()) * 1_000_000
        new = event_text(
            meeting, f"{name}@leadwise", self.organizer, reminders(self.connection), now_us
        )
        booked = Booked(name, meeting.place if is_link(meeting.place) else "")
        for _ in range(ATTEMPTS):
            if self.client.put(name, new, None):
                return booked
            there = self.client.get(name)
            if there is None:
                continue  # it was taken out in between
            text, etag = there
            changed = changed_text(text, meeting, now_us)
            if changed is None or self.client.put(name, changed, etag):
                return booked
        raise RemoteError(
            f"{self.client.http.system}: the meeting is being changed by somebody else.",
            permanent=False,
        )

    def cancel(self, id: str, key: str) -> None:  # noqa: A002, ARG002 - their words
        """Servers that invite by themselves tell who was asked."""
        self.client.delete(id)

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """Meetings with people from outside, as they change. What is deleted is not told: only its
        name is left by then; a meeting that is cancelled in the calendar is."""
        at: dict[str, Any] = json.loads(cursor) if cursor else dict(START)
        if not at["left"]:
            found = self.client.changes(at["token"])
            if found is None:
                at = dict(START)
                found = self.client.changes("")
                assert found is not None
            changed, token = found
            own = self.client.place().path.rstrip("/")
            left = [one.path for one in changed
                    if not one.gone and one.path.rstrip("/") != own]  # fmt: skip
            at = {"token": token, "left": left, "done": 0, "first": at["first"]}
        total = at["done"] + len(at["left"])
        while True:
            part, left = at["left"][:AT_ONCE], at["left"][AT_ONCE:]
            messages: list[Message] = []
            for _, text in self.client.events(part) if part else ():
                messages += self._messages(text, at["first"], now_us)
            at = {**at, "left": left, "done": at["done"] + len(part)}
            at["first"] = at["first"] and bool(left)
            yield Page(json.dumps(at), tuple(messages), done=at["done"], total=total)
            if not left:
                return

    def _messages(self, text: str, first: bool, now_us: int) -> tuple[Message, ...]:
        found = held_in(text, ZoneInfo(self.hours().zone))
        if found is None:
            return ()
        held, caller = found
        if first and (held.until_us or 0) < now_us - BACK_US:
            return ()
        return meeting_messages(held, self.connection, self.organizer or caller, now_us)
