"""Merging two leads into one, and undoing it.

A merge moves rows of `identity_lead` (and what people said of the lead: outcomes and overrides; and
runs of playbooks, tasks and mails), remembers which, and has the facts folded and the score asked
for again. Events are not touched: they keep the identity they came with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.sql.schema import Table

from leadwise.errors import UserError
from leadwise.store.blanks import blank_objected
from leadwise.store.bulk import insert_rows
from leadwise.store.facts import fold
from leadwise.store.followed import MOVED_WITH, before_merge
from leadwise.store.identities import KNOWN_KINDS, hold_record, lock_leads, names_of
from leadwise.store.schema import (
    identity_lead,
    lead,
    lead_fact,
    lead_owner,
    merge,
    outcome,
    override,
    score,
)
from leadwise.store.touching import touch, touch_accounts

MergeCause: TypeAlias = Literal["identify", "alias", "email", "person"]
_MOVED_WITH: tuple[Table, ...] = (outcome, override, *MOVED_WITH)


@dataclass(frozen=True, slots=True)
class Merge:
    """`other_id` became part of `kept_id`."""

    id: int
    kept_id: int
    other_id: int
    cause: str
    actor: str
    at_us: int
    undone_us: int | None = None


def merge_leads(
    connection: Connection, kept_id: int, other_id: int, cause: MergeCause, actor: str, now_us: int
) -> Merge:
    """Make two leads one. Raises UserError where one of them cannot be merged."""
    lock_leads(connection, (kept_id, other_id))
    _require_two(connection, kept_id, other_id)
    columns = (identity_lead.c.identity_id, identity_lead.c.from_us, identity_lead.c.until_us)
    rows = connection.execute(select(*columns).where(identity_lead.c.lead_id == other_id))
    moved: dict[str, Any] = {"identities": [list(row) for row in rows]}
    before_merge(connection, kept_id, other_id, now_us)
    for table in _MOVED_WITH:
        own = table.c.lead_id == other_id
        moved[table.name] = list(connection.scalars(select(table.c.id).where(own)))
        connection.execute(update(table).where(own).values(lead_id=kept_id))
    connection.execute(
        update(identity_lead).where(identity_lead.c.lead_id == other_id).values(lead_id=kept_id)
    )
    before, accounts = _join(connection, kept_id, other_id)
    moved["kept"] = before
    _inherit_owner(connection, kept_id, other_id)
    merge_id = connection.execute(
        insert(merge)
        .values(
            kept_id=kept_id, other_id=other_id, at_us=now_us, cause=cause, actor=actor, moved=moved
        )
        .returning(merge.c.id)
    ).scalar_one()
    connection.execute(update(lead).where(lead.c.id == other_id).values(merged_into=kept_id))
    objected = select(lead.c.objected_us).where(lead.c.id == kept_id)
    if connection.scalar(objected) is not None:
        blank_objected(connection, (kept_id, other_id), now_us)
    connection.execute(delete(lead_fact).where(lead_fact.c.lead_id == other_id))
    connection.execute(delete(score).where(score.c.lead_id == other_id))
    fold(connection, kept_id)
    touch(connection, (kept_id, other_id), "merge", now_us)
    touch_accounts(connection, accounts)
    return Merge(merge_id, kept_id, other_id, cause, actor, now_us)


def undo_merge(connection: Connection, merge_id: int, actor: str, now_us: int) -> Merge:
    """Take a merge apart again. Raises UserError where there is none, or it is undone already.

    Identities go back from wherever later merges have taken them; those that a lead got since then
    stay, and so does what else was said since: a company, or an objection, which then is of both.
    """
    hold_record(connection)
    row = connection.execute(select(merge).where(merge.c.id == merge_id)).one_or_none()
    if row is None:
        raise UserError("merge-unknown", f"There is no merge {merge_id}.")
    if row.undone_us is not None:
        raise UserError("merge-undone", f"Merge {merge_id} has been undone already.")
    identity_ids = [identity_id for identity_id, _, _ in row.moved["identities"]]
    there = identity_lead.c.identity_id.in_(identity_ids)
    holders = set(connection.scalars(select(identity_lead.c.lead_id).where(there)))
    lock_leads(connection, (*holders, row.other_id))
    for identity_id, from_us, _ in row.moved["identities"]:
        connection.execute(
            update(identity_lead)
            .where(identity_lead.c.identity_id == identity_id, identity_lead.c.from_us == from_us)
            .values(lead_id=row.other_id)
        )
    for table in _MOVED_WITH:
        connection.execute(
            update(table)
            .where(table.c.id.in_(row.moved.get(table.name, ())))
            .values(lead_id=row.other_id)
        )
    connection.execute(update(lead).where(lead.c.id == row.other_id).values(merged_into=None))
    _part(connection, row.kept_id, row.other_id, row.moved["kept"])
    connection.execute(
        update(merge).where(merge.c.id == merge_id).values(undone_us=now_us, undone_by=actor)
    )
    concerned = sorted({*holders, row.other_id})
    for lead_id in concerned:
        fold(connection, lead_id)
    touch(connection, concerned, "merge", now_us)
    return Merge(merge_id, row.kept_id, row.other_id, row.cause, actor, row.at_us, now_us)


def merges_of(connection: Connection, lead_id: int) -> list[Merge]:
    """The merges that made a lead what it is, the latest first."""
    rows = connection.execute(
        select(merge).where(merge.c.kept_id == lead_id).order_by(merge.c.id.desc())
    )
    return [
        Merge(r.id, r.kept_id, r.other_id, r.cause, r.actor, r.at_us, r.undone_us) for r in rows
    ]


def _require_two(connection: Connection, kept_id: int, other_id: int) -> None:
    if kept_id == other_id:
        raise UserError("merge-itself", f"Lead {kept_id} cannot be merged with itself.")
    found = {
        row.id: row
        for row in connection.execute(select(lead).where(lead.c.id.in_((kept_id, other_id))))
    }
    for lead_id in (kept_id, other_id):
        if lead_id not in found or found[lead_id].erased_us is not None:
            raise UserError("lead-unknown", f"There is no lead {lead_id}.")
        if found[lead_id].merged_into is not None:
            raise UserError(
                "lead-merged",
                f"Lead {lead_id} is part of lead {found[lead_id].merged_into} already.",
                hint="Merge that one, or undo its merge first.",
            )


def _join(
    connection: Connection, kept_id: int, other_id: int
) -> tuple[dict[str, int | None], Iterable[int]]:
    """Give the kept lead the other's company where it has none, and the like.

    Returns what the kept lead was before, and all companies concerned.
    """
    rows = connection.execute(
        select(lead.c.id, lead.c.account_id, lead.c.known, lead.c.objected_us).where(
            lead.c.id.in_((kept_id, other_id))
        )
    )
    found = {row.id: row for row in rows}
    kept, other = found[kept_id], found[other_id]
    connection.execute(
        update(lead)
        .where(lead.c.id == kept_id)
        .values(
            account_id=kept.account_id if kept.account_id is not None else other.account_id,
            known=max(kept.known, other.known),
            # Who objected to being scored has objected, under whichever name.
            objected_us=kept.objected_us if kept.objected_us is not None else other.objected_us,
        )
    )
    before = {"account_id": kept.account_id, "objected_us": kept.objected_us, "known": kept.known}
    return before, {a for a in (kept.account_id, other.account_id) if a is not None}


def _inherit_owner(connection: Connection, kept_id: int, other_id: int) -> None:
    """Who had the other lead to call has the whole one, where nobody has the kept one."""
    columns = ("lead_id", "member_id", "since_us", "actor")
    had = select(lead_owner.c.member_id, lead_owner.c.since_us, lead_owner.c.actor)
    row = connection.execute(had.where(lead_owner.c.lead_id == other_id)).one_or_none()
    if row is not None:
        taken = "ON CONFLICT DO NOTHING"
        insert_rows(connection, lead_owner, columns, [(kept_id, *row)], conflict=taken)


def _part(connection: Connection, kept_id: int, other_id: int, before: dict[str, Any]) -> None:
    """Take from the kept lead what the merge gave it, and nothing that came after the merge."""
    columns = (lead.c.id, lead.c.account_id, lead.c.objected_us, lead.c.merged_into)
    sql = select(*columns)
    kept = connection.execute(sql.where(lead.c.id == kept_id)).one()
    other = connection.execute(sql.where(lead.c.id == other_id)).one()
    given = before["account_id"] is None and kept.account_id == other.account_id
    came = before["objected_us"] is None and kept.objected_us == other.objected_us
    known = {kind for _, kind, _ in names_of(connection, kept_id)} & set(KNOWN_KINDS)
    connection.execute(
        update(lead)
        .where(lead.c.id == kept_id)
        .values(
            account_id=None if given else kept.account_id,
            objected_us=None if came else kept.objected_us,
            known=max(before["known"], int(bool(known))),
        )
    )
    touch_accounts(connection, {a for a in (kept.account_id, other.account_id) if a is not None})
    whole = kept
    while whole.merged_into is not None:
        whole = connection.execute(sql.where(lead.c.id == whole.merged_into)).one()
    if whole.objected_us not in (None, before["objected_us"], other.objected_us):
        mine = lead.c.id == other_id
        connection.execute(update(lead).where(mine).values(objected_us=whole.objected_us))
