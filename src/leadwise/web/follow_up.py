"""Playbooks in a service: the job of their outer steps, and the thread that moves runs on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from leadwise.connect.opening import opener
from leadwise.jobs import Handler, Jobs
from leadwise.playbooks.runs.acting import House
from leadwise.playbooks.runs.jobs import KIND, MAILS, handlers_of, step_handler
from leadwise.playbooks.runs.loop import PlaybookLoop
from leadwise.playbooks.runs.ways import read_playbook, ways_of
from leadwise.playbooks.triggers import Taker
from leadwise.settings import Settings
from leadwise.store.failed_runs import failed_since
from leadwise.store.opening import Store
from leadwise.store.runs import count_active
from leadwise.web.metrics import Metrics
from leadwise.web.service import Clock, Part

STEPS_AT_ONCE = {KIND: 4, MAILS: 2}
"""Jobs of outer steps, and how many at once: some wait long for a system that is slow, and others
must get through meanwhile."""
RUNS = "leadwise_playbook_runs"
RUNS_TEXT = "Runs of playbooks that are not over, by state, counted up to 100,000."
FAILED = "leadwise_playbook_failed_runs"
FAILED_TEXT = "Runs that failed in the last day, by playbook, counted up to 100,000."
DAY_US = 86_400_000_000
GAUGES: dict[str, str] = {
    "leadwise_playbook_lag_seconds": "By how much the run longest due was late when last looked.",
    "leadwise_playbook_failures": "Rounds of the playbooks' thread that failed since the start.",
    "leadwise_playbook_moved": "Runs that were moved on since the start.",
}


@dataclass(slots=True)
class FollowUp:
    """What a service needs for playbooks. `handlers` go into its jobs, `begin` is given these."""

    store: Store
    settings: Settings
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    loop: PlaybookLoop | None = None

    def handlers(self) -> dict[str, Handler]:
        """The handler of the outer steps."""
        house = House(
            self.store, self.settings, opener(self.store, self.environment), self.clock,
            self.environment,
        )  # fmt: skip
        return handlers_of(step_handler(house, ways_of(self.settings), self.recorded))

    def recorded(self) -> None:
        """Something happened, or a run can go on: look at once."""
        if self.loop is not None:
            self.loop.recorded()

    def part(self, jobs: Jobs) -> Part:
        """The thread, as a part of the service."""
        taker = Taker(self.store, self.settings, read_playbook)
        loop = PlaybookLoop(self.store, jobs, ways_of(self.settings), self.clock, taker.take)
        self.loop = loop

        def trouble() -> str | None:
            return None if loop.alive else "The playbooks' thread has ended."

        return Part("playbooks", loop.start, loop.stop, trouble)

    def watch(self, metrics: Metrics) -> None:
        """Tell how it fares."""
        reads: dict[str, Callable[[], float | None]] = {
            "leadwise_playbook_lag_seconds": lambda: self._beat("lag_us", 1_000_000),
            "leadwise_playbook_failures": lambda: self._beat("failures"),
            "leadwise_playbook_moved": lambda: self._beat("moved"),
        }
        for name, text in GAUGES.items():
            metrics.watch(name, text, reads[name])
        metrics.watch_by(RUNS, RUNS_TEXT, "state", self._runs)
        metrics.watch_by(FAILED, FAILED_TEXT, "playbook", self._failed)

    def _beat(self, name: str, per: int = 1) -> float | None:
        return None if self.loop is None else float(getattr(self.loop.pulse, name)) / per

    def _runs(self) -> Mapping[str, float]:
        with self.store.read() as connection:
            return {state: float(count) for state, count in count_active(connection).items()}

    def _failed(self) -> Mapping[str, float]:
        with self.store.read() as connection:
            found = failed_since(connection, self.clock() - DAY_US)
        return {playbook: float(count) for playbook, count in found.items()}
