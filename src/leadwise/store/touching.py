"""Saying that a lead's score may have changed, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from leadwise.store.bulk import insert_rows
from leadwise.store.schema import account_touched, touched

Cause: TypeAlias = Literal[
    "event", "fact", "time", "card", "import", "merge", "correction", "override"
]
CAUSES: tuple[Cause, ...] = (
    "event", "fact", "override", "merge", "correction", "import", "card", "time",
)  # fmt: skip
"""The one that stands first is told where several came together before a lead was scored: what the
lead did and said comes before what was done to it."""


def touch(
    connection: Connection,
    lead_ids: Iterable[int],
    cause: Cause,
    at_us: int,
    event_id: int | None = None,
) -> None:
    """Have these leads scored again."""
    touch_each(connection, [(lead_id, cause, event_id, at_us) for lead_id in lead_ids])


def touch_each(connection: Connection, rows: Iterable[tuple[int, Cause, int | None, int]]) -> None:
    """Have leads scored again, each for its own cause: lead, cause, event, time."""
    columns = ("lead_id", "cause", "event_id", "at_us")
    insert_rows(connection, touched, columns, list(rows))


def touch_accounts(connection: Connection, account_ids: Iterable[int]) -> None:
    """Have these accounts scored again."""
    insert_rows(
        connection, account_touched, ("account_id",), [(id_,) for id_ in sorted(set(account_ids))]
    )
