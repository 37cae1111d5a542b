"""What a person may ask for: to be erased, and not to be scored.

Erasure takes away everything that the record holds of a person: identities, events with their
marks, conversations with their answers, facts, scores with their history, band changes, overrides,
outcomes, lots of experiments, merges, refused events that name the person, and what follow-up keeps
(runs of playbooks, tasks, mails). A lead's number
stays, so that the audit trail can say that it was erased, by whom and when; so do the calls in
which the person's company was described, without anything that leads back to the person, for other
leads' facts are made of them. Studies and models tell of nobody. The mirror
follows (`changed`); backups keep the person until they are thrown away.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store.audit import audit
from leadwise.store.bulk import insert_rows, listed_whole
from leadwise.store.followed import forget_followed, stop_followed
from leadwise.store.generation import next_generation
from leadwise.store.identities import lock_leads
from leadwise.store.model_replies import forget_replies
from leadwise.store.person import Person, events_of, find_person, found_in
from leadwise.store.schema import (
    answer,
    band_change,
    changed,
    conversation,
    held_out,
    identity,
    identity_lead,
    lead,
    lead_fact,
    lead_owner,
    merge,
    outcome,
    override,
    score,
    score_history,
    snooze,
    touched,
)
from leadwise.store.schema import audit as audit_table
from leadwise.store.touching import touch, touch_accounts

_OF_LEADS: tuple[Table, ...] = (
    touched, score, score_history, band_change, override, outcome, lead_fact, lead_owner, snooze,
    held_out,
)  # fmt: skip
"""In this order: a scorer of another process that is at work on the lead is waited for at `touched`
or `score`, so that all it wrote is seen afterwards."""
_SCORES: tuple[Table, ...] = (score, score_history, band_change)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased. `names` is what the person went by, for what lies outside of the record
    (jobs, uploaded files); it is not to be kept."""

    lead_ids: tuple[int, ...]
    names: tuple[str, ...]
    events: int
    refused: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for, as the record remembers it."""

    kind: Literal["erase", "object"]
    lead_id: int


def erase_person(connection: Connection, lead_id: int, now_us: int, actor: str) -> Erased:
    """Erase a person, with all leads that were merged into this one, in the caller's transaction.

    Raises UserError (`lead-unknown`, `gone`). Whoever scores in other processes is told by the
    rows that are missing.
    """
    person = find_person(connection, lead_id)
    lock_leads(connection, person.lead_ids)
    person = find_person(connection, lead_id)  # as it is now that nobody else can change it
    accounts = connection.scalars(
        select(lead.c.account_id).where(lead.c.id.in_(person.lead_ids)).distinct()
    ).all()
    events = _forget_events(connection, person, now_us)
    _forget_conversations(connection, person)
    forget_followed(connection, person, now_us)
    for table in _OF_LEADS:
        connection.execute(delete(table).where(table.c.lead_id.in_(person.lead_ids)))
    _forget_identities(connection, person)
    connection.execute(
        delete(merge).where(
            merge.c.kept_id.in_(person.lead_ids) | merge.c.other_id.in_(person.lead_ids)
        )
    )
    connection.execute(
        update(lead)
        .where(lead.c.id.in_(person.lead_ids))
        .values(erased_us=now_us, account_id=None, known=0)
    )
    refused = _forget_texts(connection, person.names)
    insert_rows(connection, changed, ("lead_id",), [(one,) for one in person.lead_ids])
    touch_accounts(connection, [one for one in accounts if one is not None])
    next_generation(connection)
    audit(connection, actor, "erase", "lead", person.lead_id, f"{events} events", now_us)
    return Erased(person.lead_ids, person.names, events, refused)


def object_to_scoring(connection: Connection, lead_id: int, now_us: int, actor: str) -> int:
    """The person is scored no more, no score of the past is kept, and no playbook goes on. Returns
    the lead's id."""
    person = find_person(connection, lead_id)
    lock_leads(connection, person.lead_ids)
    stop_followed(connection, person.lead_ids, now_us)
    for table in _SCORES:
        connection.execute(delete(table).where(table.c.lead_id.in_(person.lead_ids)))
    own = lead.c.id == person.lead_id
    connection.execute(update(lead).where(own, lead.c.objected_us.is_(None)).values(
        objected_us=now_us))  # fmt: skip
    _changed_with_account(connection, person.lead_id)
    audit(connection, actor, "object", "lead", person.lead_id, None, now_us)
    return person.lead_id


def withdraw_objection(connection: Connection, lead_id: int, now_us: int, actor: str) -> int:
    """The person may be scored again, and is soon. Returns the lead's id."""
    person = find_person(connection, lead_id)
    connection.execute(update(lead).where(lead.c.id == person.lead_id).values(objected_us=None))
    touch(connection, [person.lead_id], "correction", now_us)
    _changed_with_account(connection, person.lead_id)
    audit(connection, actor, "withdraw objection", "lead", person.lead_id, None, now_us)
    return person.lead_id


