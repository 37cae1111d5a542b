"""A small world for the engine: a record, a clock that is set by hand, an outside that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadwise.jobs.plain import run_here
from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.runs.acting import Came, Go, Here, House, Verdict
from leadwise.playbooks.runs.jobs import move_runs_on, step_handler
from leadwise.playbooks.runs.ways import Patience, Ways, read_playbook
from leadwise.playbooks.steps import inner_of, outer_of
from leadwise.playbooks.texts import fill
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.store.playbooks import (
    PlaybookVersion,
    add_playbook,
    get_playbook,
    set_playbook_status,
)
from leadwise.store.runs import RunRow, StepRow, get_run, start_run, steps_of
from leadwise.testing.playing import Bench as Work
from tests.records import NOW_US, add_lead

DAY = 86_400_000_000
MINUTE = 60_000_000
STARTS = "playbook: {id}\nversion: {number}\nstarts:\n  - event: demo_requested\nsteps:\n"


@dataclass
class World:
    """The record, the clock, what was done outside by its key, and what is to happen there."""

    store: Store
    now_us: int = NOW_US
    done: Counter[str] = field(default_factory=Counter)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    """By a step's id: what the outside answers in turn (Came, an exception, a function)."""
    goal: Callable[[Any], str | None] = lambda run: None
    holds: Callable[[Any, Any], Verdict] = lambda run, step: Go()
    settings: Settings = field(default_factory=Settings)
    work: Work = field(default_factory=Work)

    def clock(self) -> int:
        """The clock."""
        return self.now_us

    @property
    def ways(self) -> Ways:
        """Real inner steps, an outside of the test's."""

        def text(connection: Any, run: Any, now_us: int) -> Callable[[str], str]:
            return lambda template: fill(template, {**run.doc, "lead": {"id": run.lead_id}})

        return Ways(
            read_playbook, text, lambda connection, run, now_us: self.goal(run),
            lambda connection, run, step, now_us: self.holds(run, step), inner_of,
            lambda kind: self._outside if inner_of(kind) is None else None, self.settings,
            Patience(),
        )  # fmt: skip

    def _outside(self, house: House, here: Here) -> Came:
        self.done[here.key] += 1
        waiting = self.answers.get(here.step.id, [])
        answer = waiting.pop(0) if waiting else Came("done", {"key": here.key})
        if callable(answer):
            answer = answer(here)
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, Came)
        return answer

    def publish(self, steps: str, name: str = "follow", number: int = 1) -> PlaybookVersion:
        """A playbook of these steps, live."""
        text = (
            steps
            if steps.startswith("playbook:")
            else (STARTS.format(id=name, number=number) + steps)
        )
        read = playbook_of(text)

        def write(connection: Any) -> PlaybookVersion:
            made = add_playbook(
                connection, playbook=read.id, number=read.number, digest=f"{hash(text)}",
                text=text, by="test", now_us=self.now_us,
            )  # fmt: skip
            set_playbook_status(connection, made.id, "live", published_us=self.now_us)
            return get_playbook(connection, made.id)

        return self.store.write(write)

    def lead(self, email: str = "ann@acme.example", **facts: Any) -> int:
        """A lead."""
        return self.store.write(lambda connection: add_lead(connection, email, facts))

    def start(
        self, version: PlaybookVersion, lead_id: int | None = None, trigger: str = "event:1",
        doc: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """A run."""
        lead_id = self.lead() if lead_id is None else lead_id
        run_id = self.store.write(
            lambda c: start_run(c, version, lead_id, trigger, doc or {}, self.now_us)
        )
        assert run_id is not None
        return run_id

    def move(self) -> int:
        """What the loop and the workers do now, until nothing more is to be done at this instant;
        how many turns that took."""
        house = House(self.store, self.settings, lambda name: None, self.clock, {})
        handler = step_handler(house, self.ways)
        for turn in range(200):
            moved = move_runs_on(self.store, self.work, self.ways, self.clock)
            waiting = [one for one, state in self.work.states.items() if state == "waiting"]
            for job_id in waiting:
                self.work.states[job_id] = "done"
                run_here(handler, self.work.entries[job_id].arguments, job_id=job_id)
            if not waiting and not moved.runs:
                return turn
        raise AssertionError("it does not come to an end")

    def pass_time(self, us: int) -> None:
        """Later."""
        self.now_us += us
        self.move()

    def run(self, run_id: int) -> RunRow:
        """The run as it stands."""
        with self.store.read() as connection:
            return get_run(connection, run_id)

    def steps(self, run_id: int) -> list[StepRow]:
        """What it did."""
        with self.store.read() as connection:
            return steps_of(connection, run_id)

    def said(self, run_id: int) -> dict[str, Any]:
        """What came of each step."""
        found: dict[str, Any] = self.run(run_id).doc["step"]
        return found


def real_outer(kind: Any) -> Any:
    """What the service does outside."""
    return outer_of(kind)
