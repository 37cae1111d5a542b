"""A stand-in for Gong: calls with who took part, transcripts that come later, webhooks.

gong = FakeGong()
gong.call("1", "2026-11-20T10:00:00Z", [("ana@acme.example", "Ana", "External")])
gong.transcribe("1", [("ana@acme.example", "We have 80,000 euros.")])
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadwise.testing.serving import Answer, Fake, Query


@dataclass
class FakeGong(Fake):
    """One company. `now` is until when calls began that it tells of; `page` calls an answer."""

    key: str = "key"
    secret: str = "secret"  # noqa: S105 - of a stand-in
    page: int = 100
    calls_by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    words: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def call(
        self, id_: str, started: str, people: Sequence[tuple[str, str, str]], *,
        title: str = "Intro", duration: int = 1800,
    ) -> dict[str, Any]:  # fmt: skip
        """A call that was recorded; people are address, name and affiliation."""
        parties = [
            {
                "id": f"p{number}", "speakerId": f"s{number}", "name": name,
                **({"emailAddress": address} if address else {}),
                "affiliation": side, "methods": ["Invitee"],
            }
            for number, (address, name, side) in enumerate(people)
        ]  # fmt: skip
        about = {
            "id": id_, "title": title, "started": started, "scheduled": started,
            "duration": duration, "direction": "Conference", "scope": "External",
            "media": "Video", "language": "eng", "system": "Zoom",
            "url": f"https://app.gong.io/call?id={id_}",
        }  # fmt: skip
        self.calls_by_id[id_] = {"metaData": about, "parties": parties}
        return self.calls_by_id[id_]

    def transcribe(self, id_: str, said: Sequence[tuple[str, str]]) -> None:
        """Who of a call said what, in order; times are milliseconds."""
        speakers = {one.get("emailAddress"): one["speakerId"]
                    for one in self.calls_by_id[id_]["parties"]}  # fmt: skip
        self.words[id_] = [
            {
                "speakerId": speakers[who], "topic": "Call",
                "sentences": [
                    {"start": number * 4000, "end": number * 4000 + 3500, "text": text}
                ],
            }
            for number, (who, text) in enumerate(said)
        ]  # fmt: skip

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """As `Fake` has it."""
        del query  # Gong has all in bodies
        wanted = "Basic " + base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        if headers.get("authorization") != wanted:
            return _refused(401, "Unauthorized")
        asked = json.loads(body) if body else {}
        if (method, path) == ("POST", "/v2/calls/extensive"):
            found = [one for one in self.calls_by_id.values() if _fits(one, asked["filter"])]
            return self._paged("calls", found, asked)
        if (method, path) == ("POST", "/v2/calls/transcript"):
            texts = [
                {"callId": id_, "transcript": words}
                for id_, words in self.words.items()
                if _fits(self.calls_by_id[id_], asked["filter"])
            ]
            return self._paged("callTranscripts", texts, asked)
        return _refused(404, "Not found")

    def _paged(self, name: str, found: list[Any], asked: Mapping[str, Any]) -> Answer:
        if not found:
            return _refused(404, "No calls found corresponding to the provided filters")
        first = int(asked.get("cursor") or 0)
        part = found[first : first + self.page]
        records: dict[str, Any] = {
            "totalRecords": len(found), "currentPageSize": len(part), "currentPageNumber": 0,
        }  # fmt: skip
        if first + self.page < len(found):
            records["cursor"] = str(first + self.page)
        return 200, {}, {"requestId": "r", "records": records, name: part}


def _fits(call: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    about = call["metaData"]
    if "callIds" in wanted:
        return about["id"] in wanted["callIds"]
    began = datetime.fromisoformat(about["started"])
    return (
        datetime.fromisoformat(wanted["fromDateTime"]) <= began
        < datetime.fromisoformat(wanted["toDateTime"])
    )  # fmt: skip


def _refused(status: int, why: str) -> Answer:
    return status, {}, {"requestId": "r", "errors": [why]}
