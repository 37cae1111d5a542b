"""Connections to other systems."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = ("connection", "connection_cursor", "pushed", "remote_record", "exchange")


def create() -> None:
    """Make them."""
    op.create_table(
        "connection",
        key(),
        text("name"),
        text("kind"),
        document("options"),
        document("secrets"),
        document("mapping"),
        whole("pulls", server_default="1"),
        whole("pushes", server_default="0"),
        whole("created_us"),
        text("created_by"),
        whole("paused_us", null=True),
        text("trouble", null=True),
        whole("trouble_us", null=True),
        UniqueConstraint("name", name="connection_is_one"),
    )
    op.create_table(
        "connection_cursor",
        whole("connection_id"),
        text("what"),
        text("cursor"),
        whole("at_us"),
        PrimaryKeyConstraint("connection_id", "what"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pushed",
        whole("connection_id"),
        whole("lead_id"),
        text("remote_id", null=True),
        whole("as_of_us"),
        text("digest"),
        text("state"),
        text("why", null=True),
        whole("at_us"),
        whole("again_us", null=True),
        PrimaryKeyConstraint("connection_id", "lead_id"),
        Index("pushed_again", "connection_id", "again_us"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "remote_record",
        whole("connection_id"),
        text("key"),
        text("noun"),
        text("remote_id"),
        whole("at_us"),
        PrimaryKeyConstraint("connection_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exchange",
        key(),
        whole("connection_id"),
        whole("at_us"),
        text("direction"),
        text("what"),
        text("state"),
        whole("records"),
        text("detail", null=True),
        Index("exchanges_of_connection", "connection_id", "id"),
    )
