"""Leads, the names they go by, merges, and companies."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = ("lead", "identity", "identity_lead", "merge", "account", "account_key")


def create() -> None:
    """Make them."""
    op.create_table(
        "lead",
        key(),
        whole("created_us"),
        whole("known", server_default="0"),
        whole("account_id", null=True),
        whole("merged_into", null=True),
        whole("objected_us", null=True),
        whole("erased_us", null=True),
        Index("lead_by_account", "account_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity",
        key(),
        text("kind"),
        text("value"),
        whole("created_us"),
        UniqueConstraint("kind", "value", name="identity_is_one"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity_lead",
        whole("identity_id"),
        whole("lead_id"),
        whole("from_us"),
        whole("until_us"),
        PrimaryKeyConstraint("identity_id", "from_us"),
        Index("identities_of_lead", "lead_id", "identity_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merge",
        key(),
        whole("kept_id"),
        whole("other_id"),
        whole("at_us"),
        text("cause"),
        text("actor"),
        document("moved"),
        whole("undone_us", null=True),
        text("undone_by", null=True),
        Index("merges_of_lead", "kept_id"),
    )
    op.create_table(
        "account",
        key(),
        text("name", null=True),
        whole("created_us"),
        document("doc"),
    )
    op.create_table(
        "account_key",
        text("kind"),
        text("value"),
        whole("account_id"),
        PrimaryKeyConstraint("kind", "value"),
        Index("keys_of_account", "account_id"),
    )
