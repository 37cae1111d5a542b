"""Goals: what ends a run early, well. What happened since its trigger counts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from leadwise.playbooks.conditions.deciding import ask_events, decide, document
from leadwise.playbooks.conditions.lead_zone import ZoneRules
from leadwise.playbooks.conditions.whole_lead import all_ids
from leadwise.playbooks.model import EventTrigger, Goal, Playbook
from leadwise.playbooks.runs.acting import Run
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.driver import ask

MOST_EVENTS = 200
"""Events of one kind since the trigger that are looked at, the first ones."""


def reached(
    connection: Connection, run: Run, now_us: int, rules: ZoneRules | None = None
) -> str | None:
    """The label of the first goal that the run's lead has reached since what started it; None
    where there is none."""
    if run.lead_id is None:
        return None
    for goal in run.playbook.goals:
        if _reached(connection, run, goal, now_us, rules):
            return goal.label
    return None


def reached_since(
    connection: Connection, playbook: Playbook, lead_id: int, doc: dict[str, object], at_us: int,
    now_us: int,
) -> str | None:  # fmt: skip
    """The same of a run that is only about to start, for what happened at `at_us`."""
    run = Run(0, playbook, lead_id, 0, 0, at_us, doc)  # type: ignore[arg-type]  # JSON of ours
    return reached(connection, run, now_us) if playbook.goals else None


def events_of_goals(playbooks: Iterable[Playbook]) -> set[str]:
    """The names of the events that are goals."""
    return {goal.event.event for one in playbooks for goal in one.goals if goal.event is not None}


def outcomes_of_goals(playbooks: Iterable[Playbook]) -> set[str]:
    """The kinds of outcomes that are goals."""
    return {goal.outcome for one in playbooks for goal in one.goals if goal.outcome is not None}


def _reached(
    connection: Connection, run: Run, goal: Goal, now_us: int, rules: ZoneRules | None
) -> bool:
    assert run.lead_id is not None
    since_us, began_by = _trigger(run)
    if goal.event is not None:
        return bool(happened(connection, run.lead_id, goal.event, since_us, now_us, began_by))
    if goal.outcome is not None:
        return became(connection, run.lead_id, goal.outcome, since_us, now_us)
    if goal.condition is None:
        return False
    return decide(connection, run.playbook, goal.condition, run.lead_id, now_us, rules) is True


def _trigger(run: Run) -> tuple[int, int]:
    """The instant of what started the run, and the id of the event if it was one."""
    trigger = run.doc.get("trigger")
    if not isinstance(trigger, dict):
        return run.began_us, 0
    at_us, event_id = trigger.get("at_us"), trigger.get("event_id")
    return (
        at_us if isinstance(at_us, int) else run.began_us,
        event_id if isinstance(event_id, int) else 0,
    )


def happened(
    connection: Connection, lead_id: int, wanted: EventTrigger, since_us: int, until_us: int,
    but: int,
) -> list[int]:  # fmt: skip
    """When a lead did what is meant in a time (both ends belong to it), but for one event."""
    rows = ask(
        connection, _EVENTS, lead=lead_id, event=wanted.event, since=since_us, until=until_us,
        but=but, most=MOST_EVENTS,
    )  # fmt: skip
    if wanted.where is None or not rows:
        return [at_us for _, at_us, _ in rows]
    events = [(id_, at_us, document(doc)) for id_, at_us, doc in rows]
    verdicts = ask_events(connection, wanted.event, [wanted.where], events)
    return [at_us for id_, at_us, _ in events if verdicts[id_][wanted.where.text]]


def became(connection: Connection, lead_id: int, kind: str, since_us: int, until_us: int) -> bool:
    """Whether that became of a lead in a time."""
    ids = sorted(all_ids(connection, [lead_id])[lead_id])
    sql = (
        "SELECT 1 FROM outcome WHERE kind = :kind AND at_us >= :since AND at_us <= :until "  # noqa: S608 - our own SQL
        f"AND lead_id IN {listed_whole(connection)} LIMIT 1"
    )
    return bool(ask(connection, sql, kind=kind, since=since_us, until=until_us, list=as_list(ids)))


_EVENTS = """
SELECT e.id, e.at_us, e.doc FROM identity_lead AS o
JOIN event AS e ON e.identity_id = o.identity_id AND e.at_us >= o.from_us AND e.at_us < o.until_us
WHERE o.lead_id = :lead AND e.event = :event AND e.at_us >= :since AND e.at_us <= :until
AND e.id <> :but
AND NOT EXISTS (SELECT 1 FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)
ORDER BY e.at_us, e.id LIMIT :most
"""
