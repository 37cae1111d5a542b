"""A record in memory, and the routes that take events over it on a real server."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from leadwise.card.values import parse_time
from leadwise.ingest.forms import Form
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.messages import Message, Received, Refusal
from leadwise.web.forms import form_routes
from leadwise.web.incoming import incoming_routes
from leadwise.web.overload import Overloaded
from leadwise.web.recorder import WriteKey
from leadwise.web.tracking import tracking_routes

NOW = parse_time("2026-11-21T19:34:27Z")
KEY = "WRITEKEY123"


@dataclass
class Recording:
    """A Recorder that keeps what it was given."""

    keys: dict[str, WriteKey] = field(default_factory=lambda: {KEY: WriteKey("site")})
    forms: dict[str, Form] = field(default_factory=dict)
    sources: dict[str, Incoming] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    full: bool = False
    retry_after_s: float = 2.5
    turned_away: int = 0

    async def record(self, received: Received) -> None:
        if self.full:
            self.turned_away += 1
            raise Overloaded(self.retry_after_s)
        self.received.append(received)

    async def write_key(self, key: str) -> WriteKey | None:
        assert "\x00" not in key
        return self.keys.get(key)

    async def form(self, name: str) -> Form | None:
        return self.forms.get(name)

    async def incoming(self, name: str) -> Incoming | None:
        return self.sources.get(name)

    @property
    def messages(self) -> list[Message]:
        return [message for received in self.received for message in received.messages]

    @property
    def refusals(self) -> list[Refusal]:
        return [refusal for received in self.received for refusal in received.refusals]


def routes(recording: Recording, now_us: int | None = NOW) -> list[BaseRoute]:
    """All routes that take events; without `now_us` by the machine's clock."""

    def clock() -> int:
        return time.time_ns() // 1000 if now_us is None else now_us

    return [
        *tracking_routes(recording, clock),
        *form_routes(recording, clock, per_minute=3),
        *incoming_routes(recording, clock),
    ]


@contextlib.contextmanager
def served(routes_: list[BaseRoute]) -> Iterator[str]:
    """The address of a server on a free port, in a thread, until the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Starlette(routes=routes_), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
