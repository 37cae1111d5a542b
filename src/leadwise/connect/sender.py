"""Scores are told within seconds: one thread follows what is said of leads, for all connections.

A connection whose system takes nothing is left alone ever longer, as long as it asks for; its
cursor stays, so nothing is lost. What went wrong stands with the connection until it goes well.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection as Database

from leadwise.connect.model import Target
from leadwise.connect.opening import Opened, opened, talking
from leadwise.connect.pushing import PUSH, Pushing, Told
from leadwise.errors import LeadwiseError, RemoteError, UserError
from leadwise.store.blanks import has_blanks_due
from leadwise.store.connections import (
    ConnectionRow,
    get_cursor,
    list_connections,
    note_exchange,
    set_trouble,
)
from leadwise.store.following import Horizon
from leadwise.store.opening import Store
from leadwise.store.pushed import due_again
from leadwise.store.said import last_ids
from leadwise.store.schema import score_history

WAITS_S = (2.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
"""Before a system is asked again after so many failures in a row; the last one from then on."""
PERMANENT_WAIT_S = 600.0
"""The same after what does not pass by itself: a token that holds no more, a missing right."""
POLL_S = 1.0
SENDERS = 4


@dataclass(slots=True)
class Trouble:
    """A connection that fails: how often in a row, and when it is tried again."""

    failures: int
    again: float


@dataclass(slots=True)
class Pusher:
    """Pushes for all connections of a store, from threads of its own: `start`, `stop`."""

    store: Store
    environment: Mapping[str, str]
    clock_us: Callable[[], int]
    monotonic: Callable[[], float] = time.monotonic
    poll_s: float = POLL_S
    _open: dict[int, tuple[ConnectionRow, Opened]] = field(default_factory=dict)
    _troubles: dict[int, Trouble] = field(default_factory=dict)
    _busy: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _horizon: Horizon = field(default_factory=lambda: Horizon(score_history))
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Push until `stop`."""
        self._thread = threading.Thread(target=self._run, name="leadwise-pushes", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Finish what is being pushed, within that time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)
        for _, line in self._open.values():
            line.close()

    def push_waiting(self) -> int:
        """One round over all connections, one by one; how many updates were handed over."""
        return sum(self._turn(row) for row in self._due())

    def _run(self) -> None:
        log = logging.getLogger("leadwise.connect")
        with ThreadPoolExecutor(SENDERS) as pool:
            while not self._stopping.wait(self.poll_s):
                try:
                    for row in self._due():
                        pool.submit(self._turn, row)
                except LeadwiseError as error:
                    log.warning("pushes wait: %s", error)
                except Exception:
                    # A defect must not end all pushing: it is told and tried again.
                    log.exception("pushing failed, to be tried again")

    @property
    def alive(self) -> bool:
        """Whether the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def _due(self) -> list[ConnectionRow]:
        """The connections that have something to be told and may be asked now."""
        now, found = self.monotonic(), []
        with self.store.read() as database:
            rows = [row for row in list_connections(database) if row.paused_us is None]
            last = self._last(database) if any(row.pushes for row in rows) else 0
            for row in rows:
                trouble = self._troubles.get(row.id)
                if row.id in self._busy or (trouble is not None and trouble.again > now):
                    continue
                if has_blanks_due(database, row.id, self.clock_us()):
                    found.append(row)
                    continue
                if not row.pushes:
                    continue
                cursor = get_cursor(database, row.id, PUSH)
                again = due_again(database, row.id, self.clock_us(), 1)
                behind = cursor is None or int(cursor) < last
                if behind or again or (self.store.embedded and cursor != str(last)):
                    found.append(row)
        return found

    def _last(self, database: Database) -> int:
        """How far the log may be followed; less than before where an erasure took its end."""
        horizon = self._horizon.look(database)
        if self.store.embedded:
            return last_ids(database)[1]
        return horizon

    def _turn(self, row: ConnectionRow) -> int:
        with self._lock:
            if row.id in self._busy:
                return 0
            self._busy.add(row.id)
        try:
            done = self._push(row)
            if self._troubles.pop(row.id, None) is not None:
                self.store.write(lambda c: set_trouble(c, row.id, None, self.clock_us()))
            return 0 if done is None else done.asked
        except (RemoteError, UserError) as error:
            self._failed(row, error)
            return 0
        except Exception:
            self._failed(row, UserError("defect", "Leadwise itself failed; its log says how."))
            logging.getLogger("leadwise.connect").exception("pushing to %s failed", row.name)
            return 0
        finally:
            with self._lock:
                self._busy.discard(row.id)

    def _push(self, row: ConnectionRow) -> Told | None:
        pushing = Pushing(self.store, self.clock_us)
        if not row.pushes:  # no more; what it was told of some is taken out all the same
            with talking(row, self.environment) as line:
                return pushing.take_out(row, line.to, self._stopping.is_set)
        target = self._target(row)
        with self.store.read() as database:
            last = self._last(database)
            new = get_cursor(database, row.id, PUSH) is None
        stopped = self._stopping.is_set
        if new:
            return pushing.push_everybody(row, target, stopped=stopped)
        return pushing.push_changes(row, target, last, stopped=stopped)

    def _target(self, row: ConnectionRow) -> Target:
        """What talks to the system, prepared once for as long as the row stays as it is."""
        with self._lock:
            had = self._open.get(row.id)
        settings = (row.kind, row.options, row.secrets, row.mapping)
        if had is not None:
            before, line = had
            if settings == (before.kind, before.options, before.secrets, before.mapping):
                found: Target = line.to
                return found
            line.close()
        line = opened(row, self.environment)
        if not isinstance(line.to, Target):
            line.close()
            raise UserError(
                "connection-cannot", f"Scores cannot be pushed to {row.name}.",
                hint=f"leadwise connect set {row.name} --no-push",
            )  # fmt: skip
        made = line.to.prepare()
        with self._lock:
            self._open[row.id] = (row, line)
        if made:
            said = f"made {', '.join(made)}"
            now_us = self.clock_us()
            self.store.write(
                lambda c: note_exchange(
                    c, row.id, "out", "prepare", "done", len(made), now_us, said
                )
            )
        return line.to

    def _failed(self, row: ConnectionRow, error: RemoteError | UserError) -> None:
        before = self._troubles.get(row.id)
        failures = before.failures + 1 if before else 1
        wait_s = WAITS_S[min(failures, len(WAITS_S)) - 1]
        if isinstance(error, UserError) or error.permanent:
            wait_s = max(wait_s, PERMANENT_WAIT_S)
        elif error.after_s is not None:
            wait_s = max(wait_s, error.after_s)
        self._troubles[row.id] = Trouble(failures, self.monotonic() + wait_s)
        said = f"{error} It is tried again in {wait_s:.0f} seconds."
        now_us = self.clock_us()
        # A row that is there already is not written again each time: the log is for people.
        if failures == 1 or failures % 10 == 0:
            self.store.write(partial(_note, row_id=row.id, said=said, now_us=now_us))
        self.store.write(lambda c: set_trouble(c, row.id, str(error), now_us))
        logging.getLogger("leadwise.connect").warning("%s: %s", row.name, said)


def _note(database: Database, row_id: int, said: str, now_us: int) -> None:
    note_exchange(database, row_id, "out", "push", "failed", 0, now_us, said)
