"""What is under way for a lead: its open tasks, those due first, and its runs of playbooks, the
newest first; a few of each, with the way to all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.store.playbooks import list_playbooks
from leadwise.store.runs import RunRow, list_runs
from leadwise.store.tasks import Task, list_tasks
from leadwise.web.pages.playbooks.parts import state_words
from leadwise.web.pages.visit import Visit

MOST = 5
"""Of each on the page of a lead."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`late` are the ids of late tasks; `words` say what the states of runs are called; `asks`:
    whether any playbook is live, so that one may ask why it did nothing."""

    tasks: list[Task]
    more_tasks: bool
    late: frozenset[int]
    runs: list[RunRow]
    more_runs: bool
    words: dict[str, str]
    asks: bool


def follow_up(connection: Connection, visit: Visit, lead_id: int) -> FollowUp | None:
    """None where nothing was ever begun for the lead, and nothing can be."""
    tasks = list_tasks(connection, lead_id=lead_id, state="open", limit=MOST + 1)
    runs = list_runs(connection, lead_id=lead_id, limit=MOST + 1)
    asks = any(one.status in ("live", "paused") for one in list_playbooks(connection))
    if not tasks and not runs and not asks:
        return None
    late = frozenset(one.id for one in tasks if one.due_us and one.due_us < visit.now_us)
    return FollowUp(
        tasks[:MOST],
        len(tasks) > MOST,
        late,
        runs[:MOST],
        len(runs) > MOST,
        state_words(visit),
        asks,
    )
