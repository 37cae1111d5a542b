"""What triggers hand on: something that happened which a playbook begins with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection

from leadwise.playbooks.conditions.lead_zone import ZoneRules, zone_rules
from leadwise.playbooks.model import Playbook
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.playbooks import PlaybookVersion

By: TypeAlias = Literal["band", "score", "event", "message", "answer", "task", "schedule"]
STATES: frozenset[By] = frozenset({"band", "score", "answer", "schedule"})
"""What says how a lead is: of these no second run of a playbook begins while one is under way. An
event, a message or a task is a matter of its own each time."""
REMEMBERED = 50
"""Leads of one round and reason of whom it is remembered why they were not started."""
HOUR_US = 3_600_000_000
TAKE_OVER_US = 60_000_000
"""What happened so shortly before a new version of a playbook that was live is the new one's, where
the old one had not taken it yet."""


@dataclass(frozen=True, slots=True)
class Live:
    """A playbook that starts runs; `since_us` is from when on what happens does."""

    version: PlaybookVersion
    playbook: Playbook
    since_us: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trigger that fits a playbook's start at `place`. `key` tells it apart for ever, so that it
    starts one run at most; `doc` is what the run will be told of it; `wait_us` is how long it has
    to hold whatever the playbook says."""

    key: str
    by: By
    place: int
    lead_id: int | None
    at_us: int
    doc: dict[str, Any] = field(default_factory=dict)
    event_id: int | None = None
    row_id: int | None = None
    wait_us: int = 0

    @property
    def document(self) -> dict[str, Any]:
        """`doc` of the run, with what is known of the trigger under `trigger`."""
        trigger = {"by": self.by, "place": self.place, "at_us": self.at_us}
        if self.event_id is not None:
            trigger["event_id"] = self.event_id
        if self.row_id is not None:
            trigger["row_id"] = self.row_id
        return {**self.doc, "trigger": trigger}


def candidate_of(key: str, lead_id: int | None, document: dict[str, Any]) -> Candidate:
    """The candidate of a document (`Candidate.document`)."""
    doc = dict(document)
    trigger = doc.pop("trigger")
    return Candidate(
        key, trigger["by"], trigger["place"], lead_id, trigger["at_us"], doc,
        trigger.get("event_id"), trigger.get("row_id"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the settings decides about starts. `late_us`: what is reported later than that after
    it happened starts nothing; `burst_us`: how long the bot gate may take to doubt a click;
    `answers`: whether a template is for answers (`mail_templates.is_answer`)."""

    playbooks: PlaybookSettings
    zones: ZoneRules
    late_us: int
    burst_us: int
    answers: Callable[[Connection | None, str], bool]


def rules_of(settings: Settings) -> Rules:
    """The rules that the settings state."""
    from leadwise.playbooks.mails.templates import is_answer  # it brings what makes mails

    def answers(connection: Connection | None, name: str) -> bool:
        return is_answer(connection, settings, name)

    own = settings.playbooks
    burst_us = (settings.gate.burst_seconds + settings.gate.delivery_seconds) * 1_000_000
    return Rules(own, zone_rules(own), own.late_hours * HOUR_US, burst_us, answers)


@dataclass(slots=True)
class Taken:
    """What one round did: rows looked at, runs started, runs woken, and why others were not
    started, by a word each."""

    looked: int = 0
    started: int = 0
    woken: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    left_out: list[tuple[Candidate, str]] = field(default_factory=list)
    """The first of each reason, to be remembered; not added up."""

    def refuse(self, one: Candidate, why: str) -> None:
        """A candidate is not started, for a reason."""
        self.refused[why] += 1
        if self.refused[why] <= REMEMBERED:
            self.left_out.append((one, why))

    def add(self, other: Taken) -> None:
        """With what another one did."""
        self.looked += other.looked
        self.started += other.started
        self.woken += other.woken
        self.waiting += other.waiting
        self.refused.update(other.refused)
