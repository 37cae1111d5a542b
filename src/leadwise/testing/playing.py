"""A whole follow-up by hand, on a clock that is set: for tests of your own playbooks, and to watch.

    play = Play(store, settings, clock_us=START_US)
    play.track("ana@acme.example", "call_requested", {"when": "..."})
    play.turn()                     # all that the service would do now
    play.later(31 * MINUTE_US)      # and what it does when that time has passed

Scores, triggers, runs and steps are the service's own, one after the other in this thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from leadwise.connect.opening import opener
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import recording_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.jobs import Entry
from leadwise.jobs.plain import run_here
from leadwise.live.scoring import score_touched
from leadwise.playbooks.runs.acting import House
from leadwise.playbooks.runs.jobs import move_runs_on, step_handler
from leadwise.playbooks.runs.ways import read_playbook, ways_of
from leadwise.playbooks.triggers import Taker
from leadwise.settings import Settings
from leadwise.store.documents import canonical
from leadwise.store.opening import Store

MINUTE_US = 60_000_000
MOST_TURNS = 500


class Bench:
    """Jobs that lie here until `work` does them, each id once."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.states: dict[str, str] = {}
        self.errors: dict[str, Any] = {}

    def enqueue_all(self, _kind: str, entries: Iterable[Entry]) -> int:
        """Put in."""
        new = [one for one in entries if one.id not in self.entries]
        for one in new:
            self.entries[one.id], self.states[one.id] = one, "waiting"
        return len(new)

    def get(self, job_id: str) -> Any:
        """Look up."""
        if job_id not in self.states:
            raise UserError("unknown-job", f"There is no job {job_id}.")
        return SimpleNamespace(state=self.states[job_id], error=self.errors.get(job_id))

    def get_all(self, job_ids: Iterable[str]) -> list[Any]:
        """Those that there are."""
        return [
            SimpleNamespace(id=one, state=self.states[one], error=self.errors.get(one))
            for one in job_ids
            if one in self.states
        ]

    def work(self, handler: Callable[..., Any]) -> int:
        """Do what waits; how many there were."""
        waiting = [one for one, state in self.states.items() if state == "waiting"]
        for job_id in waiting:
            self.states[job_id] = "done"
            run_here(handler, self.entries[job_id].arguments, job_id=job_id)
        return len(waiting)


@dataclass
class Play:
    """The record, the clock (microseconds since 1970 UTC), and what outer steps are opened with."""

    store: Store
    settings: Settings
    clock_us: int
    environment: Mapping[str, str] = field(default_factory=dict)
    bench: Bench = field(default_factory=Bench)
    said: int = 0

    def now(self) -> int:
        """The clock."""
        return self.clock_us

    def track(self, email: str, event: str, properties: Mapping[str, Any] | None = None) -> None:
        """Somebody did something, now."""
        self._record("track", email, event, properties or {})

    def identify(self, email: str, traits: Mapping[str, Any]) -> None:
        """Something is known of somebody, from now on."""
        self._record("identify", email, "identify", {"email": email, **traits})

    def _record(self, type_: Any, email: str, event: str, values: Mapping[str, Any]) -> None:
        self.said += 1
        message = Message(
            type=type_, source="play", message_id=f"play-{self.said}", event=event,
            at_us=self.clock_us, received_us=self.clock_us, email=email,
            document=canonical(dict(values)),
        )  # fmt: skip
        received = Received((message,), ())
        rules = recording_rules(self.settings)
        self.store.write(lambda c: record(c, received, rules, self.clock_us))

    def turn(self) -> int:
        """Do all that there is to be done at this instant; how many rounds that took."""
        opens = opener(self.store, self.environment)
        house = House(self.store, self.settings, opens, self.now, self.environment)
        ways = ways_of(self.settings)
        taker, handler = Taker(self.store, self.settings, read_playbook), step_handler(house, ways)
        for turn in range(MOST_TURNS):
            scored = self.store.write(lambda c: score_touched(c, self.clock_us))
            taken = taker.take(self.clock_us)
            moved = move_runs_on(self.store, self.bench, ways, self.now)  # type: ignore[arg-type] # as Jobs, as far as that is asked
            done = self.bench.work(handler)
            if not (scored.leads or scored.taken or taken or moved.runs or done):
                return turn
        raise AssertionError("It does not come to an end at this instant.")

    def later(self, us: int, every_us: int = 15 * MINUTE_US) -> None:
        """Let time pass, and have done what becomes due on the way."""
        until_us = self.clock_us + us
        while self.clock_us < until_us:
            self.clock_us = min(self.clock_us + every_us, until_us)
            self.turn()
