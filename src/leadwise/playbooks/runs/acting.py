"""What a step is given and what it answers: the frame of all modules in `steps`.

A step that stays inside the record (`Inner`) acts in the very transaction in which the run moves
on, so it happens once. One that reaches outside (`Outer`) is a durable job of its own: it may be
done again after a crash, always with the same `key`, which is what the other side tells repeats by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import Connection as Database

from leadwise.connect.model import JSON
from leadwise.playbooks.model import Playbook, Step
from leadwise.settings import Settings
from leadwise.store.opening import Store

Document: TypeAlias = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `playbook_run` with its playbook. `doc` holds `event`, `message` and `step`: what
    started it, and by a step's id what came of it."""

    id: int
    playbook: Playbook
    lead_id: int | None
    at: int
    number: int
    began_us: int
    doc: Document


@dataclass(frozen=True, slots=True)
class Here:
    """Where a run stands. `key` is `run-12-3`: the run, and the number of the step in it."""

    run: Run
    step: Step
    key: str
    now_us: int
    text: Callable[[str], str]
    """Fills a template in: with the lead's facts, score, answers, what came of earlier steps."""
    settings: Settings | None = None
    """Those of the service, for inner steps; outer ones have `House.settings`."""

    def words(self, name: str, default: str = "") -> str:
        """A setting that is a template, filled in."""
        found = self.step.settings.get(name)
        return self.text(str(found)) if found not in (None, "") else default


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step.

    `done`: the run goes on (at `branch`, the name of a setting of type `steps`, where one is
    given). `waits`: until `until_us` or the event `awaits`, then the step is asked again, with
    `result` kept as its own. `held`: a person has to look. `ends`: the run ends here, well.
    """

    state: Literal["done", "waits", "held", "ends"]
    result: Document = field(default_factory=dict)
    until_us: int | None = None
    awaits: str | None = None
    branch: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing holds the step back."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until_us`: quiet hours, a cap. The step is asked again then."""

    until_us: int
    why: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The run ends here: suppressed, objected, not `still`."""

    why: str


Verdict: TypeAlias = Go | Wait | Leave
"""What holds a step back (`holding.may_go`)."""


class Opens(Protocol):
    """Makes what talks to a connection by its name; UserError `no-such-connection` where there is
    none."""

    def __call__(self, name: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class House:
    """What outer steps work with."""

    store: Store
    settings: Settings
    open: Opens
    clock_us: Callable[[], int]
    environment: Mapping[str, str]


Inner: TypeAlias = Callable[[Database, Here], Came]
"""Acts in the transaction in which the run moves on. UserError: it fails for good."""
Outer: TypeAlias = Callable[[House, Here], Came]
"""Acts outside any transaction. UserError and a permanent RemoteError: it fails for good; another
RemoteError: it is done again, later."""
