"""Each message that reached for a lead, by whatever way: caps on messages count them.

`channel` is `mail`, `call`, `chat` and so on; a mail that answers what the lead just asked for is
an `answer`, which caps leave out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from leadwise.store.bulk import insert_rows
from leadwise.store.schema import contact

ANSWER = "answer"


def add_contact(connection: Connection, lead_id: int, channel: str, key: str, at_us: int) -> None:
    """A message went out; with the same `key` again it is the same one."""
    insert_rows(
        connection, contact, ("lead_id", "channel", "at_us", "key"),
        [(lead_id, channel, at_us, key)], conflict="ON CONFLICT DO NOTHING",
    )  # fmt: skip


def count_contacts(
    connection: Connection, lead_ids: Sequence[int], since_us: int, *,
    channels: Sequence[str] = ("mail",),
) -> int:  # fmt: skip
    """How many messages went to a lead (all ids that it has had) by these ways since an instant."""
    found: int = connection.execute(
        select(func.count())
        .select_from(contact)
        .where(
            contact.c.lead_id.in_(lead_ids),
            contact.c.at_us > since_us,
            contact.c.channel.in_(channels),
        )
    ).scalar_one()
    return found


def last_contacts(
    connection: Connection, lead_id: int, *, channels: Sequence[str] = ("mail",), limit: int = 50
) -> list[int]:
    """When the last messages went to a lead, the newest first."""
    rows = select(contact.c.at_us).where(
        contact.c.lead_id == lead_id, contact.c.channel.in_(channels)
    )
    return list(connection.scalars(rows.order_by(contact.c.at_us.desc()).limit(limit)))
