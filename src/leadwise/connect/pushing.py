"""Pushing: the score that is shown here stands in the other system too.

Only what is committed is pushed, coalesced for each lead, in batches. What a system has by our own
books (`pushed`) is not sent again, nor is anything older; whether it has something newer by its
own, its connector looks. A process that is killed after a batch sends it again: the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection as Database

from leadwise.connect.blanking import blank_waiting
from leadwise.connect.handing import handed
from leadwise.connect.model import Pushed, Target
from leadwise.connect.telling import Telling, tellings
from leadwise.store.blanks import blank_all_objected, blank_told
from leadwise.store.cards import live_version
from leadwise.store.connections import (
    ConnectionRow,
    Outcome,
    get_cursor,
    note_exchange,
    only_pusher,
    set_cursor,
    set_trouble,
)
from leadwise.store.following import LOOK_BACK
from leadwise.store.opening import Store
from leadwise.store.pushed import (
    PushedRow,
    due_again,
    keep_pushed,
    leads_now,
    no_more_again,
    pushed_rows,
    scored_leads,
    told_since,
)
from leadwise.store.said import last_ids

PUSH, ALL = "push", "push everybody"
"""Cursors: the last row of `score_history` that was told; how far a walk over everybody is."""
AT_ONCE = 200
"""Leads that are handed to a connector together."""
FIRST_WAIT_US, LONGEST_WAIT_US = 60_000_000, 6 * 3_600_000_000
"""Before a lead that was not taken is tried again; four times longer each time."""
UNKNOWN_WAIT_US = 24 * 3_600_000_000
"""How long a lead without a record there is left alone, unless its score changes."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of updates, by state; `skipped` were told before."""

    states: dict[str, int] = field(default_factory=dict)
    skipped: int = 0

    def __add__(self, other: Told) -> Told:
        names = {*self.states, *other.states}
        sums = {name: self.states.get(name, 0) + other.states.get(name, 0) for name in names}
        return Told(sums, self.skipped + other.skipped)

    @property
    def asked(self) -> int:
        """How many updates were handed to the system."""
        return sum(self.states.values())

    def __str__(self) -> str:
        said = [f"{number:,} {name}" for name, number in sorted(self.states.items())]
        return ", ".join(said) or "nothing to tell"


