"""Gong: calls and their transcripts are pulled, found for a lead, and told by webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import written
from leadwise.connect.calls import Call, Calls, find, follow, told
from leadwise.connect.gong.client import API, GongClient
from leadwise.connect.gong.map import call_of, sent_of
from leadwise.connect.gong.signing import verify
from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Page, Request, Talk
from leadwise.errors import UserError
from leadwise.qualify.intake import Sent

AT_ONCE = 100
"""Calls of one question."""


@dataclass(frozen=True, slots=True)
class Gong:
    """A company's calls."""

    connection: Connection
    client: GongClient

    @classmethod
    def of(cls, connection: Connection, http: Http) -> Gong:
        options, secrets = connection.options, connection.secrets
        client = GongClient.of(
            http, options.get("api") or API, secrets.get("access_key", ""),
            secrets.get("access_key_secret", ""), options.get("workspace", "").strip(),
        )  # fmt: skip
        return cls(connection, client)

    def test(self) -> str:
        """Asks for calls of one hour, and for a transcript: both rights are needed."""
        self.client.calls(start="2020-01-01T00:00:00Z", end="2020-01-01T01:00:00Z")
        self.client.transcripts(["0"])
        return "Gong's calls and transcripts"

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """New calls, and transcripts that came late."""
        return follow(self, self.connection, cursor, now_us)

    def find_talk(self, people: Sequence[str], from_us: int, until_us: int) -> Talk | None:
        """The call with one of these addresses that began then, once its transcript is there."""
        return find(self, self.connection, people, from_us, until_us)

    def receive(self, request: Request) -> Page | str:
        """A call that fits an automation rule; its transcript is fetched if it is there by now."""
        verify(self.connection.secrets.get("webhook_key", ""), request)
        try:
            body = json.loads(request.body)
            raw = body["callData"]
            call = None if body.get("isTest") else call_of(raw)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(
                "not-json", "Gong's webhook is no JSON with a call.",
                hint="Give the rule the payload that Gong proposes.",
            ) from None  # fmt: skip
        if call is None:
            return Page("")
        return told([call], self.connection, self.transcripts([call]), request.received_us)

    def between(self, from_us: int, until_us: int, page: str) -> Calls:
        """As `calls.Recorder` has it."""
        found = self.client.calls(
            start=written(from_us // 1_000_000 * 1_000_000),
            end=written(until_us // 1_000_000 * 1_000_000), cursor=page,
        )  # fmt: skip
        records = found.get("records") or {}
        total = records.get("totalRecords")
        return Calls(_calls(found), str(records.get("cursor") or ""), total)

    def complete(self, calls: Sequence[Call]) -> Sequence[Call]:
        """As `calls.Recorder` has it: Gong tells of both at once."""
        return calls

    def known(self, ids: Sequence[str]) -> list[Call]:
        """As `calls.Recorder` has it."""
        found: list[Call] = []
        for at in range(0, len(ids), AT_ONCE):
            page = ""
            while True:
                part = self.client.calls(ids=ids[at : at + AT_ONCE], cursor=page)
                found += _calls(part)
                page = str((part.get("records") or {}).get("cursor") or "")
                if not page:
                    break
        return found

    def transcripts(self, calls: Sequence[Call]) -> Mapping[str, Sent]:
        """As `calls.Recorder` has it."""
        by_id = {one.id: one for one in calls}
        ids, found = list(by_id), dict[str, Sent]()
        for at in range(0, len(ids), AT_ONCE):
            page = ""
            while True:
                part: Mapping[str, Any] = self.client.transcripts(ids[at : at + AT_ONCE], page)
                for one in part.get("callTranscripts") or ():
                    call = by_id.get(str(one.get("callId")))
                    sent = sent_of(call, one) if call else None
                    if call and sent:
                        found[call.id] = sent
                page = str((part.get("records") or {}).get("cursor") or "")
                if not page:
                    break
        return found


def _calls(found: Mapping[str, Any]) -> tuple[Call, ...]:
    calls = [call_of(one) for one in found.get("calls") or ()]
    return tuple(one for one in calls if one is not None)