def requests_since(connection: Connection, since_us: int) -> tuple[Request, ...]:
    """Erasures and objections after an instant: what a backup of then knows nothing of."""
    kinds: tuple[Literal["erase", "object"], ...] = ("erase", "object")
    found: list[Request] = []
    for kind, column in zip(kinds, (lead.c.erased_us, lead.c.objected_us), strict=True):
        ids = connection.scalars(select(lead.c.id).where(column > since_us).order_by(lead.c.id))
        found += [Request(kind, lead_id) for lead_id in ids]
    return tuple(found)


def repeat_requests(
    connection: Connection, requests: Iterable[Request], now_us: int, actor: str
) -> tuple[int, int]:
    """Do them again, in a record that was restored; how many erasures and objections there were."""
    done = {"erase": 0, "object": 0}
    for request in requests:
        there = lead.c.id == request.lead_id
        row = connection.execute(select(lead.c.erased_us).where(there)).one_or_none()
        if row is None or row.erased_us is not None:
            continue  # came after the backup, or went with a lead that it is part of
        done[request.kind] += 1
        if request.kind == "erase":
            erase_person(connection, request.lead_id, now_us, actor)
        else:
            object_to_scoring(connection, request.lead_id, now_us, actor)
    return done["erase"], done["object"]


def _changed_with_account(connection: Connection, lead_id: int) -> None:
    insert_rows(connection, changed, ("lead_id",), [(lead_id,)])
    of = connection.execute(select(lead.c.account_id).where(lead.c.id == lead_id)).scalar()
    touch_accounts(connection, [] if of is None else [of])


def _forget_events(connection: Connection, person: Person, now_us: int) -> int:
    rows = events_of(connection, person.spans)
    ids = [row.id for row in rows]
    kept = [row.id for row in rows if row.type == "group" and row.account_id is not None]
    gone = sorted(set(ids) - set(kept))
    _in_parts(connection, ids, "DELETE FROM event_mark WHERE event_id IN")
    _in_parts(connection, gone, "DELETE FROM event WHERE id IN")
    if kept:
        # Somebody said this of the company. Who it was is gone.
        nobody = connection.execute(
            insert(identity)
            .values(kind="anonymous", value=f"erased-{uuid.uuid4()}", created_us=now_us)
            .returning(identity.c.id)
        ).scalar_one()
        connection.execute(
            insert(identity_lead).values(
                identity_id=nobody, lead_id=person.lead_id, from_us=ALWAYS, until_us=FOREVER
            )
        )
        _in_parts(
            connection, kept,
            f"UPDATE event SET identity_id = {nobody}, context = NULL, "  # noqa: S608 - a number
            "message_id = 'erased-' || CAST(id AS TEXT) WHERE id IN",
        )  # fmt: skip
    return len(gone)


def _forget_conversations(connection: Connection, person: Person) -> None:
    """What was said with the person and read from it; of a shared browser in the person's time."""
    for span in person.spans:
        for table, at in ((answer, answer.c.at_us), (conversation, conversation.c.held_us)):
            connection.execute(
                delete(table).where(
                    table.c.identity_id == span.identity_id, at >= span.from_us, at < span.until_us
                )
            )
    forget_replies(connection)


def _forget_identities(connection: Connection, person: Person) -> None:
    """With their spans; an identity that others have had too stays theirs."""
    lead_ids, ids = list(person.lead_ids), list(person.identity_ids)
    listed = listed_whole(connection)
    connection.execute(
        text(
            f"DELETE FROM identity_lead WHERE identity_id IN {listed} "  # noqa: S608 - our own SQL
            f"AND lead_id IN ({', '.join(str(one) for one in lead_ids)})"
        ),
        {"list": json.dumps(ids)},
    )
    connection.execute(
        text(
            f"DELETE FROM identity WHERE id IN {listed} AND NOT EXISTS "  # noqa: S608 - our own SQL
            "(SELECT 1 FROM identity_lead AS o WHERE o.identity_id = identity.id)"
        ),
        {"list": json.dumps(ids)},
    )


def _forget_texts(connection: Connection, names: Sequence[str]) -> int:
    """Refused events that name the person, and details of the audit trail that do."""
    refused = 0
    for name in names:
        gone = text(f"DELETE FROM refused WHERE {found_in(connection, 'body')}")  # noqa: S608 - our own SQL
        refused += connection.execute(gone, {"name": name}).rowcount
        for column in ("detail", "subject_id"):
            said = text(found_in(connection, column))
            connection.execute(
                update(audit_table).where(said).values({column: None}), {"name": name}
            )
    return refused


def _in_parts(connection: Connection, ids: Sequence[int], sql: str) -> None:
    statement = text(f"{sql} {listed_whole(connection)}")
    for start in range(0, len(ids), 5_000):
        connection.execute(statement, {"list": json.dumps(list(ids[start : start + 5_000]))})
