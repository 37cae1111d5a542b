"""Connections in a service: their jobs, the thread that pushes, the route of their webhooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.routing import Route

from leadwise.connect.jobs import Connecting, connect_handlers
from leadwise.connect.pulling import Pulling
from leadwise.connect.sender import Pusher
from leadwise.ingest.gate.rules import recording_rules
from leadwise.jobs import JSON, Handler, Jobs
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.web.connect_in import Receiving, connect_routes
from leadwise.web.service import Clock, Part


@dataclass(slots=True)
class Connected:
    """What a service needs for connections. `handlers` go into its jobs, which `begin` is given."""

    store: Store
    settings: Settings
    clock: Clock
    recorded: Callable[[], None] = lambda: None
    """Something was recorded: the scorer may look."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    jobs: Jobs | None = None

    def handlers(self) -> dict[str, Handler]:
        """The handlers of `pull` and `push`."""
        rules = recording_rules(self.settings)
        return connect_handlers(
            Connecting(self.store, rules, self.environment, self.recorded, self._read)
        )

    def part(self, jobs: Jobs) -> Part:
        """The thread that pushes, as a part of the service. `jobs` are those with the handlers."""
        self.jobs = jobs
        pusher = Pusher(self.store, self.environment, self.clock)

        def trouble() -> str | None:
            return None if pusher.alive else "The thread that pushes has ended."

        return Part("connections", pusher.start, pusher.stop, trouble)

    def routes(self) -> list[Route]:
        """`POST /connect/<name>`."""
        rules = recording_rules(self.settings)
        pulling = Pulling(self.store, rules, self.clock, self.recorded, self._read)
        of = Receiving(self.store, pulling, self.environment, self.settings.public_url)
        return connect_routes(of, self.clock)

    def _read(self, conversation_id: int, frame: str, reader: str) -> None:
        """Have a conversation read, once."""
        if self.jobs is None:
            return
        with_reader: dict[str, JSON] = {
            "conversation_id": conversation_id,
            "frame": frame,
            "reader": reader,
        }
        self.jobs.enqueue("read", with_reader, id=f"read-pulled-{conversation_id}-{frame}")
