"""Webhooks: who is told of band changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, Field, HttpUrl, TypeAdapter
from sqlalchemy import Connection

from leadwise.store.audit import audit
from leadwise.store.webhooks import (
    Webhook,
    create_webhook,
    delete_webhook,
    enable,
    get_webhook,
    list_webhooks,
)
from leadwise.web.api.parts import Admin, Parts
from leadwise.web.api.shapes import (
    LARGEST_ID,
    Cursor,
    Id,
    Limit,
    Line,
    Page,
    Shape,
    Time,
    from_cursor,
    page,
)

router = APIRouter(tags=["webhooks"])


def _address(value: str) -> str:
    url = TypeAdapter(HttpUrl).validate_python(value)
    if url.username or url.password or url.fragment:
        raise ValueError("an address without user, password and fragment")
    return str(url)


Address = Annotated[Line, AfterValidator(_address), Field(max_length=2_000)]


class NewWebhook(Shape):
    """`after`: the last band change not to be told; without it those to come are."""

    url: Address
    after: int | None = Field(default=None, ge=0, le=LARGEST_ID)


class WebhookShape(Shape):
    """`after` is the last band change that the receiver took."""

    id: int
    url: str
    created: Time
    created_by: str
    after: int
    disabled: Time | None
    disabled_why: str | None


class MadeWebhook(WebhookShape):
    """`secret` signs the messages; it is shown this once."""

    secret: str


@router.get("/webhooks", summary="Webhooks")
def get_webhooks(
    api: Parts, _who: Admin, limit: Limit = 50, cursor: Cursor = None
) -> Page[WebhookShape]:
    """In the order in which they were made."""
    after = from_cursor(cursor, int)
    with api.store.read() as connection:
        rows = list_webhooks(connection, after_id=after[0] if after else 0, limit=limit)
    last = (rows[-1].id,) if rows else None
    return Page[WebhookShape](**page([_shape(row) for row in rows], limit, last))


@router.get("/webhooks/{webhook_id}", summary="A webhook")
def get_one(api: Parts, _who: Admin, webhook_id: Id) -> WebhookShape:
    """How far it is, and why it was disabled where it was."""
    with api.store.read() as connection:
        return _shape(get_webhook(connection, webhook_id))


@router.post("/webhooks", status_code=201, summary="Make a webhook")
def make_webhook(api: Parts, who: Admin, new: NewWebhook) -> MadeWebhook:
    """Messages are signed as standardwebhooks.com has it, and sent in order, at least once."""
    now_us = api.clock()

    def work(connection: Connection) -> Webhook:
        made = create_webhook(connection, new.url, by=who.actor, now_us=now_us, after_id=new.after)
        audit(connection, who.actor, "create", "webhook", made.id, None, now_us)
        return made

    made = api.write(work)
    return MadeWebhook(**_values(made), secret=made.secret)


@router.post("/webhooks/{webhook_id}/enable", summary="Send to a webhook again")
def enable_webhook(api: Parts, who: Admin, webhook_id: Id) -> WebhookShape:
    """From where it stopped."""
    now_us = api.clock()

    def work(connection: Connection) -> Webhook:
        found = enable(connection, webhook_id)
        audit(connection, who.actor, "enable", "webhook", webhook_id, None, now_us)
        return found

    return _shape(api.write(work))


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Delete a webhook")
def remove_webhook(api: Parts, who: Admin, webhook_id: Id) -> None:
    """It is told nothing more."""
    now_us = api.clock()

    def work(connection: Connection) -> None:
        delete_webhook(connection, webhook_id)
        audit(connection, who.actor, "delete", "webhook", webhook_id, None, now_us)

    api.write(work)


def _shape(one: Webhook) -> WebhookShape:
    return WebhookShape(**_values(one))


def _values(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.id, "url": one.url, "created": one.created_us, "created_by": one.created_by,
        "after": one.after_id, "disabled": one.disabled_us, "disabled_why": one.disabled_why,
    }  # fmt: skip
