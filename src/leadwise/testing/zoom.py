"""A stand-in for Zoom: cloud recordings, who took part, transcripts that come later, webhooks.

zoom = FakeZoom()
zoom.meeting("abc==", "2026-11-20T10:00:00Z", [("ana@acme.example", "Ana")])
zoom.transcribe("abc==", [("Ana", "We have 80,000 euros.")])
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from leadwise.testing.serving import Answer, Fake, Query


@dataclass
class FakeZoom(Fake):
    """One account. `url` is its own address, for links to files; `page` meetings an answer."""

    account: str = "acc"
    client: str = "cid"
    secret: str = "pa55"  # noqa: S105 - of a stand-in
    url: str = "http://127.0.0.1"
    elsewhere: str = ""
    """Where its files are, if not at its own address."""
    host: str = "rep@us.example"
    page: int = 300
    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    download_tokens: set[str] = field(default_factory=set)
    given: int = 0

    def meeting(
        self, uuid: str, started: str, people: Sequence[tuple[str, str]], *, topic: str = "Intro",
        minutes: int = 30, host: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """A meeting that was recorded; people are address (may be empty) and name."""
        number = len(self.meetings) + 1
        self.meetings[uuid] = {
            "uuid": uuid, "id": 80_000_000_000 + number, "account_id": self.account,
            "host_id": "h1", "host_email": host or self.host, "topic": topic, "type": 2,
            "start_time": started, "timezone": "Europe/Madrid", "duration": minutes,
            "share_url": f"https://us.zoom.us/rec/share/{number}", "total_size": "100",
            "recording_count": "1",
            "recording_files": [self._file(uuid, "MP4", "shared_screen_with_speaker_view")],
        }  # fmt: skip
        self.people[uuid] = [
            {"id": "", "user_id": f"{at}", "name": name, "user_email": address,
             "join_time": started, "leave_time": started, "duration": minutes * 60}
            for at, (address, name) in enumerate(people)
        ]  # fmt: skip
        return self.meetings[uuid]

    def transcribe(self, uuid: str, said: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Who of a meeting said what, as Zoom writes WebVTT."""
        lines = ["WEBVTT", ""]
        for number, (who, text) in enumerate(said):
            at, end = f"00:00:{number * 4:02}.000", f"00:00:{number * 4 + 3:02}.500"
            lines += [str(number + 1), f"{at} --> {end}", f"{who}: {text}" if who else text, ""]
        self.texts[f"{self._name(uuid)}.vtt"] = "\n".join(lines)
        files = self.meetings[uuid]["recording_files"]
        if not any(one["file_type"] == "TRANSCRIPT" for one in files):
            files.append(self._file(uuid, "TRANSCRIPT", "audio_transcript"))
        return self.meetings[uuid]

    def revoke(self) -> None:
        """No access token holds any more."""
        self.tokens.clear()

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """As `Fake` has it."""
        if path == "/oauth/token":
            return self._grant(headers, query, body)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if path.startswith("/rec/file/"):
            # Where Zoom sends on to: whoever has the address has the file.
            text = self.texts.get(path.removeprefix("/rec/file/"))
            return 200, {"Content-Type": "text/vtt"}, text
        if path.startswith("/rec/download/"):
            text = self.texts.get(path.removeprefix("/rec/download/"))
            if token not in self.tokens | self.download_tokens:
                return 401, {}, {"code": 124, "message": "Invalid access token."}
            if text is None:
                return 404, {}, None
            where = f"{self.elsewhere or self.url}/rec/file/{path.removeprefix('/rec/download/')}"
            return 302, {"Location": where}, None
        if token not in self.tokens:
            return 401, {}, {"code": 124, "message": "Invalid access token."}
        # A meeting's id may hold slashes: they are encoded once or twice.
        parts = path.removeprefix("/v2/").split("/")
        if path == "/v2/accounts/me/recordings":
            return self._recordings(query)
        if path.startswith("/v2/meetings/") and parts[-1] == "recordings":
            found = self.meetings.get(unquote("/".join(parts[1:-1])))
            return (200, {}, found) if found else _gone("This recording does not exist.")
        if path.startswith("/v2/report/meetings/") and parts[-1] == "participants":
            people = self.people.get(unquote("/".join(parts[2:-1])))
            if people is None:
                return _gone("Meeting does not exist.")
            return 200, {}, {"page_count": 1, "page_size": 300, "total_records": len(people),
                             "next_page_token": "", "participants": people}  # fmt: skip
        return _gone(f"{method} {path} is not there.")

    def _grant(self, headers: Mapping[str, str], query: Query, body: bytes) -> Answer:
        form = {**query, **{name: one[0] for name, one in parse_qs(body.decode()).items()}}
        basic = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        right = headers.get("authorization") == f"Basic {basic}"
        if not right or form.get("account_id") != self.account:
            return 400, {}, {"reason": "Invalid client_id or client_secret",
                             "error": "invalid_client"}  # fmt: skip
        self.given += 1
        self.tokens.add(f"token{self.given}")
        return 200, {}, {"access_token": f"token{self.given}", "token_type": "bearer",
                         "expires_in": 3599, "scope": "cloud_recording:read"}  # fmt: skip

    def _recordings(self, query: Query) -> Answer:
        first, last = date.fromisoformat(query["from"]), date.fromisoformat(query["to"])
        if (last - first).days > 31:
            return 400, {}, {"code": 300, "message": "The range is longer than a month."}
        found = [
            one for one in self.meetings.values()
            if first <= datetime.fromisoformat(one["start_time"]).date() <= last
        ]  # fmt: skip
        at = int(query.get("next_page_token") or 0)
        more = str(at + self.page) if at + self.page < len(found) else ""
        part = found[at : at + self.page]
        return 200, {}, {"from": query["from"], "to": query["to"], "page_size": self.page,
                         "next_page_token": more, "meetings": part}  # fmt: skip

    def _file(self, uuid: str, kind: str, what: str) -> dict[str, Any]:
        end = "vtt" if kind == "TRANSCRIPT" else kind.lower()
        return {
            "id": f"{self._name(uuid)}-{kind}", "meeting_id": uuid, "file_type": kind,
            "recording_type": what, "status": "completed", "file_size": 10,
            "download_url": f"{self.url}/rec/download/{self._name(uuid)}.{end}",
        }  # fmt: skip

    def _name(self, uuid: str) -> str:
        return base64.urlsafe_b64encode(uuid.encode()).decode().rstrip("=")


def _gone(why: str) -> Answer:
    return 404, {}, {"code": 3301, "message": why}
