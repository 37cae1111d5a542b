"""What inner steps ask: their own result so far, the lead's clock, what it did, who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from leadwise.connect.model import JSON
from leadwise.errors import UserError
from leadwise.plan.relations import FOREVER
from leadwise.playbooks.conditions.deciding import ask_events, document
from leadwise.playbooks.conditions.lead_zone import ZoneRules, zone_of, zone_rules
from leadwise.playbooks.model import EventTrigger
from leadwise.playbooks.runs.acting import Here, Run
from leadwise.settings import Settings
from leadwise.store.absences import absent_members
from leadwise.store.documents import values_of
from leadwise.store.driver import ask
from leadwise.store.members import ROLES, find_member, get_member
from leadwise.store.owners import owner_of
from leadwise.store.schema import lead_fact, playbook_step

MOST_EVENTS = 200
"""Events that are looked at for one that is waited for: more of one kind in one wait are a robot's.
"""


@dataclass(frozen=True, slots=True)
class Whose:
    """Who is to do something: a member, or anybody of a role, or of the team where neither is."""

    member_id: int | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that was waited for."""

    event_id: int
    at_us: int


def own_result(here: Here) -> Mapping[str, JSON] | None:
    """What the step answered when it was asked before; None where it was not."""
    steps = here.run.doc.get("step")
    found = steps.get(here.step.id) if isinstance(steps, dict) else None
    return found if isinstance(found, dict) else None


def rules_of(here: Here) -> ZoneRules:
    """How the lead's zone is found."""
    return zone_rules((here.settings or Settings()).playbooks)


def zone_of_lead(connection: Connection, here: Here) -> ZoneInfo:
    """Where the lead's clock is; the team's, where that is not known."""
    own = (lead_fact.c.lead_id == here.run.lead_id) & (lead_fact.c.until_us == FOREVER)
    found = connection.execute(select(lead_fact.c.doc).where(own)).scalar()
    facts = values_of(document(found)) if found is not None else {}
    return zone_of(facts, rules_of(here), here.now_us)


def since_of(connection: Connection, run: Run) -> int:
    """From when on an event counts that a step waits for: when the step before it began."""
    own = (playbook_step.c.run_id == run.id) & (playbook_step.c.number == run.number - 1)
    found: int | None = connection.execute(select(playbook_step.c.began_us).where(own)).scalar()
    return run.began_us if found is None else found


def first_event(
    connection: Connection, lead_id: int | None, wanted: EventTrigger, from_us: int, until_us: int
) -> Happened | None:
    """The first event of the lead in that time that is meant; those of robots are not."""
    if lead_id is None:
        return None
    rows = ask(
        connection, _EVENTS, lead=lead_id, event=wanted.event, from_=from_us, until=until_us,
        most=MOST_EVENTS,
    )  # fmt: skip
    if wanted.where is None or not rows:
        return Happened(rows[0][0], rows[0][1]) if rows else None
    happened = [(row[0], row[1], document(row[2])) for row in rows]
    verdicts = ask_events(connection, wanted.event, [wanted.where], happened)
    for id_, at_us, _ in happened:
        if verdicts[id_][wanted.where.text]:
            return Happened(id_, at_us)
    return None


def whose(connection: Connection, here: Here, text: str) -> Whose:
    """Who is named: `owner`, `team`, an address, `role:...`. UserError (`member-unknown`) where
    that is nobody. Who is away or cannot sign in any more is given nothing: then it is the team's.
    """
    named = text.strip()
    if named in ("", "team"):
        return Whose()
    if named == "owner":
        return _there(connection, here, _owner(connection, here.run))
    role = named.removeprefix("role:")
    if role != named and role in ROLES:
        return Whose(role=role)
    member = find_member(connection, email=named)
    if member is None:
        raise UserError(
            "member-unknown", f"Nobody of the team has the address {named}.",
            hint="Write owner, team, role:representative or a member's address.",
        )  # fmt: skip
    return _there(connection, here, member.id)


def _owner(connection: Connection, run: Run) -> int | None:
    return None if run.lead_id is None else owner_of(connection, run.lead_id)


def _there(connection: Connection, here: Here, member_id: int | None) -> Whose:
    if member_id is None or get_member(connection, member_id).disabled_us is not None:
        return Whose()
    return Whose() if member_id in absent_members(connection, here.now_us) else Whose(member_id)


_EVENTS = """
SELECT e.id, e.at_us, e.doc FROM identity_lead AS o
JOIN event AS e ON e.identity_id = o.identity_id AND e.at_us >= o.from_us AND e.at_us < o.until_us
WHERE o.lead_id = :lead AND e.event = :event AND e.at_us >= :from_ AND e.at_us <= :until
AND NOT EXISTS (SELECT 1 FROM event_mark AS m WHERE m.event_id = e.id AND m.cleared_us IS NULL)
ORDER BY e.at_us, e.id LIMIT :most
"""
