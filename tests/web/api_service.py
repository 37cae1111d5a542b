"""A service with a record, a card and a few leads, and a client with a key: for tests of `/api`."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.naming import event_names
from leadwise.ingest.record import record
from leadwise.jobs import Jobs
from leadwise.live.scoring import score_touched
from leadwise.settings import Settings
from leadwise.settings.model import LimitSettings, LogSettings
from leadwise.store.cards import CardVersion, add_version, set_status
from leadwise.store.documents import canonical
from leadwise.store.keys import SCOPES, create_key
from leadwise.store.opening import Store
from leadwise.web.api.parts import Api
from leadwise.web.api.routers import api_routers
from leadwise.web.app import create_app
from leadwise.web.service import Service
from leadwise.web.stream import Feed
from tests.databases import make_tables
from tests.web.shell import fresh_store

DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
CARD = """
card: interest
version: 1
fields:
  title: {type: choice, choices: [boss, clerk]}
  employees: {type: number}
  since: {type: time}
events:
  page_viewed:
  demo_requested: {seats: {type: number}}
measures:
  pages: {count: all, on: page_viewed}
dimensions:
  - id: fit
    criteria:
      - id: title
        tiers:
          - {when: title = 'boss', points: 30}
          - {when: title = 'clerk', points: 5}
      - id: size
        when: employees > 100
        points: 12.5
  - id: doing
    criteria:
      - id: views
        on: page_viewed
        points: 1
        within: 30 days
        limit: {points: 10}
      - id: demo
        on: demo_requested
        points: 40
        half_life: 30 days
bands:
  - {id: cold}
  - {id: warm, from: 20}
  - {id: hot, from: 60}
"""


@dataclass
class Running:
    """The parts of a service under test, with a clock that stands still until it is moved."""

    store: Store
    api: Api
    app: ASGIApp
    keys: dict[str, str]
    now: list[int] = field(default_factory=lambda: [NOW_US])

    def client(self, scope: str = "admin") -> TestClient:
        """A client whose key has one scope; none without."""
        headers = {"Authorization": f"Bearer {self.keys[scope]}"} if scope else {}
        return TestClient(self.app, headers=headers)

    def say(self, *messages: Message) -> None:
        """Record messages and score what they touch."""
        received = Received(tuple(messages))
        self.store.write(lambda c: record(c, received, GateRules(), self.now[0]))
        self.score()

    def score(self) -> None:
        """Score until nothing is touched any more."""
        while self.store.write(lambda c: score_touched(c, self.now[0])).taken:
            pass

    def write(self, work: Any) -> Any:
        return self.store.write(work)


def message(
    type_: str, user: str, number: int, *, ago: float = 1.0, event: str = "",
    values: Mapping[str, object] | None = None, email: str | None = None,
) -> Message:  # fmt: skip
    """A message of a user, so many days before NOW_US."""
    plain = event_names(event)[0] if event else type_
    at_us = NOW_US - int(ago * DAY_US)
    return Message(
        type_, "test", f"{user}-{number}", plain, at_us, at_us, user_id=user, email=email,
        document=canonical(values or {}),
    )  # fmt: skip


def publish(connection: Connection, text: str = CARD, subject: Any = "lead") -> CardVersion:
    """Make a card live at once, as if everybody had been scored."""
    version = add_version(connection, text, subject=subject, by="test", now_us=NOW_US - DAY_US)
    set_status(connection, version.id, "live", published_us=NOW_US - DAY_US, published_by="test")
    return version


@cache
def application() -> tuple[ASGIApp, list[Api]]:
    """The application, made once for that takes most of a second, and the place of its parts."""
    place: list[Api] = []
    settings = Settings(
        limits=LimitSettings(api_per_second=100_000), log=LogSettings(access="none")
    )
    service = Service(settings, Store("sqlite:///:memory:"))
    return create_app(service, routers=api_routers(lambda: place[-1])), place


@cache
def with_keys() -> tuple[bytes, dict[str, str]]:
    """A file with a record that has a key for each scope, and the keys: made once."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "record.db"
        path.write_bytes(fresh_store())
        with Store(str(path)) as store:
            keys = store.write(_make_keys)
        return path.read_bytes(), keys


def _jobs(folder: Path) -> Jobs:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "jobs.db").exists():
        (folder / "jobs.db").write_bytes(_no_jobs())
    return Jobs(folder)


@cache
def _no_jobs() -> bytes:
    """A file with the tables of jobs, made once."""
    with tempfile.TemporaryDirectory() as name:
        Jobs(name).close()
        return (Path(name) / "jobs.db").read_bytes()


def _make_keys(connection: Connection) -> dict[str, str]:
    return {
        scope: create_key(connection, scope, by="test", now_us=1, scopes=frozenset({scope}))[1]
        for scope in SCOPES
    }


@contextmanager
def running(
    folder: Path, url: str | None = None, *, jobs: bool = True, begun: bytes | None = None
) -> Iterator[Running]:
    """A service over a new record, with a key for each scope.

    `begun`: what one of before has left in its file, to begin with.
    """
    now, stopping = [NOW_US], threading.Event()
    app, place = application()
    if url is None:
        whole, keys = with_keys()
        (folder / "record.db").write_bytes(begun or whole)
    with Store(url or str(folder / "record.db")) as store:
        if url is not None:
            make_tables(store)
            keys = store.write(_make_keys)
        own = _jobs(folder / "jobs") if jobs else None
        feed = Feed(store, stopping, poll_seconds=0.02)
        settings = Settings(data=folder)
        api = Api(store, settings, feed, jobs=own, clock=lambda: now[0])
        place.append(api)
        try:
            yield Running(store, api, app, keys, now)
        finally:
            stopping.set()
            place.remove(api)
            if own is not None:
                own.close()


def with_leads(service: Running) -> None:
    """Ann is a boss who asked for a demo (hot), Ben a clerk who reads (cold), Cy unknown to us."""
    service.write(publish)
    service.say(
        message("identify", "ann", 1, ago=20, email="ann@acme.example",
                values={"title": "boss", "email": "ann@acme.example"}),
        message("track", "ann", 2, ago=2, event="Demo Requested", values={"seats": 3}),
        message("identify", "ben", 1, ago=10, values={"title": "clerk", "employees": 500}),
        message("page", "ben", 2, ago=1, event="page_viewed"),
        message("page", "ben", 3, ago=1.5, event="page_viewed"),
        message("page", "cy", 1, ago=1, event="page_viewed"),
    )  # fmt: skip
