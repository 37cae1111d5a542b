"""Schedules: at each time all leads are gone through, in parts, and those that meet `when` start.

What was missed while nobody worked is made up for once. How far a round came is kept, so a process
that is killed goes on where it was, and nobody is looked at twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import Connection

from leadwise.asking.instants import written
from leadwise.playbooks.model import ScheduleTrigger
from leadwise.playbooks.triggers.cursors import cursor, move
from leadwise.playbooks.triggers.model import Candidate, Live
from leadwise.store.driver import ask

PART = 300
"""Leads of one transaction."""
DONE = -1


@dataclass(frozen=True, slots=True)
class Round:
    """A time of a schedule, and the last lead that was looked at; DONE where all were."""

    place: int
    at_us: int
    lead_id: int


def last_time(trigger: ScheduleTrigger, until_us: int) -> int:
    """The last time of the schedule up to and with an instant (microseconds)."""
    there = datetime.fromtimestamp(until_us // 1_000_000, UTC).astimezone(ZoneInfo(trigger.zone))
    # From a second later on, because a time itself is not before it.
    after = datetime.fromtimestamp(there.timestamp() + 1, ZoneInfo(trigger.zone))
    found: datetime = croniter(trigger.cron, after).get_prev(datetime)
    return int(found.timestamp()) * 1_000_000


def rounds(connection: Connection, live: Live, now_us: int) -> list[Round]:
    """The rounds of a playbook that are to begin now or are under way."""
    found = []
    for place, trigger in enumerate(live.playbook.triggers):
        if isinstance(trigger, ScheduleTrigger):
            name = _name(live, place)
            at_us = cursor(connection, name) or 0
            lead_id = cursor(connection, f"{name}:lead")
            if lead_id is not None and lead_id != DONE and at_us >= live.since_us:
                found.append(Round(place, at_us, lead_id))
                continue
            next_us = last_time(trigger, now_us)
            if next_us > max(at_us, live.since_us):
                found.append(Round(place, next_us, 0))
    return found


def schedule_candidates(connection: Connection, round_: Round) -> tuple[list[Candidate], Round]:
    """The next part of a round's leads, and how far it is then."""
    ids = [row[0] for row in ask(connection, _LEADS, after=round_.lead_id, limit=PART)]
    told = {"name": "schedule", "at": written(round_.at_us)}
    found = [
        Candidate(
            f"schedule:{round_.place}:{round_.at_us}:{lead_id}", "schedule", round_.place, lead_id,
            round_.at_us, {"event": told},
        )
        for lead_id in ids
    ]  # fmt: skip
    return found, Round(round_.place, round_.at_us, ids[-1] if len(ids) == PART else DONE)


def keep_round(connection: Connection, live: Live, round_: Round) -> None:
    """Remember how far a round is."""
    name = _name(live, round_.place)
    move(connection, name, round_.at_us)
    move(connection, f"{name}:lead", round_.lead_id)


def _name(live: Live, place: int) -> str:
    return f"schedule:{live.playbook.id}:{place}"


_LEADS = (
    "SELECT id FROM lead WHERE id > :after AND merged_into IS NULL AND erased_us IS NULL "
    "AND objected_us IS NULL ORDER BY id LIMIT :limit"
)
