"""Tasks that were done or refused, or are overdue.

A task is changed, not added to, so it is followed by the clock: what ended a few seconds ago, by
when whoever ended it has surely committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.playbooks.model import TaskTrigger
from leadwise.playbooks.triggers.model import Candidate, Live
from leadwise.store.driver import ask

SETTLED_US = 5_000_000
"""How long a transaction that ends a task may take at most."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A task and what became of it at `at_us`."""

    id: int
    lead_id: int
    kind: str
    title: str
    state: str
    at_us: int
    by: str | None
    said: str | None


def tasks_between(
    connection: Connection, after_us: int, up_to_us: int, limit: int
) -> tuple[list[Ended], int]:
    """Tasks of leads that were ended, or became overdue, after one instant and up to another; and
    the instant up to which these are all of them."""
    found: list[Ended] = []
    for sql in (_ENDED, _OVERDUE):
        rows, up_to_us = _part(connection, sql, after_us, up_to_us, limit)
        found += rows
    within = [one for one in found if one.at_us <= up_to_us]
    return sorted(within, key=lambda one: (one.at_us, one.id)), up_to_us


def _part(
    connection: Connection, sql: str, after_us: int, up_to_us: int, limit: int
) -> tuple[list[Ended], int]:
    """Some `limit` tasks, and up to when these are all: those of one instant stay together."""
    rows = [
        Ended(*row)
        for row in ask(connection, sql, after=after_us, up_to=up_to_us, limit=limit)
    ]  # fmt: skip
    if len(rows) < limit:
        return rows, up_to_us
    last_us = rows[-1].at_us
    before = [one for one in rows if one.at_us < last_us]
    if before:
        return before, last_us - 1
    same = ask(connection, sql, after=last_us - 1, up_to=last_us, limit=2**31)
    return [Ended(*row) for row in same], last_us


def task_candidates(live: Live, tasks: Sequence[Ended]) -> list[Candidate]:
    """The tasks that start this playbook."""
    return [
        Candidate(
            f"task:{one.id}:{one.state}:{one.at_us}", "task", place, one.lead_id, one.at_us,
            {"event": _told(one)}, row_id=one.id,
        )
        for place, trigger in enumerate(live.playbook.triggers)
        if isinstance(trigger, TaskTrigger)
        for one in tasks
        if one.state == trigger.state
        and trigger.kind in (None, one.kind)
        and one.at_us >= live.since_us
    ]  # fmt: skip


def task_holds(connection: Connection, trigger: TaskTrigger, one: Candidate) -> bool:
    """Whether the task is still as the trigger has it."""
    wanted = "open" if trigger.state == "overdue" else trigger.state
    return bool(ask(connection, _STATE, id=one.row_id, state=wanted))


def _told(one: Ended) -> dict[str, Any]:
    return {
        "name": f"task_{one.state}", "at": written(one.at_us), "task": one.id, "kind": one.kind,
        "title": one.title, "by": one.by, "said": one.said,
    }  # fmt: skip


_ENDED = """
SELECT id, lead_id, kind, title, state, ended_us, ended_by, said FROM task
WHERE ended_us > :after AND ended_us <= :up_to AND lead_id IS NOT NULL
ORDER BY ended_us, id LIMIT :limit
"""
_OVERDUE = """
SELECT id, lead_id, kind, title, 'overdue', due_us, NULL, NULL FROM task
WHERE state = 'open' AND due_us > :after AND due_us <= :up_to AND lead_id IS NOT NULL
ORDER BY due_us, id LIMIT :limit
"""
_STATE = "SELECT 1 FROM task WHERE id = :id AND state = :state"
