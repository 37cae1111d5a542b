"""Webhooks: addresses of others that are told of band changes, and how far each was told."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, text, update

from leadwise.errors import UserError
from leadwise.store.said import last_ids
from leadwise.store.schema import webhook

SECRET_BYTES = 32
SENDING_LOCK = 7004
"""With a webhook's id, PostgreSQL's advisory lock of the one process that sends for it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A row of `webhook`. `after_id` is the last band change that it took."""

    id: int
    url: str
    secret: str
    created_us: int
    created_by: str
    after_id: int
    disabled_us: int | None
    disabled_why: str | None


def create_webhook(
    connection: Connection, url: str, *, by: str, now_us: int, after_id: int | None = None
) -> Webhook:
    """A webhook that is told of every band change after `after_id`, of those to come if None."""
    after_id = last_ids(connection)[0] if after_id is None else after_id
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    values = {
        "url": url, "secret": secret, "created_us": now_us, "created_by": by, "after_id": after_id,
    }  # fmt: skip
    return Webhook(*connection.execute(insert(webhook).values(values).returning(webhook)).one())


def get_webhook(connection: Connection, webhook_id: int) -> Webhook:
    """The webhook of this id. UserError (`no-such-webhook`) where there is none."""
    row = connection.execute(select(webhook).where(webhook.c.id == webhook_id)).one_or_none()
    if row is None:
        raise UserError(
            "no-such-webhook",
            f"There is no webhook {webhook_id}.",
            hint="GET /api/webhooks lists them.",
        )
    return Webhook(*row)


def list_webhooks(connection: Connection, *, after_id: int = 0, limit: int = 50) -> list[Webhook]:
    """Webhooks in the order of their ids."""
    rows = select(webhook).where(webhook.c.id > after_id).order_by(webhook.c.id).limit(limit)
    return [Webhook(*row) for row in connection.execute(rows)]


def waiting_webhooks(connection: Connection, up_to_id: int) -> list[int]:
    """The ids of those that were not told of all band changes up to this one."""
    rows = select(webhook.c.id).where(
        webhook.c.disabled_us.is_(None), webhook.c.after_id < up_to_id
    )
    return list(connection.scalars(rows.order_by(webhook.c.id)))


def delete_webhook(connection: Connection, webhook_id: int) -> None:
    """Tell it nothing more. UserError where there is none."""
    get_webhook(connection, webhook_id)
    connection.execute(delete(webhook).where(webhook.c.id == webhook_id))


def told(connection: Connection, webhook_id: int, after_id: int) -> None:
    """Remember that it took everything up to this band change; never back."""
    here = (webhook.c.id == webhook_id) & (webhook.c.after_id < after_id)
    connection.execute(update(webhook).where(here).values(after_id=after_id))


def disable(connection: Connection, webhook_id: int, why: str, now_us: int) -> None:
    """Send it nothing until somebody enables it again."""
    here = update(webhook).where(webhook.c.id == webhook_id, webhook.c.disabled_us.is_(None))
    connection.execute(here.values(disabled_us=now_us, disabled_why=why))


def enable(connection: Connection, webhook_id: int) -> Webhook:
    """Send to it again, from where it stopped."""
    get_webhook(connection, webhook_id)
    here = update(webhook).where(webhook.c.id == webhook_id)
    connection.execute(here.values(disabled_us=None, disabled_why=None))
    return get_webhook(connection, webhook_id)


def only_sender(connection: Connection, webhook_id: int) -> bool:
    """Whether nobody else sends for it until this connection's transaction ends."""
    if connection.dialect.name != "postgresql":
        return True
    asked = {"lock": SENDING_LOCK, "id": webhook_id % 2**31}
    sql = text("SELECT pg_try_advisory_xact_lock(CAST(:lock AS int), CAST(:id AS int))")
    return bool(connection.execute(sql, asked).scalar_one())
