"""What happens to mails, as events of the lead: the names that cards and playbooks know them by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from leadwise.ingest.messages import Message
from leadwise.store.documents import canonical
from leadwise.store.mails import Mail

MailEvent: TypeAlias = Literal[
    "email_sent", "email_opened", "email_clicked", "email_bounced", "email_complained",
    "email_replied", "email_auto_replied", "unsubscribed",
]  # fmt: skip
SOURCE = "mail"
SECOND_US, MINUTE_US = 1_000_000, 60_000_000


def mail_event(
    mail: Mail, event: MailEvent, at_us: int, *, id: str = "",  # noqa: A002 - what it is
    properties: Mapping[str, object] | None = None, context: Mapping[str, str] | None = None,
) -> Message | None:  # fmt: skip
    """The event; None for a mail that went to no lead.

    With the same `id` of the same mail it is the same event: of most there is one a mail.
    """
    if mail.lead_id is None:
        return None
    kind, value = mail.doc.get("who") or ("email", mail.address)
    said = {
        "mail_id": mail.token,
        "subject": mail.subject or None,
        **mail.doc.get("properties", {}),
        **(properties or {}),
    }
    whose: dict[str, str | None] = {
        "user_id": None, "crm_id": None, "anonymous_id": None, "email": None,
    }  # fmt: skip
    whose["email" if kind == "email" else f"{kind}_id"] = value
    return Message(
        "track", SOURCE, f"{event}-{mail.token}{id and '-'}{id}", event, at_us, at_us,
        user_id=whose["user_id"], crm_id=whose["crm_id"], anonymous_id=whose["anonymous_id"],
        email=whose["email"],
        document=canonical({key: each for key, each in said.items() if each is not None}),
        context=dict(context or {}),
    )  # fmt: skip
