"""Companies: what they go by, what is known of them, whose people they are."""

from __future__ import annotations

from typing import Literal, TypeAlias

from sqlalchemy import Connection, insert, select, update

from leadwise.store.bulk import insert_rows
from leadwise.store.documents import Document, prefixed, renewed
from leadwise.store.facts import ACCOUNT, fold, leads_of_account, learn
from leadwise.store.schema import account, account_key, lead

KeyKind: TypeAlias = Literal["domain", "group"]


def account_of(
    connection: Connection, kind: KeyKind, value: str, now_us: int, *, name: str | None = None
) -> int:
    """The account that goes by this key, made if it is new."""
    found = _find(connection, kind, value)
    if found is not None:
        return found
    account_id: int = connection.execute(
        insert(account).values(name=name, created_us=now_us, doc={}).returning(account.c.id)
    ).scalar_one()
    return _name(connection, account_id, kind, value)


def account_of_group(connection: Connection, group_id: str, domain: str | None, now_us: int) -> int:
    """The account that a system has under this id.

    A new id is that of the company with this e-mail domain, where it has no id yet.
    """
    found = _find(connection, "group", group_id)
    if found is None and domain is not None:
        of_domain = _find(connection, "domain", domain)
        if of_domain is not None and not _has_group(connection, of_domain):
            return _name(connection, of_domain, "group", group_id)
    account_id = found or account_of(connection, "group", group_id, now_us)
    if domain is not None and _find(connection, "domain", domain) is None:
        _name(connection, account_id, "domain", domain)
    return account_id


def _has_group(connection: Connection, account_id: int) -> bool:
    own = (account_key.c.account_id == account_id) & (account_key.c.kind == "group")
    return connection.execute(select(account_key.c.value).where(own).limit(1)).scalar() is not None


def _name(connection: Connection, account_id: int, kind: KeyKind, value: str) -> int:
    """Another process may have made the same one meanwhile: then that is it."""
    insert_rows(
        connection,
        account_key,
        ("kind", "value", "account_id"),
        [(kind, value, account_id)],
        conflict="ON CONFLICT DO NOTHING",
    )
    return _find(connection, kind, value) or account_id


def _find(connection: Connection, kind: KeyKind, value: str) -> int | None:
    found: int | None = connection.execute(
        select(account_key.c.account_id).where(
            account_key.c.kind == kind, account_key.c.value == value
        )
    ).scalar()
    return found


def describe(
    connection: Connection, account_id: int, at_us: int, document: Document, event_id: int
) -> list[int]:
    """Add what a group call, an event, says of a company, to it and to the facts of its leads.

    Returns the leads whose facts changed.
    """
    before = connection.execute(
        select(account.c.doc).where(account.c.id == account_id).with_for_update()
    ).scalar_one()
    after = renewed(before, document)
    if after != before:
        own = update(account).where(account.c.id == account_id)
        name = after.get("name")
        values = {"doc": after} if not isinstance(name, str) else {"doc": after, "name": name}
        connection.execute(own.values(**values))
    said = prefixed(document, ACCOUNT)
    return [
        lead_id
        for lead_id in leads_of_account(connection, account_id)
        if learn(connection, lead_id, at_us, said, event_id)
    ]


def join(connection: Connection, lead_id: int, account_id: int, *, instead: bool) -> set[int]:
    """Make a lead one of the company's people; `instead` of another company where it has one.

    Returns the companies whose people changed: none, this one, or this one and the one before.
    """
    before = connection.execute(select(lead.c.account_id).where(lead.c.id == lead_id)).scalar()
    if before == account_id or (before is not None and not instead):
        return set()
    connection.execute(update(lead).where(lead.c.id == lead_id).values(account_id=account_id))
    said = connection.execute(select(account.c.doc).where(account.c.id == account_id)).scalar()
    if said or before is not None:  # of most companies nothing is known but the name
        fold(connection, lead_id)
    return {account_id} if before is None else {account_id, before}
