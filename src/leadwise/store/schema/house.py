"""The house: keys, who did what, what is told to others, the mirror."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from leadwise.store.columns import key, text, whole
from leadwise.store.schema.base import metadata

api_key = Table(
    "api_key",
    metadata,
    key(),
    text("name"),
    text("kind"),  # write (tracking), api
    text("prefix"),  # its first signs, to tell keys apart
    text("hash"),  # SHA-256 of the whole key, in hex
    text("scopes"),  # a space between
    text("origins"),  # a space between; empty: any
    whole("created_us"),
    text("created_by"),
    whole("expires_us", null=True),
    whole("revoked_us", null=True),
    whole("last_used_us", null=True),
    UniqueConstraint("hash", name="key_is_one"),
)

audit = Table(
    # Who did what, and who read or exported what is known of a person. Says ids, never contents.
    "audit",
    metadata,
    key(),
    whole("at_us"),
    text("actor"),
    text("action"),
    text("subject"),  # lead, account, card, key ...
    text("subject_id", null=True),
    text("detail", null=True),
    Index("audit_of_subject", "subject", "subject_id"),
)

form = Table("form", metadata, text("name", primary_key=True), text("doc"), whole("created_us"))

incoming = Table(
    # A source of CloudEvents or Standard Webhooks.
    "incoming",
    metadata,
    text("name", primary_key=True),
    text("doc"),
    whole("created_us"),
)

webhook = Table(
    "webhook",
    metadata,
    key(),
    text("url"),
    text("secret"),
    whole("created_us"),
    text("created_by"),
    whole("after_id"),  # the last band change it was told of
    whole("disabled_us", null=True),
    text("disabled_why", null=True),
)

mirror_file = Table(
    "mirror_file",
    metadata,
    text("kind"),  # events, facts, leads
    whole("bucket"),
    text("path"),
    whole("rows"),
    whole("written_us"),
    PrimaryKeyConstraint("kind", "bucket"),
)

meta = Table("meta", metadata, text("key", primary_key=True), text("value"))
