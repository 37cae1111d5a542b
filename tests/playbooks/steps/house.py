"""A house for outer steps: a record, a clock that is set by hand, connections of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadwise.playbooks.model import Playbook, Safety, Step
from leadwise.playbooks.runs.acting import Came, Here, House, Outer, Run
from leadwise.playbooks.shapes import SHAPES
from leadwise.playbooks.texts import fill
from leadwise.settings import Settings
from leadwise.store.connections import add_connection
from leadwise.store.opening import Store
from tests.records import DAY_US, NOW_US, add_lead

PLAYBOOK = Playbook("calls", 1, "Calls", "", "en", (), None, (), (), (), Safety())


@dataclass
class Around:
    """What a step of a run is asked in: `ask` does as the engine does, without its transactions."""

    store: Store
    now_us: int = NOW_US
    settings: Settings = field(default_factory=Settings)
    open: dict[str, Any] = field(default_factory=dict)
    doc: dict[str, Any] = field(default_factory=lambda: {"event": {}, "step": {}})
    lead_id: int | None = None
    began_us: int = 0

    def __post_init__(self) -> None:
        self.began_us = self.now_us

    def lead(self, email: str = "ana@acme.example", **facts: Any) -> int:
        """The lead of the run."""
        self.lead_id = self.store.write(
            lambda c: add_lead(c, email, facts, at_us=self.now_us - DAY_US)
        )
        return self.lead_id

    def connect(self, name: str, system: Any, kind: str = "test") -> None:
        """A connection of this name."""
        self.open[name] = system
        self.store.write(
            lambda c: add_connection(
                c, name, kind, options={}, secrets={}, by="test", now_us=self.now_us
            )
        )

    def ask(self, act: Outer, kind: str, number: int = 1, run: int = 1, **given: Any) -> Came:
        """What a step answers; its result is kept as the engine keeps it."""
        shape = {one.name: one.default for one in SHAPES[kind].settings}
        settings: Mapping[str, Any] = {**shape, **given}
        step = Step(kind, kind, settings, 1)
        house = House(self.store, self.settings, self.open.__getitem__, lambda: self.now_us, {})
        here = Here(
            Run(run, PLAYBOOK, self.lead_id, 0, number, self.began_us, self.doc), step,
            f"run-{run}-{number}", self.now_us,
            lambda text: fill(text, {"step": self.doc["step"], "event": self.doc["event"]}),
        )  # fmt: skip
        came = act(house, here)
        self.doc["step"][kind] = {**self.doc["step"].get(kind, {}), **came.result}
        return came
