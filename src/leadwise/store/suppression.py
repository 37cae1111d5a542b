"""Addresses that nothing is sent to, each with the reason.

An address is in its one form (`normalised_email`). Who unsubscribed still gets what answers their
own request (a transactional mail); who cannot be reached, or called a mail spam, gets nothing. The
graver reason stands, and that the person unsubscribed is not forgotten under it: an address
that can be reached again is unsubscribed as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.plan.relations import FOREVER
from leadwise.store.bulk import as_list, listed, listed_whole
from leadwise.store.driver import ask
from leadwise.store.schema import suppression

Reason: TypeAlias = Literal["unsubscribed", "by hand", "bounced", "complained"]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""The later one takes the place of an earlier one."""
ALWAYS: frozenset[str] = frozenset(("bounced", "complained"))
"""Reasons that hold for transactional mails too."""
WISHES: frozenset[str] = frozenset(("unsubscribed", "complained"))
"""Reasons that are the person's own word, which holds for all of their addresses."""
LONGEST_DETAIL = 500
LEFT = "unsubscribed too"
"""How the detail of a graver reason begins where the person unsubscribed."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A row of `suppression`. `by` is who or what put it there (`member:3`, `lead`, `dsn`)."""

    address: str
    reason: Reason
    at_us: int
    by: str
    detail: str | None

    def holds_for(self, kind: str) -> bool:
        """Whether a mail of that kind (`marketing`, `transactional`) is held back."""
        return kind != "transactional" or self.reason in ALWAYS


def find_suppressed(connection: Connection, address: str) -> Suppressed | None:
    """Why nothing is sent to an address; None where something is."""
    row = connection.execute(
        select(suppression).where(suppression.c.address == address)
    ).one_or_none()
    return None if row is None else Suppressed(*row)


def is_suppressed(connection: Connection, address: str, kind: str = "marketing") -> bool:
    """Whether a mail of that kind to an address is held back."""
    found = find_suppressed(connection, address)
    return found is not None and found.holds_for(kind)


def suppressed_among(connection: Connection, addresses: Iterable[str]) -> dict[str, Suppressed]:
    """Those of many addresses that are suppressed."""
    sql = (
        'SELECT address, reason, at_us, "by", detail FROM suppression '  # noqa: S608 - our own SQL
        f"WHERE address IN {listed(connection)}"
    )
    rows = ask(connection, sql, list=as_list(addresses))
    return {row[0]: Suppressed(*row) for row in rows}


def wants_nothing(connection: Connection, lead_ids: Iterable[int]) -> dict[int, Suppressed]:
    """Those of these leads who unsubscribed or complained by one of their addresses, with that:
    no marketing mail goes to the others either."""
    # CROSS JOIN: SQLite takes the leads first, and does not go through everybody's addresses.
    sql = (
        'SELECT o.lead_id, s.address, s.reason, s.at_us, s."by", s.detail '  # noqa: S608 - our own SQL
        "FROM identity_lead AS o CROSS JOIN identity AS i CROSS JOIN suppression AS s "
        "WHERE i.id = o.identity_id AND s.address = i.value "
        f"AND i.kind = 'email' AND o.until_us = {FOREVER} "
        f"AND o.lead_id IN {listed_whole(connection)} ORDER BY s.at_us"
    )
    found: dict[int, Suppressed] = {}
    for row in ask(connection, sql, list=as_list(lead_ids)):
        one = Suppressed(*row[1:])
        if one.reason in WISHES or _left(one):
            found.setdefault(row[0], one)
    return found


def find_held(
    connection: Connection, address: str, lead_id: int | None, kind: str
) -> Suppressed | None:
    """Why a mail of that kind to a lead's address is held back; None where it may go."""
    own = find_suppressed(connection, address)
    if own is not None and own.holds_for(kind):
        return own
    if lead_id is None or kind == "transactional":
        return None
    return wants_nothing(connection, [lead_id]).get(lead_id)


def suppress(
    connection: Connection, address: str, reason: Reason, *, by: str, now_us: int,
    detail: str | None = None,
) -> bool:  # fmt: skip
    """Send nothing to an address any more. Whether that is new, or graver than what was known."""
    found = find_suppressed(connection, address)
    left = found is not None and (found.reason == "unsubscribed" or _left(found))
    if found is not None and REASONS.index(found.reason) >= REASONS.index(reason):
        if reason != "unsubscribed" or left:
            return False
        reason, by, detail, left = found.reason, found.by, found.detail, True
    if left and reason != "unsubscribed":
        detail = f"{LEFT}; {detail}" if detail else LEFT
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {
        "reason": reason, "at_us": now_us, "by": by,
        "detail": None if detail is None else detail[:LONGEST_DETAIL],
    }  # fmt: skip
    row = dialect.insert(suppression).values(address=address, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["address"], set_=values))
    return True


def allow(connection: Connection, address: str, *, entirely: bool = False) -> Suppressed | None:
    """Take an address off the list; what stood there, None for one that was not on it.

    Whose graver reason is taken away stays unsubscribed if they were, but `entirely`.
    """
    found = find_suppressed(connection, address)
    if found is None:
        return None
    own = suppression.c.address == address
    if _left(found) and not entirely:
        connection.execute(
            update(suppression).where(own).values(reason="unsubscribed", detail=None)
        )
    else:
        connection.execute(delete(suppression).where(own))
    return found


def _left(found: Suppressed) -> bool:
    return (found.detail or "").startswith(LEFT)


def list_suppressed(
    connection: Connection, *, reason: Reason | None = None, after: str = "", limit: int = 50
) -> list[Suppressed]:
    """The list by address, from after one on."""
    rows = select(suppression).where(suppression.c.address > after)
    if reason is not None:
        rows = rows.where(suppression.c.reason == reason)
    rows = rows.order_by(suppression.c.address).limit(limit)
    return [Suppressed(*row) for row in connection.execute(rows)]


def count_suppressed(connection: Connection) -> dict[str, int]:
    """How many addresses are on the list, by reason."""
    rows = select(suppression.c.reason, func.count()).group_by(suppression.c.reason)
    return {str(reason): int(count) for reason, count in connection.execute(rows)}
