"""What follow-up keeps of a person, for the person's export: all that `followed` erases, and what
was sent where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, text

from leadwise.plan.relations import FOREVER
from leadwise.store.person import Person, found_in
from leadwise.store.schema import connection as system
from leadwise.store.schema import (
    contact,
    exchange,
    held_out,
    lead_owner,
    mail,
    mail_attachment,
    member,
    playbook_lead,
    playbook_left_out,
    playbook_pending,
    playbook_run,
    playbook_step,
    pushed,
    remote_record,
    snooze,
    suppression,
    task,
)

Rows = list[dict[str, Any]]
_PLAIN: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "tasks": (task, ("id",)), "contacts": (contact, ("id",)),
    "playbooks": (playbook_lead, ("playbook", "lead_id")),
    "waiting_starts": (playbook_pending, ("since_us", "trigger")),
    "left_out": (playbook_left_out, ("at_us", "why", "slot")),
    "experiments": (held_out, ("experiment_id", "lead_id")),
}  # fmt: skip
"""By the name in the export a table with a lead's id, and the order of its rows."""


def export_followed(connection: Connection, person: Person) -> dict[str, Rows]:
    """Rows by what they are: runs with their steps, tasks, mails, messages that reached for the
    person, what other systems were told and made, who has the lead, addresses that nothing is sent
    to."""
    found: dict[str, Rows] = {
        "runs": _runs(connection, person),
        "mails": _mails(connection, person),
    }
    for name, (table, order) in _PLAIN.items():
        own = select(table).where(table.c.lead_id.in_(person.lead_ids))
        found[name] = _rows(connection, own.order_by(*(table.c[one] for one in order)))
    known = {row["id"] for row in found["tasks"]}
    for run in found["runs"]:
        own = select(task).where(task.c.run_id == run["id"]).order_by(task.c.id)
        found["tasks"] += [row for row in _rows(connection, own) if row["id"] not in known]
    found["owners"] = _rows(
        connection,
        select(member.c.name, member.c.email, lead_owner.c.since_us)
        .join(lead_owner, lead_owner.c.member_id == member.c.id)
        .where(lead_owner.c.lead_id.in_(person.lead_ids)),
    )
    found["snoozed"] = _rows(
        connection,
        select(member.c.name, snooze.c.until_us)
        .join(snooze, snooze.c.member_id == member.c.id)
        .where(snooze.c.lead_id.in_(person.lead_ids)),
    )
    found["told_to_systems"] = _pushed(connection, person)
    found["records_in_systems"] = _records(connection, found["runs"])
    found["exchanges"] = _exchanges(connection, person)
    addresses = addresses_of(person)
    sent = select(mail_attachment).where(mail_attachment.c.sender.in_(addresses))
    found["attachments"] = _rows(connection, sent.order_by(mail_attachment.c.id))
    found["nothing_is_sent_to"] = _rows(
        connection, select(suppression).where(suppression.c.address.in_(addresses))
    )
    return found


def addresses_of(person: Person) -> list[str]:
    """The e-mail addresses that are the person's now."""
    return [s.value for s in person.spans if s.kind == "email" and s.until_us == FOREVER]


def runs_that_name(connection: Connection, person: Person) -> list[int]:
    """Runs of messages, which are no lead's, in which the person is named."""
    own = playbook_run.c.lead_id.is_(None)
    holds = text(found_in(connection, "CAST(doc AS text)"))
    rows = select(playbook_run.c.id).where(own, holds)
    return sorted(
        {id_ for name in person.names for id_ in connection.scalars(rows, {"name": name})}
    )


def _runs(connection: Connection, person: Person) -> Rows:
    table = playbook_run
    own = table.c.lead_id.in_(person.lead_ids) | table.c.id.in_(runs_that_name(connection, person))
    found = _rows(connection, select(table).where(own).order_by(table.c.id))
    for run in found:
        steps = select(playbook_step).where(playbook_step.c.run_id == run["id"])
        run["steps"] = _rows(connection, steps.order_by(playbook_step.c.number))
    return found


def _mails(connection: Connection, person: Person) -> Rows:
    """Those to the lead, and those to an address of the person's that answered messages."""
    own = mail.c.lead_id.in_(person.lead_ids) | mail.c.address.in_(addresses_of(person))
    return _rows(connection, select(mail).where(own).order_by(mail.c.id))


def _pushed(connection: Connection, person: Person) -> Rows:
    """Which systems were told a score of the person, when, of which record, and how it went."""
    rows = (
        select(
            system.c.name.label("system"), system.c.kind, pushed.c.lead_id, pushed.c.remote_id,
            pushed.c.as_of_us, pushed.c.at_us, pushed.c.state, pushed.c.why,
        )
        .join(system, system.c.id == pushed.c.connection_id)
        .where(pushed.c.lead_id.in_(person.lead_ids))
        .order_by(system.c.name, pushed.c.lead_id)
    )  # fmt: skip
    return _rows(connection, rows)


def _records(connection: Connection, runs: Rows) -> Rows:
    """What the steps of these runs made in other systems."""
    keys = [f"run-{run['id']}-{step['number']}" for run in runs for step in run["steps"]]
    found: Rows = []
    for start in range(0, len(keys), 500):
        rows = (
            select(
                system.c.name.label("system"), remote_record.c.noun, remote_record.c.remote_id,
                remote_record.c.key, remote_record.c.at_us,
            )
            .join(system, system.c.id == remote_record.c.connection_id)
            .where(remote_record.c.key.in_(keys[start : start + 500]))
            .order_by(remote_record.c.at_us, remote_record.c.key)
        )  # fmt: skip
        found += _rows(connection, rows)
    return found


def _exchanges(connection: Connection, person: Person) -> Rows:
    """Exchanges with other systems whose record names the person."""
    found: dict[int, dict[str, Any]] = {}
    holds = select(exchange).where(text(found_in(connection, "detail"))).order_by(exchange.c.id)
    for name in person.names:
        for row in connection.execute(holds, {"name": name}):
            found[row.id] = dict(row._mapping)
    return [found[id_] for id_ in sorted(found)]


def _rows(connection: Connection, rows: Any) -> Rows:
    return [dict(row._mapping) for row in connection.execute(rows)]
