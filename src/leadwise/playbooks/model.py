"""What a playbook is: frozen dataclasses, one for each idea of the language (docs/playbooks.md).

Units: points are whole hundredths, durations microseconds, percents whole hundredths. Names follow
the card's `ID`. Conditions and templates are kept as what they are parsed to and as their text. A
playbook that `parse` returned has passed `check`; the runner relies on that.

Conditions are the card's (docs/card-language.md), over the fields, events and measures of the card
that leads are scored by, the playbook's own `measures`, and what only a playbook knows: `score`,
`band`, `grade`, each dimension's total, `owner` (a member's e-mail address), `local_hour` and
`local_weekday` (1 is Monday) where the lead is.

Texts in steps are templates (Jinja2, sandboxed): `{{ lead.email }}`, `{{ event.at }}`,
`{{ step.book.link }}`, `{{ answers.budget.quote }}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.card.expression import Expression
from leadwise.card.model import Measure

StepKind: TypeAlias = Literal[
    "mail", "wait", "if", "task", "assign", "notify", "change", "create", "book", "fetch",
    "qualify", "webhook", "enrich", "classify", "extract", "search", "approve", "start", "stop",
    "push", "convert", "file", "end",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it was written, and parsed. Where it cannot be decided, it is not met."""

    text: str
    tree: Expression


# What starts it -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BandTrigger:
    """`band: {enters: [hot]}` or `{leaves: ...}`; only changes that the lead caused, unless
    `causes` names more (`card`, `import` ...)."""

    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    causes: tuple[str, ...] = ("event", "fact", "time")


@dataclass(frozen=True, slots=True)
class ScoreTrigger:
    """`score: {rises_past: 90}` or `{falls_below: 20}`. Hysteresis: after it started something, it
    starts nothing again until the score was `back` hundredths on the other side."""

    rises_past: int | None = None
    falls_below: int | None = None
    back: int = 0


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """`event: demo_requested`, with `where:` on its properties; `form: NAME` is the event that the
    form is recorded as (its `event`); `booked: true` is the event `meeting_booked`."""

    event: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class AnswerTrigger:
    """`answer: {question: budget, is: unknown}`: after a conversation was read, a question of the
    frame is `unknown` (nobody said) or `failed` (said, and not as is wanted)."""

    question: str
    state: Literal["unknown", "failed", "known"]
    frame: str | None = None


@dataclass(frozen=True, slots=True)
class TaskTrigger:
    """`task: {kind: call, state: overdue}`: a task was `done`, `refused` or is `overdue`."""

    kind: str | None
    state: Literal["done", "refused", "overdue"]


@dataclass(frozen=True, slots=True)
class ScheduleTrigger:
    """`schedule: "0 9 * * 1"`: at each time, for every lead that meets `when`. It needs one."""

    cron: str
    zone: str


@dataclass(frozen=True, slots=True)
class MessageTrigger:
    """`message: support`: something came in that need not be of a lead: a mail, a chat message, a
    file in a folder; it names a connection or an incoming source."""

    source: str


Trigger: TypeAlias = (
    BandTrigger | ScoreTrigger | EventTrigger | AnswerTrigger | TaskTrigger | ScheduleTrigger
    | MessageTrigger
)  # fmt: skip


# What it does ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Of a territory: whom leads that meet `when` are given to (addresses, `role:...`)."""

    when: Condition
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `id` is a `NAME`, so that templates can say `step.ID`: given, or its kind for
    the first of a kind and then `mail_2`, `mail_3`; it is what a run stands at, and `step.ID` is
    what came of it.

    `settings` are the kind's own (`shapes`), checked, with the defaults filled in; one that was not
    written and has no default is not in it. A `condition` is a Condition, an `event` an
    EventTrigger, `rules` a tuple of Rule, a `list` a tuple of texts, `values` and `choices` are
    mappings of texts; where one is a branch it holds the place in `Playbook.steps` at which the
    branch begins. `next` is the place
    after it and its branches; that of the last step of a branch is where the branches meet; one
    after the last step is the end. `failed` says what to do where it fails for good: go on, stop
    the run (and tell), or ask a person. `line` is where it stands in the file.
    """

    id: str
    kind: StepKind
    settings: Mapping[str, object]
    next: int
    failed: Literal["stop", "go on", "ask"] = "stop"
    label: str | None = None
    line: int = 0


# What holds it back ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """What ends a run early, well: an event, an outcome, a condition that comes true."""

    label: str
    event: EventTrigger | None = None
    outcome: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    """`again_after_us`: None is never a second time, 0 at each trigger. `settle_us`: the trigger
    must hold for so long before anything starts. `a_day`: the most leads started in a day; what is
    over it waits (`over: wait`) or is left out. `cool_down_us`: after any playbook of the same
    `group` ended. `quiet`: whether quiet hours hold; `caps`: whether the caps on messages do."""

    again_after_us: int | None = None
    settle_us: int = 0
    a_day: int | None = None
    over: Literal["wait", "leave out"] = "wait"
    cool_down_us: int = 0
    group: str | None = None
    quiet: bool = True
    caps: bool = True
    still: Condition | None = None
    """Looked at before each step: where it is not met any more, the run stops."""


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook. `steps` are flat: branches are jumps, so a run stands at one place."""

    id: str
    number: int
    label: str
    about: str
    language: str
    triggers: tuple[Trigger, ...]
    when: Condition | None
    measures: tuple[Measure, ...]
    steps: tuple[Step, ...]
    goals: tuple[Goal, ...]
    safety: Safety
