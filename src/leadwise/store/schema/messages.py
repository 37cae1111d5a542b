"""What was sent to people, and who wants nothing more."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

mail_template = Table(
    # Each version as it was: a mail says by which it was made.
    "mail_template",
    metadata,
    key(),
    text("name"),
    whole("version"),
    text("text"),
    whole("created_us"),
    text("created_by"),
    UniqueConstraint("name", "version", name="template_is_one"),
)

mail = Table(
    "mail",
    metadata,
    key(),
    text("message_id"),  # fixed before it is first sent
    whole("lead_id", null=True),
    text("address"),
    text("domain"),  # of the address: rates are kept for each
    text("subject"),
    whole("template_id", null=True),
    whole("run_id", null=True),
    whole("number", null=True),
    text("state"),  # ready, sending, sent, unsure, refused, bounced, complained, suppressed
    whole("created_us"),
    whole("due_us"),
    whole("sent_us", null=True),
    whole("attempts", server_default="0"),
    text("why", null=True),
    document("doc"),  # parts and headers; forgotten when it is old
    UniqueConstraint("message_id", name="mail_is_one"),
    Index("mails_due", "state", "due_us"),
    Index("mails_of_lead", "lead_id", "created_us"),
    Index("mails_of_domain", "domain", "sent_us"),
)

suppression = Table(
    # Addresses that nothing is sent to.
    "suppression",
    metadata,
    text("address", primary_key=True),  # in its one form
    text("reason"),  # unsubscribed, bounced, complained, by hand
    whole("at_us"),
    text("by"),
    text("detail", null=True),
)

mail_attachment = Table(
    # A file that came with a mail: kept in a folder under its hash, named here.
    "mail_attachment",
    metadata,
    key(),
    text("source"),  # with the next, the event that the mail is
    text("message_id"),
    text("sender"),
    text("name"),
    text("type"),  # of its content
    whole("bytes"),
    text("digest"),
    whole("at_us"),
    UniqueConstraint("source", "message_id", "digest", name="attachment_is_one"),
    Index("attachments_of_sender", "sender"),
    Index("attachments_by_digest", "digest"),
    Index("attachments_at", "at_us"),
)

contact = Table(
    # Each message that reached for a lead, by whatever way: caps count them.
    "contact",
    metadata,
    key(),
    whole("lead_id"),
    text("channel"),  # mail, call, chat ...
    whole("at_us"),
    text("key"),
    UniqueConstraint("key", name="contact_is_one"),
    Index("contacts_of_lead", "lead_id", "at_us"),
)
