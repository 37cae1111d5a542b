"""The house: keys, the audit trail, sources, webhooks, the mirror's files."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from leadwise.store.columns import key, text, whole

TABLES = ("api_key", "audit", "form", "incoming", "webhook", "mirror_file", "meta")


def create() -> None:
    """Make them."""
    op.create_table(
        "api_key",
        key(),
        text("name"),
        text("kind"),
        text("prefix"),
        text("hash"),
        text("scopes"),
        text("origins"),
        whole("created_us"),
        text("created_by"),
        whole("expires_us", null=True),
        whole("revoked_us", null=True),
        whole("last_used_us", null=True),
        UniqueConstraint("hash", name="key_is_one"),
    )
    op.create_table(
        "audit",
        key(),
        whole("at_us"),
        text("actor"),
        text("action"),
        text("subject"),
        text("subject_id", null=True),
        text("detail", null=True),
        Index("audit_of_subject", "subject", "subject_id"),
    )
    op.create_table("form", text("name", primary_key=True), text("doc"), whole("created_us"))
    op.create_table(
        "incoming",
        text("name", primary_key=True),
        text("doc"),
        whole("created_us"),
    )
    op.create_table(
        "webhook",
        key(),
        text("url"),
        text("secret"),
        whole("created_us"),
        text("created_by"),
        whole("after_id"),
        whole("disabled_us", null=True),
        text("disabled_why", null=True),
    )
    op.create_table(
        "mirror_file",
        text("kind"),
        whole("bucket"),
        text("path"),
        whole("rows"),
        whole("written_us"),
        PrimaryKeyConstraint("kind", "bucket"),
    )
    op.create_table("meta", text("key", primary_key=True), text("value"))
