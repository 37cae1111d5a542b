"""Messages: templates, mails, who wants none, what was sent."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, UniqueConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = ("mail_template", "mail", "suppression", "mail_attachment", "contact")


def create() -> None:
    """Make them."""
    op.create_table(
        "mail_template",
        key(),
        text("name"),
        whole("version"),
        text("text"),
        whole("created_us"),
        text("created_by"),
        UniqueConstraint("name", "version", name="template_is_one"),
    )
    op.create_table(
        "mail",
        key(),
        text("message_id"),
        whole("lead_id", null=True),
        text("address"),
        text("domain"),
        text("subject"),
        whole("template_id", null=True),
        whole("run_id", null=True),
        whole("number", null=True),
        text("state"),
        whole("created_us"),
        whole("due_us"),
        whole("sent_us", null=True),
        whole("attempts", server_default="0"),
        text("why", null=True),
        document("doc"),
        UniqueConstraint("message_id", name="mail_is_one"),
        Index("mails_due", "state", "due_us"),
        Index("mails_of_lead", "lead_id", "created_us"),
        Index("mails_of_domain", "domain", "sent_us"),
    )
    op.create_table(
        "suppression",
        text("address", primary_key=True),
        text("reason"),
        whole("at_us"),
        text("by"),
        text("detail", null=True),
    )
    op.create_table(
        "mail_attachment",
        key(),
        text("source"),
        text("message_id"),
        text("sender"),
        text("name"),
        text("type"),
        whole("bytes"),
        text("digest"),
        whole("at_us"),
        UniqueConstraint("source", "message_id", "digest", name="attachment_is_one"),
        Index("attachments_of_sender", "sender"),
        Index("attachments_by_digest", "digest"),
        Index("attachments_at", "at_us"),
    )
    op.create_table(
        "contact",
        key(),
        whole("lead_id"),
        text("channel"),
        whole("at_us"),
        text("key"),
        UniqueConstraint("key", name="contact_is_one"),
        Index("contacts_of_lead", "lead_id", "at_us"),
    )
