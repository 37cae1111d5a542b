"""What follow-up keeps of a lead: runs, tasks, mails, what other systems were told.

It goes when the person is erased, ends when the person objects, follows the lead when leads are
merged, and is part of the person's export (`followed_export`). Addresses that nothing is sent to
(`suppression`) stay: without them the person would be written to again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.attachments import forget_attachments_of
from leadwise.store.blanks import blank_erased, blank_objected
from leadwise.store.followed_export import addresses_of, runs_that_name
from leadwise.store.person import Person, found_in
from leadwise.store.runs import ACTIVE, delete_runs, stop_runs
from leadwise.store.schema import (
    contact,
    exchange,
    mail,
    playbook_lead,
    playbook_left_out,
    playbook_pending,
    playbook_run,
    playbook_step,
    remote_record,
    task,
)

MOVED_WITH: tuple[Table, ...] = (playbook_run, task, mail, contact)
"""Of these the rows of a lead become those of the lead that it is part of."""
_OF_LEADS: tuple[Table, ...] = (
    task, contact, playbook_lead, playbook_pending, playbook_left_out,
)  # fmt: skip
OBJECTED = "The person objected to being scored."


def forget_followed(connection: Connection, person: Person, now_us: int) -> None:
    """Erase all of it. Who moves a run in another process is waited for. Which records other
    systems have is kept until the scores are taken out of them."""
    leads = person.lead_ids
    runs = list(connection.scalars(
        select(playbook_run.c.id).where(playbook_run.c.lead_id.in_(leads)).order_by(
            playbook_run.c.id).with_for_update()))  # fmt: skip
    runs += runs_that_name(connection, person)
    blank_erased(connection, person, now_us)
    _forget_keys(connection, runs)
    delete_runs(connection, runs)
    for table in _OF_LEADS:
        connection.execute(delete(table).where(table.c.lead_id.in_(leads)))
    connection.execute(
        delete(mail).where(mail.c.lead_id.in_(leads) | mail.c.address.in_(addresses_of(person)))
    )
    forget_attachments_of(connection, addresses_of(person))
    for name in person.names:
        said = text(found_in(connection, "detail"))
        connection.execute(update(exchange).where(said).values(detail=None), {"name": name})
        # Tasks that tell of failures are no lead's, and say why the last run failed.
        told = text(found_in(connection, "about"))
        connection.execute(
            update(task).where(task.c.lead_id.is_(None), told).values(about=""), {"name": name}
        )


def stop_followed(connection: Connection, lead_ids: Iterable[int], now_us: int) -> None:
    """No playbook goes on with these leads, and no other system keeps a score of them."""
    lead_ids = list(lead_ids)
    blank_objected(connection, lead_ids, now_us)
    stop_runs(connection, OBJECTED, now_us, lead_ids=list(lead_ids))
    waits = playbook_pending.c.lead_id.in_(list(lead_ids))
    connection.execute(delete(playbook_pending).where(waits))


def before_merge(connection: Connection, kept_id: int, other_id: int, now_us: int) -> None:
    """Where both leads are in one playbook, the run of the one that ends goes no further; what the
    playbooks remember of either is remembered of the one that stays."""
    table = playbook_run
    active = select(table.c.playbook).where(table.c.state.in_(ACTIVE))
    both = set(connection.scalars(active.where(table.c.lead_id == kept_id)))
    both &= set(connection.scalars(active.where(table.c.lead_id == other_id)))
    for playbook in sorted(both):
        why = f"It became part of lead {kept_id}, which is in this playbook already."
        stop_runs(connection, why, now_us, playbook=playbook, lead_ids=(other_id,))
    _remember(connection, kept_id, other_id)


def _forget_keys(connection: Connection, run_ids: Sequence[int]) -> None:
    """Which records of other systems were made for the runs."""
    for start in range(0, len(run_ids), 200):
        part = run_ids[start : start + 200]
        steps = select(playbook_step.c.run_id, playbook_step.c.number).where(
            playbook_step.c.run_id.in_(part)
        )
        keys = [f"run-{run_id}-{number}" for run_id, number in connection.execute(steps)]
        connection.execute(delete(remote_record).where(remote_record.c.key.in_(keys)))


def _remember(connection: Connection, kept_id: int, other_id: int) -> None:
    table = playbook_lead
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    larger = func.max if connection.dialect.name == "sqlite" else func.greatest
    smaller = func.min if connection.dialect.name == "sqlite" else func.least
    for row in connection.execute(select(table).where(table.c.lead_id == other_id)).all():
        new = into(table).values({**row._mapping, "lead_id": kept_id})
        given = new.excluded

        def latest(name: str, given: Any = given) -> Any:
            had, other = func.coalesce(table.c[name], 0), func.coalesce(given[name], 0)
            return func.nullif(larger(had, other), 0)

        changes = {
            "started_us": latest("started_us"), "ended_us": latest("ended_us"),
            "starts": larger(table.c.starts, given.starts),
            "armed": smaller(table.c.armed, given.armed),
        }  # fmt: skip
        key = [table.c.playbook, table.c.lead_id]
        connection.execute(new.on_conflict_do_update(index_elements=key, set_=changes))
