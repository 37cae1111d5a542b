"""Runs that need not wait any longer: what they await happened, or a goal was reached.

To wake a run is to have it looked at now. Its step, and its goals, look for themselves whether it
is so, and a run that was woken for nothing waits on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from leadwise.playbooks.conditions.goals import events_of_goals, outcomes_of_goals
from leadwise.playbooks.model import EventTrigger, Playbook
from leadwise.playbooks.triggers.events import Happened
from leadwise.store.bulk import as_list, listed, listed_whole
from leadwise.store.driver import ask
from leadwise.store.runs import wake


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the runs that are under way look out for: events that steps wait for, events and
    outcomes that are goals; `goals` are the playbooks that have any."""

    awaited: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    goals: frozenset[str] = field(default=frozenset())

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to look out for."""
        return not (self.awaited or self.events or self.outcomes)


def wanted_by(playbooks: Iterable[Playbook]) -> Wanted:
    """What runs of these playbooks look out for."""
    listed = list(playbooks)
    awaited = {
        setting.event
        for one in listed
        for step in one.steps
        if step.kind == "wait"
        for setting in step.settings.values()
        if isinstance(setting, EventTrigger)
    }
    return Wanted(
        frozenset(awaited), frozenset(events_of_goals(listed)),
        frozenset(outcomes_of_goals(listed)), frozenset(one.id for one in listed if one.goals),
    )  # fmt: skip


def wake_by_events(
    connection: Connection, wanted: Wanted, events: Sequence[Happened], now_us: int
) -> int:
    """How many runs these events woke."""
    woken = 0
    for one in events:
        if one.event in wanted.awaited:
            woken += wake(connection, one.lead_id, one.event, one.id, now_us)
    reached = {one.lead_id for one in events if one.event in wanted.events}
    return woken + look_at(connection, wanted.goals, reached, now_us)


def wake_by_outcomes(
    connection: Connection, wanted: Wanted, after_id: int, up_to_id: int, limit: int, now_us: int
) -> tuple[int, int, int]:
    """How many outcomes there were, how many runs they woke, and up to which id was looked."""
    rows = ask(connection, _OUTCOMES, after=after_id, up_to=up_to_id, limit=limit)
    reached = {lead_id for _, lead_id, kind in rows if kind in wanted.outcomes}
    woken = look_at(connection, wanted.goals, reached, now_us)
    return len(rows), woken, rows[-1][0] if len(rows) == limit else up_to_id


def look_at(
    connection: Connection, playbooks: Iterable[str], lead_ids: Iterable[int], now_us: int
) -> int:
    """Have the waiting runs of these playbooks and leads looked at now; how many."""
    leads = sorted(lead_ids)
    if not leads:
        return 0
    sql = (
        "UPDATE playbook_run SET due_us = :now WHERE state = 'waiting' AND due_us > :now "  # noqa: S608 - our own SQL
        f"AND lead_id IN {listed_whole(connection)} AND playbook IN "
        f"{listed(connection).replace(':list', ':names')} "
        "RETURNING id"
    )
    return len(
        ask(connection, sql, now=now_us, list=as_list(leads), names=as_list(sorted(playbooks)))
    )


_OUTCOMES = (
    "SELECT id, lead_id, kind FROM outcome WHERE id > :after AND id <= :up_to "
    "ORDER BY id LIMIT :limit"
)
