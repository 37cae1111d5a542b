"""What running is made of: how texts are read, what holds back, which function does which step.

`ways_of` puts the real parts together; tests of the engine put in their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Connection as Database

from leadwise.playbooks.model import Playbook, Step, StepKind
from leadwise.playbooks.runs.acting import Inner, Outer, Run, Verdict
from leadwise.settings import Settings

Text: TypeAlias = Callable[[str], str]
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Patience:
    """When a step that failed in a way that may pass is asked again: after `first_us`, then twice
    that, never more than `longest_us`, and no sooner than the other side asks for; `whole_us` after
    its first failure the step has failed for good. `lost_us`: a job of which nothing was heard for
    so long is looked for, and once it was found, again each `found_us`: what is in the book of jobs
    is not lost any more."""

    first_us: int = 30_000_000
    longest_us: int = HOUR_US
    whole_us: int = 24 * HOUR_US
    lost_us: int = 5_000_000
    found_us: int = 60_000_000


@dataclass(frozen=True, slots=True)
class Ways:
    """`read` gives the playbook of a version's text; `text` the filling-in of templates for a run;
    `reached` the goal that it has reached; `may_go` what holds a step back."""

    read: Callable[[str], Playbook]
    text: Callable[[Database, Run, int], Text]
    reached: Callable[[Database, Run, int], str | None]
    may_go: Callable[[Database, Run, Step, int], Verdict]
    inner: Callable[[StepKind], Inner | None]
    outer: Callable[[StepKind], Outer | None]
    settings: Settings
    patience: Patience = Patience()


def ways_of(settings: Settings) -> Ways:
    """The real ones."""
    from leadwise.playbooks.conditions.goals import reached
    from leadwise.playbooks.conditions.lead_zone import zone_rules
    from leadwise.playbooks.safety.holding import holder
    from leadwise.playbooks.steps import inner_of, outer_of
    from leadwise.playbooks.texts.values import texts_of_run

    rules, hours = zone_rules(settings.playbooks), settings.playbooks.retry_hours

    def goal(connection: Database, run: Run, now_us: int) -> str | None:
        return reached(connection, run, now_us, rules) if run.playbook.goals else None

    def text(connection: Database, run: Run, now_us: int) -> Text:
        return texts_of_run(connection, run, now_us, settings)

    return Ways(
        read_playbook, text, goal, holder(settings), inner_of, outer_of, settings,
        Patience(whole_us=hours * HOUR_US),
    )  # fmt: skip


@lru_cache(maxsize=256)
def read_playbook(text: str) -> Playbook:
    """The playbook of a text that was checked when it was added. CardError where it cannot be read
    (any more)."""
    from leadwise.playbooks.language.parse import playbook_of

    return playbook_of(text)
