"""Zoom: cloud recordings and their transcripts are pulled, found for a lead, told by webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from leadwise.asking.instants import moment_of
from leadwise.connect.calls import Call, Calls, find, follow, told
from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Page, Request, Talk
from leadwise.connect.zoom.client import ZoomClient
from leadwise.connect.zoom.map import call_of, sent_of, transcript_url
from leadwise.connect.zoom.signing import handshake, verify
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.qualify.intake import Sent

MONTH_DAYS = 30
"""Of one question; Zoom takes no more than a month."""
NEAR_US = 15 * 60_000_000
"""How far from its time a host's meeting may begin to be taken for it."""
DONE, WRITTEN, PROVE = (
    "recording.completed", "recording.transcript_completed", "endpoint.url_validation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zoom:
    """An account's recordings."""

    connection: Connection
    client: ZoomClient

    @classmethod
    def of(cls, connection: Connection, http: Http) -> Zoom:
        secret = connection.secrets.get("client_secret", "")
        return cls(connection, ZoomClient.of(http, connection.options, secret))

    def test(self) -> str:
        """Asks for the recordings of one day."""
        self.client.me()
        return f"Zoom's recordings of account {self.client.account}"

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """New recordings, and transcripts that came late."""
        return follow(self, self.connection, cursor, now_us)

    def find_talk(self, people: Sequence[str], from_us: int, until_us: int) -> Talk | None:
        """The call with one of these addresses that began then, once its transcript is there."""
        return find(self, self.connection, people, from_us, until_us)

    def find_hosted(self, host: str, at_us: int) -> Talk | None:
        """Where the team allows it (`by_host`): what this host recorded at that time with guests of
        whom Zoom tells no address."""
        if self.connection.options.get("by_host", "no").lower() not in ("yes", "true"):
            return None
        found: list[Call] = []
        page = ""
        while True:
            part = self.between(at_us - NEAR_US, at_us + NEAR_US + 1, page)
            found += [
                one for one in part.calls
                if normalised_email(one.raw.get("host_email")) == normalised_email(host)
            ]  # fmt: skip
            page = part.following
            if not page:
                break
        found = [
            one for one in self.complete(found)
            if not any(who.address and not who.inside for who in one.people)
            and any(not who.address for who in one.people)
        ]  # fmt: skip
        if len(found) != 1:
            return None
        sent = self.transcripts(found).get(found[0].id)
        return None if sent is None else Talk(found[0].id, (), sent)

    def receive(self, request: Request) -> Page | str:
        """A recording or a transcript that is there now; or Zoom's handshake."""
        secret = self.connection.secrets.get("webhook_secret", "")
        verify(secret, request)
        try:
            body = json.loads(request.body)
            event, payload = body["event"], body["payload"]
            meeting: Mapping[str, Any] = payload.get("object") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(
                "not-json", "Zoom's webhook is no JSON with an event.",
                hint="Subscribe to recording events only.",
            ) from None  # fmt: skip
        if event == PROVE:
            return handshake(secret, payload)
        if event not in (DONE, WRITTEN):
            return Page("")
        bare = call_of(meeting, ())
        if bare is None:
            return Page("")
        (call,) = self.complete([bare])
        sent: Mapping[str, Sent] = {}
        if url := transcript_url(meeting):
            text = self.client.download(url, str(body.get("download_token") or ""))
            read = sent_of(call, text) if text else None
            sent = {call.id: read} if read else {}
        return told([call], self.connection, sent, request.received_us)

    def between(self, from_us: int, until_us: int, page: str) -> Calls:
        """As `calls.Recorder` has it. A page is the day from which on, and Zoom's own."""
        last = moment_of(until_us).date()
        day, _, own = page.partition("|")
        start = date.fromisoformat(day) if day else moment_of(from_us).date()
        end = min(start + timedelta(days=MONTH_DAYS - 1), last)
        found = self.client.recordings(start.isoformat(), end.isoformat(), own)
        calls = [
            call for one in found.get("meetings") or ()
            if (call := call_of(one, ())) is not None and from_us <= call.began_us < until_us
        ]  # fmt: skip
        token = str(found.get("next_page_token") or "")
        if token:
            following = f"{start.isoformat()}|{token}"
        else:
            following = f"{end + timedelta(days=1)}|" if end < last else ""
        return Calls(tuple(calls), following)

    def known(self, ids: Sequence[str]) -> list[Call]:
        """As `calls.Recorder` has it."""
        meetings = [found for one in ids if (found := self.client.recording(one)) is not None]
        return [one for raw in meetings if (one := call_of(raw, ())) is not None]

    def complete(self, calls: Sequence[Call]) -> list[Call]:
        """As `calls.Recorder` has it: who took part is asked for one meeting at a time."""
        full = [call_of(one.raw, self.client.participants(one.id)) for one in calls]
        return [one for one in full if one is not None]

    def transcripts(self, calls: Sequence[Call]) -> Mapping[str, Sent]:
        """As `calls.Recorder` has it. What cannot be had at this moment is asked for later."""
        found: dict[str, Sent] = {}
        for call in calls:
            url = transcript_url(call.raw)
            text = self.client.download(url) if url else None
            if text and (sent := sent_of(call, text)):
                found[call.id] = sent
        return found
