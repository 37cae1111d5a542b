"""All that sales calls reach: a CRM, a recorder, a calendar, a mail server. Each counts."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from leadwise.testing.gong import FakeGong
from leadwise.testing.google import FakeGoogle
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served

TOKEN = "pat-calls"
AFTER_MAIL_S = 0.03
"""Between taking a mail and saying so: here is the instant that SMTP cannot settle."""


class Inbox:
    """What the mail server has taken: Message-ID and recipient, in order."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's word
        made = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        self.mails.append((str(made["Message-ID"]).strip("<> "), envelope.rcpt_tos[0]))
        await asyncio.sleep(AFTER_MAIL_S)
        return "250 taken"


@dataclass
class Outside:
    """The other sides, and where they listen."""

    crm: FakeHubSpot = field(default_factory=lambda: FakeHubSpot(token=TOKEN))
    gong: FakeGong = field(default_factory=FakeGong)
    google: FakeGoogle = field(default_factory=lambda: FakeGoogle(me="rita@us.example"))
    inbox: Inbox = field(default_factory=Inbox)
    crm_url: str = ""
    gong_url: str = ""
    google_url: str = ""
    smtp_port: int = 0
    troubles: int = 0

    @property
    def asked(self) -> int:
        """How often anything was asked so far."""
        fakes = (self.crm, self.gong, self.google)
        return sum(len(one.calls) for one in fakes) + len(self.inbox.mails)

    def trouble(self, chance: random.Random) -> None:
        """Let one of the next requests fail: before it is taken, or after, its answer lost."""
        fake = chance.choice((self.crm, self.gong, self.google))
        status, taken = chance.choice(((503, False), (500, True), (0, True), (429, False)))
        headers = {"Retry-After": "1"} if status == 429 else {}
        fake.fail(status, 1, method="POST", headers=headers, taken=taken)
        self.troubles += 1

    def connections(self) -> tuple[tuple[str, str, dict[str, str]], ...]:
        """Name, kind and settings of each, by the names of the shipped playbook."""
        return (
            ("crm", "hubspot", {"token": TOKEN, "address": self.crm_url}),
            ("calls", "gong", {"api": self.gong_url, "access_key": "key",
                               "access_key_secret": "secret"}),
            ("calendar", "google_calendar", {
                "client_id": "c", "client_secret": "s", "refresh_token": "r",
                "token_url": f"{self.google_url}/token", "api": f"{self.google_url}/calendar/v3",
            }),
        )  # fmt: skip

    def effects(self) -> dict[str, tuple[int, int]]:
        """Of each kind of outside effect: requests for it, and different ones that took place."""
        written = [
            one["id"] for call in self.crm.made("POST", "/contacts/batch/update")
            for one in json.loads(call.body)["inputs"]
        ]  # fmt: skip
        created = [one for one in self.crm.made("POST", "/objects/contacts")
                   if one.path.endswith("/contacts")]  # fmt: skip
        booked = self.google.made("POST", "/events")
        events = self.google.calendars.get("primary", {})
        invited = self.google.told
        mails = self.inbox.mails
        return {
            "contacts made in the CRM": (len(created), len(self.crm.objects["contacts"])),
            "scores written to the CRM": (len(written), len(set(written))),
            "meetings booked": (len(booked), len(events)),
            "guests told of a meeting": (len(invited), len(set(invited))),
            "mails taken by the server": (len(mails), len({id_ for id_, _ in mails})),
        }


@contextmanager
def outside() -> Iterator[Outside]:
    """Serve all of them on this machine until the end of the block."""
    found = Outside()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.smtp_port = free.getsockname()[1]
    relay = Controller(found.inbox, hostname="127.0.0.1", port=found.smtp_port)
    with ExitStack() as stack:
        found.crm_url = stack.enter_context(served(found.crm))
        found.gong_url = stack.enter_context(served(found.gong))
        found.google_url = stack.enter_context(served(found.google))
        relay.start()
        stack.callback(relay.stop)
        yield found


def write_told(folder: Path, store_url: str, jobs: str, reached: Outside) -> Path:
    """The file that workers are told all by."""
    told = folder / "told.json"
    told.write_text(json.dumps({
        "store": store_url, "jobs": jobs, "data": str(folder), "offset": str(folder / "offset"),
        "smtp_port": reached.smtp_port,
    }))  # fmt: skip
    return told
