"""Pulling: what is new in a system becomes part of the record, page by page.

A page and the cursor after it are one transaction, so whatever moment the process is killed at,
nothing is missed; and what is asked for again is known by its message ids. All of a first pull has
the cause `import`: what happened before we were told of it starts no follow-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection as Database
from sqlalchemy import select

from leadwise.connect.model import Page, Source
from leadwise.connect.taking import Taken, take_page
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Message
from leadwise.store.connections import (
    ConnectionRow,
    Outcome,
    get_cursor,
    note_exchange,
    set_cursor,
    set_trouble,
)
from leadwise.store.opening import Store
from leadwise.store.schema import conversation

PULL, FIRST, READ = "pull", "first pull", "read"
"""Cursors: how far, whether that is of a first pull still, the last conversation given to read."""
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pulling:
    """What pulls for all connections of a store.

    `recorded` is called after each commit; `read` has a conversation read (its id, frame, reader),
    and may be told of the same one twice.
    """

    store: Store
    rules: GateRules
    clock_us: Callable[[], int]
    recorded: Callable[[], None] = lambda: None
    read: Callable[[int, str, str], None] | None = None

    def pull(
        self, row: ConnectionRow, source: Source, *, from_the_start: bool = False,
        progress: Callable[[int, int | None], None] = lambda _done, _total: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Taken:  # fmt: skip
        """Everything new, and what became of it. What goes wrong is told with the connection, and
        raised; what came before is recorded. UserError (`busy-connection`) where somebody else
        pulls meanwhile."""
        cursor, first = self.store.write(partial(self._begin, row, from_the_start))
        done = Taken()
        try:
            for page in source.pull(cursor, self.clock_us()):
                done += self.store.write(partial(self._page, row, page, cursor, first))
                cursor = page.cursor
                self.recorded()
                self._read_new(row)
                progress(page.done, page.total)
                if stopped():
                    break
        except (RemoteError, UserError) as error:
            self.store.write(partial(self._failed, row, done, str(error)))
            raise
        self.store.write(partial(self._ended, row, done, stopped()))
        self._read_new(row)
        return done

    def receive(self, row: ConnectionRow, page: Page) -> Taken:
        """What a webhook brought."""

        def work(database: Database) -> Taken:
            now_us = self.clock_us()
            done = take_page(database, row, page, self.rules, now_us)
            state: Outcome = "refused" if done.refused else "done"
            note_exchange(database, row.id, "in", "webhook", state, done.new, now_us, str(done))
            return done

        found = self.store.write(work)
        self.recorded()
        self._read_new(row)
        return found

    def _begin(
        self, row: ConnectionRow, from_the_start: bool, database: Database
    ) -> tuple[str | None, bool]:
        now_us = self.clock_us()
        cursor = None if from_the_start else get_cursor(database, row.id, PULL)
        if cursor is None:
            set_cursor(database, row.id, PULL, None, now_us)
            set_cursor(database, row.id, FIRST, "yes", now_us)
        return cursor, get_cursor(database, row.id, FIRST) is not None

    def _page(
        self, row: ConnectionRow, page: Page, after: str | None, first: bool, database: Database
    ) -> Taken:
        now_us = self.clock_us()
        if get_cursor(database, row.id, PULL) != after:
            raise UserError(
                "busy-connection", f"Somebody else pulls from {row.name} at this moment.",
                hint="What is new comes all the same.",
            )  # fmt: skip
        done = take_page(database, row, page, self.rules, now_us, "import" if first else None)
        set_cursor(database, row.id, PULL, page.cursor, now_us)
        return done

    def _failed(self, row: ConnectionRow, done: Taken, why: str, database: Database) -> None:
        now_us = self.clock_us()
        set_trouble(database, row.id, why, now_us)
        note_exchange(database, row.id, "in", "pull", "failed", done.new, now_us, why)

    def _ended(self, row: ConnectionRow, done: Taken, stopped: bool, database: Database) -> None:
        now_us = self.clock_us()
        if not stopped:
            set_cursor(database, row.id, FIRST, None, now_us)
        set_trouble(database, row.id, None, now_us)
        state: Outcome = "refused" if done.refused else "done"
        note_exchange(database, row.id, "in", "pull", state, done.new, now_us, str(done))

    def _read_new(self, row: ConnectionRow) -> None:
        """Have conversations read that came through it, those of a process that was killed too."""
        frame = row.options.get("frame") or "bant"
        if self.read is None or frame == "none":
            return
        with self.store.read() as database:
            after = int(get_cursor(database, row.id, READ) or 0)
            rows = select(conversation.c.id).where(
                conversation.c.source == row.name, conversation.c.id > after
            )
            ids = list(database.scalars(rows.order_by(conversation.c.id)))
        for conversation_id in ids:
            self.read(conversation_id, frame, row.options.get("reader") or "embedded")
        if ids:
            last, now_us = str(ids[-1]), self.clock_us()
            self.store.write(lambda c: set_cursor(c, row.id, READ, last, now_us))


@dataclass(slots=True)
class Seen:
    """What a dry run of a pull saw: how much, and a few messages as they would be recorded."""

    messages: int = 0
    outcomes: int = 0
    talks: int = 0
    refusals: list[str] = field(default_factory=list)
    shown: list[Message] = field(default_factory=list)


def look(source: Source, cursor: str | None, now_us: int, *, most_pages: int = 3) -> Seen:
    """What pulling would bring; nothing is written."""
    seen = Seen()
    for number, page in enumerate(source.pull(cursor, now_us)):
        seen.messages += len(page.messages)
        seen.outcomes += len(page.became)
        seen.talks += len(page.talks)
        seen.refusals += [one.reason for one in page.refusals]
        seen.shown += page.messages[: MOST_SHOWN - len(seen.shown)]
        if number + 1 >= most_pages:
            break
    return seen