@dataclass(frozen=True, slots=True)
class Pushing:
    """What pushes for all connections of a store."""

    store: Store
    clock_us: Callable[[], int]

    def push_changes(
        self, row: ConnectionRow, target: Target, up_to_id: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Told | None:  # fmt: skip
        """What was said of leads up to a row of `score_history`, and what was put off until now.

        None where another process is at it. RemoteError where the system takes nothing now; what
        it did not take is told the next time.
        """
        with self._alone(row) as alone:
            if not alone:
                return None
            done = self._blank(row, target, stopped)
            while not stopped():
                with self.store.read() as database:
                    kept = int(get_cursor(database, row.id, PUSH) or 0)
                    # On SQLite an erasure may take the last rows, whose numbers come again.
                    after = min(kept, up_to_id) if self.store.embedded else kept
                    leads, last = told_since(database, after, up_to_id, AT_ONCE)
                    again = due_again(database, row.id, self.clock_us(), AT_ONCE)
                if last == kept and not again:
                    break
                followed = partial(self._followed, row, last, again)
                done += self._tell(row, target, [*leads, *again], followed)
            return done

    def take_out(
        self, row: ConnectionRow, target: Target, stopped: Callable[[], bool] = lambda: False
    ) -> Told | None:
        """Only empty the fields of those who objected or were erased; the other two do it first."""
        with self._alone(row) as alone:
            return self._blank(row, target, stopped) if alone else None

    def _blank(self, row: ConnectionRow, target: Target, stopped: Callable[[], bool]) -> Told:
        count = blank_waiting(self.store, self.clock_us, row, target, stopped)
        return Told({"blanked": count} if count else {})

    def push_leads(self, row: ConnectionRow, target: Target, lead_ids: Sequence[int]) -> Told:
        """The scores of these leads now, beside whatever else is pushed: what they are is looked up
        here, and neither our books nor the system take an older one. RemoteError as above."""
        return self._tell(row, target, lead_ids, lambda _database: None)

    def push_everybody(
        self, row: ConnectionRow, target: Target, *, again: bool = False,
        progress: Callable[[int, int | None], None] = lambda _done, _total: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Told | None:  # fmt: skip
        """Every lead whose score is not what the system has by our books; with `again` those, too,
        of which it is. Goes on where it was interrupted. None, RemoteError as above."""
        with self._alone(row) as alone:
            if not alone:
                return None
            self.store.write(partial(self._start_following, row))
            self.store.write(lambda c: blank_all_objected(c, row.id, self.clock_us()))
            done, count = self._blank(row, target, stopped), 0
            while not stopped():
                with self.store.read() as database:
                    version = live_version(database)
                    after = int(get_cursor(database, row.id, ALL) or 0)
                    found = [] if version is None else scored_leads(
                        database, version.id, after, AT_ONCE
                    )  # fmt: skip
                if not found:
                    self.store.write(lambda c: set_cursor(c, row.id, ALL, None, self.clock_us()))
                    break
                walked = partial(self._walked, row, found[-1])
                done += self._tell(row, target, found, walked, again=again)
                count += len(found)
                progress(count, None)
            return done

    def _tell(
        self, row: ConnectionRow, target: Target, lead_ids: Sequence[int],
        then: Callable[[Database], None], *, again: bool = False,
    ) -> Told:  # fmt: skip
        """Tell of some leads; `then` is written with what became of it."""
        with self.store.read() as database:
            wanted, had, skipped = updates_for(
                database, row, lead_ids, self.clock_us(), again=again
            )
        states: dict[str, int] = {}
        answers = handed(target, [one.update for one in wanted]) if wanted else []
        now_us = self.clock_us()
        rows = [_row(one, answer, had.get(answer.lead_id), now_us)
                for one, answer in zip(wanted, answers, strict=True)]  # fmt: skip
        for answer in answers:
            states[answer.state] = states.get(answer.state, 0) + 1
        done = Told(states, skipped)

        def work(database: Database) -> None:
            then(database)
            # Who was erased or objected while the system was told is taken out of it again.
            still = set(leads_now(database, [one.lead_id for one in rows]))
            keep_pushed(database, row.id, [one for one in rows if one.lead_id in still])
            told = [(one.lead_id, one.remote_id) for one in rows if one.lead_id not in still]
            blank_told(database, row.id, told, now_us)
            if rows:
                refused = [answer.why for answer in answers if answer.state == "refused"]
                said = f"{done}; {refused[0]}" if refused and refused[0] else str(done)
                state: Outcome = "refused" if refused else "done"
                note_exchange(database, row.id, "out", "push", state, len(rows), now_us, said)
                set_trouble(database, row.id, None, now_us)

        self.store.write(work)
        return done

    def _followed(
        self, row: ConnectionRow, last: int, again: Sequence[int], database: Database
    ) -> None:
        # Of those that were put off some are leads of their own no more, or are told already.
        no_more_again(database, row.id, again)
        set_cursor(database, row.id, PUSH, str(last), self.clock_us())

    def _walked(self, row: ConnectionRow, last: int, database: Database) -> None:
        set_cursor(database, row.id, ALL, str(last), self.clock_us())

    def _start_following(self, row: ConnectionRow, database: Database) -> None:
        if get_cursor(database, row.id, PUSH) is None:
            # PostgreSQL may yet show smaller ids; what is looked at twice is told once.
            last = last_ids(database)[1] - (0 if self.store.embedded else LOOK_BACK)
            set_cursor(database, row.id, PUSH, str(max(0, last)), self.clock_us())

    @contextmanager
    def _alone(self, row: ConnectionRow) -> Iterator[bool]:
        """Whether this process pushes. SQLite's record has one process at it, and a transaction
        that is held open there keeps its log from being put away."""
        if self.store.embedded:
            yield True
            return
        with self.store.read() as database:
            yield only_pusher(database, row.id)


def updates_for(
    database: Database, row: ConnectionRow, lead_ids: Sequence[int], now_us: int, *,
    again: bool = False,
) -> tuple[list[Telling], dict[int, PushedRow], int]:  # fmt: skip
    """What is to be told of these leads; what the system has of them; how many it has as they are.

    With `again` all of them are to be told.
    """
    version = live_version(database)
    if version is None:
        return [], {}, 0
    current = leads_now(database, lead_ids)
    had = pushed_rows(database, row.id, current)
    remote = {lead_id: one.remote_id for lead_id, one in had.items()}
    found = tellings(database, version, current, remote)
    wanted = [one for one in found if again or _is_new(one, had.get(one.update.lead_id), now_us)]
    return wanted, had, len(found) - len(wanted)


def _is_new(one: Telling, had: PushedRow | None, now_us: int) -> bool:
    if had is None:
        return True
    if had.again_us is not None and had.again_us <= now_us:
        return True
    if had.as_of_us > one.update.as_of_us:
        return False
    if had.state == "later":
        return had.again_us is None  # else it waits for its time
    return had.digest != one.digest or had.state == "newer"


def _row(one: Telling, answer: Pushed, had: PushedRow | None, now_us: int) -> PushedRow:
    again_us = None
    if answer.state == "later":
        last = had.wait_us if had is not None and had.state == "later" else 0
        again_us = now_us + min(LONGEST_WAIT_US, max(FIRST_WAIT_US, 4 * last))
    elif answer.state == "unknown":
        again_us = now_us + UNKNOWN_WAIT_US
    remote_id = answer.remote_id or (None if answer.state == "unknown" else one.update.remote_id)
    return PushedRow(
        one.update.lead_id, remote_id, one.update.as_of_us, one.digest, answer.state,
        answer.why or None, now_us, again_us,
    )  # fmt: skip
