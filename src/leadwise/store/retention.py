"""Deleting what was kept long enough: events by their kind, refused events, the log of who read.

Scores forget an event when it goes: its leads are touched with the cause `correction`. What
identify, group and alias calls said is what is known of leads, and goes only where its kind is
named (`identify = 400`), never by the days for all other events.
"""

# ruff: noqa: S608 - the SQL is ours; kinds and times are bound

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, text

from leadwise.store.bulk import listed_whole
from leadwise.store.facts import fold
from leadwise.store.identities import hold_record
from leadwise.store.schema import event
from leadwise.store.touching import touch, touch_accounts

DAY_US = 86_400_000_000
WHAT_IS_KNOWN = ("identify", "group", "alias")
READING = ("read", "list", "export")
"""Actions of the audit trail that say who read personal data; others are never deleted."""


@dataclass(frozen=True, slots=True)
class KeptDays:
    """How many days events are kept, by their plain names, and all others (None: for ever)."""

    by_event: Mapping[str, int]
    others: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything is ever deleted."""
        return bool(self.by_event) or self.others is not None


def last_event_id(connection: Connection) -> int:
    """The highest id of an event."""
    return int(connection.execute(select(func.max(event.c.id))).scalar() or 0)


def old_events(
    connection: Connection, kept: KeptDays, now_us: int, after_id: int, rows: int
) -> Sequence[int]:
    """The ids of those among the events with the next `rows` ids after `after_id`."""
    given: dict[str, Any] = {"after": after_id, "up_to": after_id + rows}
    conditions = []
    for number, (name, days) in enumerate(sorted(kept.by_event.items())):
        conditions.append(f"event = :event{number} AND at_us < :before{number}")
        given |= {f"event{number}": name, f"before{number}": now_us - days * DAY_US}
    if kept.others is not None:
        named = ", ".join(f":event{number}" for number in range(len(kept.by_event)))
        unnamed = f"event NOT IN ({named}) AND " if named else ""
        known = ", ".join(f"'{type_}'" for type_ in WHAT_IS_KNOWN)
        conditions.append(f"{unnamed}type NOT IN ({known}) AND at_us < :before")
        given["before"] = now_us - kept.others * DAY_US
    if not conditions:
        return ()
    sql = (
        "SELECT id FROM event WHERE id > :after AND id <= :up_to "
        f"AND (({') OR ('.join(conditions)})) ORDER BY id"
    )
    return connection.execute(text(sql), given).scalars().all()


def delete_events(connection: Connection, ids: Sequence[int], now_us: int) -> int:
    """Delete these events; returns how many leads are to be scored again."""
    hold_record(connection)
    given = {"list": json.dumps(list(ids))}
    listed = listed_whole(connection)
    owners = (
        "SELECT DISTINCT o.lead_id FROM event AS e JOIN identity_lead AS o "
        "ON o.identity_id = e.identity_id AND e.at_us >= o.from_us AND e.at_us < o.until_us "
        f"WHERE e.id IN {listed}"
    )
    leads = set(connection.execute(text(owners), given).scalars())
    known = set(connection.execute(text(f"{owners} AND e.type = 'identify'"), given).scalars())
    accounts = set(
        connection.execute(
            text(
                "SELECT DISTINCT account_id FROM event "
                f"WHERE account_id IS NOT NULL AND id IN {listed}"
            ),
            given,
        ).scalars()
    )
    if accounts:
        of = text(f"SELECT id FROM lead WHERE account_id IN {listed}")
        of_accounts = connection.execute(of, {"list": json.dumps(sorted(accounts))}).scalars()
        known |= set(of_accounts)
    connection.execute(text(f"DELETE FROM event_mark WHERE event_id IN {listed}"), given)
    connection.execute(text(f"DELETE FROM event WHERE id IN {listed}"), given)
    for lead_id in sorted(known):
        fold(connection, lead_id)
    touch(connection, sorted(leads | known), "correction", now_us)
    touch_accounts(connection, accounts)
    return len(leads | known)


def delete_refused(connection: Connection, before_us: int, limit: int) -> int:
    """Delete refused events received before; at most so many. Returns how many."""
    return connection.execute(
        text(
            "DELETE FROM refused WHERE id IN "
            "(SELECT id FROM refused WHERE received_us < :before ORDER BY id LIMIT :limit)"
        ),
        {"before": before_us, "limit": limit},
    ).rowcount


def delete_reads(connection: Connection, before_us: int, limit: int) -> int:
    """Delete what the audit trail says of who read or exported before; at most so much."""
    actions = ", ".join(f"'{action}'" for action in READING)
    return connection.execute(
        text(
            f"DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at_us < :before "
            f"AND action IN ({actions}) ORDER BY id LIMIT :limit)"
        ),
        {"before": before_us, "limit": limit},
    ).rowcount
