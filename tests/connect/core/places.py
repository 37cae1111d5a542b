"""A store with a card and a connection, on SQLite and PostgreSQL, and systems that do as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from leadwise.connect.model import Page, Pushed, Update
from leadwise.connect.pulling import Pulling
from leadwise.connect.pushing import Pushing
from leadwise.errors import RemoteError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.live.scoring import score_touched
from leadwise.store.connections import ConnectionRow, add_connection, get_connection
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from tests.databases import make_tables, postgres_database
from tests.records import NOW_US, make_live


@dataclass
class Place:
    """The store with its clock, and the connection `crm`."""

    store: Store
    now: list[int] = field(default_factory=lambda: [NOW_US])
    read: list[int] = field(default_factory=list)

    def clock(self) -> int:
        return self.now[0]

    @property
    def row(self) -> ConnectionRow:
        with self.store.read() as connection:
            return get_connection(connection, "crm")

    def pulling(self) -> Pulling:
        return Pulling(self.store, GateRules(), self.clock,
                       read=lambda id_, _frame, _reader: self.read.append(id_))  # fmt: skip

    def pushing(self) -> Pushing:
        return Pushing(self.store, self.clock)

    def say(self, *messages: Message) -> None:
        """Record and score."""
        self.store.write(lambda c: record(c, Received(messages), GateRules(), self.now[0]))
        self.score()

    def score(self) -> None:
        while self.store.write(lambda c: score_touched(c, self.now[0])).taken:
            pass

    def later(self, seconds: float) -> None:
        self.now[0] += int(seconds * 1_000_000)


@contextmanager
def place_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place of one kind of store."""
    if kind == "sqlite":
        with Store(str(folder / "record.db")) as store:
            yield _made(store)
        return
    server = str(request.getfixturevalue("postgres_url"))
    with postgres_database(server) as url, Store(url) as store:
        yield _made(store)


def _made(store: Store) -> Place:
    make_tables(store)
    with store.transaction() as connection:
        make_live(connection)
        add_connection(connection, "crm", "hubspot", options={}, secrets={"token": "env:TOKEN"},
                       pushes=True, by="test", now_us=NOW_US)  # fmt: skip
    return Place(store)


def visit(email: str, number: int, at_us: int, event: str = "visit") -> Message:
    """Something that somebody did."""
    return Message("track", "site", f"{email}-{event}-{number}", event, at_us, at_us, email=email)


def person(id_: str, at_us: int, number: int = 0, **facts: object) -> Message:
    """What a system says of somebody."""
    email = facts.pop("email", None)
    return Message("identify", "", f"c-{id_}-{number}", "identify", at_us, at_us,
                   crm_id=f"crm:contact:{id_}", email=str(email) if email else None,
                   document=canonical(facts))  # fmt: skip


@dataclass
class Scripted:
    """A source whose pages are given; `breaks` is raised after so many of them."""

    pages: Sequence[Page]
    breaks: tuple[int, BaseException] | None = None
    asked: list[str | None] = field(default_factory=list)

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        self.asked.append(cursor)
        start = 0 if cursor is None else int(cursor)
        for number, page in enumerate(self.pages[start:], start):
            if self.breaks and number == self.breaks[0]:
                raise self.breaks[1]
            yield page


@dataclass
class Board:
    """A target that keeps what it is told, and answers as `states` and `fails` say."""

    told: dict[int, Update] = field(default_factory=dict)
    pushes: list[list[int]] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)
    fails: list[RemoteError] = field(default_factory=list)
    poison: set[int] = field(default_factory=set)
    during: Callable[[], None] = lambda: None

    def prepare(self) -> tuple[str, ...]:
        return ()

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        self.during()
        self.pushes.append([one.lead_id for one in updates])
        if self.fails:
            raise self.fails.pop(0)
        if self.poison & {one.lead_id for one in updates}:
            raise RemoteError("The batch is not valid.", permanent=True, status=400)
        answers = []
        for one in updates:
            state = self.states.get(one.lead_id, "sent")
            if state == "sent":
                self.told[one.lead_id] = one
            answers.append(Pushed(one.lead_id, state, f"r{one.lead_id}"))
        return answers[::-1]
