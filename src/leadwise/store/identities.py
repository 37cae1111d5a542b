"""Identities and the leads that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy import Connection, select, text, update

from leadwise.plan.relations import ALWAYS, FOREVER
from leadwise.store.bulk import as_list, insert_rows, listed, listed_whole, next_ids
from leadwise.store.driver import ask
from leadwise.store.schema import identity, identity_lead, lead

Kind: TypeAlias = Literal["user", "crm", "email", "anonymous"]
Name: TypeAlias = tuple[str, str]
"""An identity as senders say it: its kind and its value."""

KNOWN_KINDS = ("user", "crm", "email")
"""Identities that say who somebody is; an anonymous one says that it is the same browser."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The lead that an identity belongs to now."""

    identity_id: int
    lead_id: int
    from_us: int


def find(connection: Connection, names: Iterable[Name]) -> dict[Name, int]:
    """The ids of those identities that there are."""
    by_kind: dict[str, list[str]] = {}
    for kind, value in names:
        by_kind.setdefault(kind, []).append(value)
    found: dict[Name, int] = {}
    sql = f"SELECT id, value FROM identity WHERE kind = :kind AND value IN {listed(connection)}"  # noqa: S608 - our own SQL
    for kind, values in by_kind.items():
        rows = ask(connection, sql, kind=kind, list=as_list(values))
        found.update(((kind, value), id_) for id_, value in rows)
    return found


def create(connection: Connection, names: Sequence[Name], now_us: int) -> dict[Name, int]:
    """The ids of these identities, made where they are new; as yet they belong to nobody.

    Another process may make the same one at the same time: then its id is found, and by then it
    has a lead.
    """
    ordered = sorted(set(names))  # all processes in one order: no deadlock
    ids = next_ids(connection, identity, len(ordered))
    insert_rows(
        connection,
        identity,
        ("id", "kind", "value", "created_us"),
        [(id_, kind, value, now_us) for id_, (kind, value) in zip(ids, ordered, strict=True)],
        conflict="ON CONFLICT DO NOTHING",
    )
    if connection.dialect.name == "sqlite":
        return dict(zip(ordered, ids, strict=True))
    return find(connection, ordered)


def new_leads(
    connection: Connection, groups: Sequence[tuple[Sequence[int], bool]], now_us: int
) -> list[int]:
    """A new lead for each group of identities (`known`: one of them says who it is); their ids."""
    ids = list(next_ids(connection, lead, len(groups)))
    rows = [(id_, now_us, int(known)) for id_, (_, known) in zip(ids, groups, strict=True)]
    insert_rows(connection, lead, ("id", "created_us", "known"), rows)
    owned = [
        (identity_id, lead_id, ALWAYS, FOREVER)
        for lead_id, (identity_ids, _) in zip(ids, groups, strict=True)
        for identity_id in identity_ids
    ]
    insert_rows(connection, identity_lead, ("identity_id", "lead_id", "from_us", "until_us"), owned)
    return ids


def owners(connection: Connection, identity_ids: Iterable[int]) -> dict[int, Owner]:
    """Whose each identity is now; one that is nobody's is not in the answer."""
    sql = (
        "SELECT identity_id, lead_id, from_us FROM identity_lead "  # noqa: S608 - our own SQL
        f"WHERE until_us = {FOREVER} AND identity_id IN {listed_whole(connection)}"
    )
    return {row[0]: Owner(*row) for row in ask(connection, sql, list=as_list(identity_ids))}


def leads_of(connection: Connection, identity_ids: Iterable[int]) -> dict[int, list[int]]:
    """All leads that each identity belongs or belonged to: a shared browser has had several."""
    sql = (
        "SELECT identity_id, lead_id FROM identity_lead "  # noqa: S608 - our own SQL
        f"WHERE identity_id IN {listed_whole(connection)}"
    )
    found: dict[int, list[int]] = {}
    for identity_id, lead_id in ask(connection, sql, list=as_list(identity_ids)):
        found.setdefault(identity_id, []).append(lead_id)
    return found


def names_of(connection: Connection, lead_id: int) -> list[tuple[int, str, str]]:
    """The identities that a lead has now: id, kind, value."""
    rows = connection.execute(
        select(identity.c.id, identity.c.kind, identity.c.value)
        .join(identity_lead, identity_lead.c.identity_id == identity.c.id)
        .where(identity_lead.c.lead_id == lead_id, identity_lead.c.until_us == FOREVER)
        .order_by(identity.c.kind, identity.c.value)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def attach(connection: Connection, identity_id: int, lead_id: int) -> None:
    """Give an identity that is nobody's to a lead, with all it has ever done."""
    insert_rows(
        connection,
        identity_lead,
        ("identity_id", "lead_id", "from_us", "until_us"),
        [(identity_id, lead_id, ALWAYS, FOREVER)],
    )


def hand_over(connection: Connection, owner: Owner, lead_id: int, at_us: int) -> None:
    """From `at_us` on the identity is another lead's; what it did before stays where it is."""
    own = identity_lead.c.identity_id == owner.identity_id
    current = identity_lead.c.until_us == FOREVER
    if at_us <= owner.from_us:
        connection.execute(update(identity_lead).where(own, current).values(lead_id=lead_id))
        return
    connection.execute(update(identity_lead).where(own, current).values(until_us=at_us))
    insert_rows(
        connection,
        identity_lead,
        ("identity_id", "lead_id", "from_us", "until_us"),
        [(owner.identity_id, lead_id, at_us, FOREVER)],
    )


def set_known(connection: Connection, lead_id: int) -> None:
    """Say that it is known who a lead is."""
    connection.execute(update(lead).where(lead.c.id == lead_id, lead.c.known == 0).values(known=1))


RECORD_LOCK = 7003
"""PostgreSQL's advisory lock of whoever writes whose events are and what they say of leads."""


def hold_record(connection: Connection) -> None:
    """Be the only one who writes identities, events and facts until the end of the transaction.

    What follows from an event (whose it is, what was known before and after it) is worked out from
    what is there, so two processes must not do it at once, as they cannot on SQLite. Those who
    score go on meanwhile. Ask it before anything is read that is built upon.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({RECORD_LOCK})"))


def lock_leads(connection: Connection, lead_ids: Iterable[int]) -> None:
    """On PostgreSQL, keep others from these leads until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        hold_record(connection)
        connection.execute(
            select(lead.c.id)
            .where(lead.c.id.in_(sorted(set(lead_ids))))
            .order_by(lead.c.id)
            .with_for_update()
        )
