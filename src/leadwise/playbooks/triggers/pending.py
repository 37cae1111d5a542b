"""Triggers that wait: until they have held for long enough, or for a day that is not full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from leadwise.playbooks.conditions.deciding import document
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    EventTrigger,
    MessageTrigger,
    ScoreTrigger,
    TaskTrigger,
    Trigger,
)
from leadwise.playbooks.triggers.answers import answer_holds
from leadwise.playbooks.triggers.bands import band_holds
from leadwise.playbooks.triggers.events import is_unmarked
from leadwise.playbooks.triggers.left_out import remember
from leadwise.playbooks.triggers.model import Candidate, Live, Taken, candidate_of
from leadwise.playbooks.triggers.scores import score_holds
from leadwise.playbooks.triggers.starting import Desk, consider
from leadwise.playbooks.triggers.tasks import task_holds
from leadwise.store.schema import playbook_pending

AT_ONCE = 200


def is_pending_due(connection: Connection, now_us: int) -> bool:
    """Whether any trigger has waited for long enough."""
    due = select(playbook_pending.c.trigger).where(playbook_pending.c.due_us <= now_us).limit(1)
    return connection.execute(due).scalar() is not None


def take_pending(desk: Desk, lives: Sequence[Live]) -> Taken:
    """Start what has waited for long enough and still holds; those longest there come first."""
    rows = _due(desk)
    taken = Taken()
    by_playbook = {live.playbook.id: live for live in lives}
    found: dict[str, list[Candidate]] = {}
    gone: dict[str, Taken] = {}
    for row in rows:
        _drop(desk.connection, row.playbook, row.trigger)
        live = by_playbook.get(row.playbook)
        if live is None:
            taken.refused["is of a playbook that is live no more"] += 1
            continue
        one = candidate_of(row.trigger, row.lead_id, document(row.doc))
        if _holds(desk, live, one):
            found.setdefault(row.playbook, []).append(one)
        else:
            gone.setdefault(row.playbook, Taken()).refuse(one, "holds no more")
    for playbook, lost in gone.items():
        remember(desk.connection, playbook, lost.left_out, lost.refused, desk.now_us)
        taken.add(lost)
    for playbook, candidates in found.items():
        taken.add(consider(desk, by_playbook[playbook], candidates, held=True))
    taken.looked = len(rows)
    return taken


def _due(desk: Desk) -> Sequence[Any]:
    table = playbook_pending
    rows = select(table).where(table.c.due_us <= desk.now_us)
    ordered = rows.order_by(table.c.due_us, table.c.since_us, table.c.trigger)
    return desk.connection.execute(ordered.limit(AT_ONCE)).all()


def _drop(connection: Connection, playbook: str, trigger: str) -> None:
    table = playbook_pending
    own = (table.c.playbook == playbook) & (table.c.trigger == trigger)
    connection.execute(delete(table).where(own))


def _holds(desk: Desk, live: Live, one: Candidate) -> bool:
    triggers = live.playbook.triggers
    if one.place >= len(triggers):
        return False  # another version is live by now, and has fewer starts
    return _still(desk, triggers[one.place], one)


def _still(desk: Desk, trigger: Trigger, one: Candidate) -> bool:
    """Whether what was true when it began to wait is still true."""
    match (trigger, one.by):
        case (BandTrigger(), "band"):
            return band_holds(desk.connection, trigger, one)
        case (ScoreTrigger(), "score"):
            return score_holds(desk.connection, trigger, one)
        case (EventTrigger(), "event") | (MessageTrigger(), "message"):
            return is_unmarked(desk.connection, one.event_id)
        case (AnswerTrigger(), "answer"):
            return answer_holds(desk.connection, trigger, one, desk.now_us)
        case (TaskTrigger(), "task"):
            return task_holds(desk.connection, trigger, one)
        case (_, by):
            return by == "schedule"
