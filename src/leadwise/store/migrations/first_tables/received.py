"""What came in: events and their marks, what was refused, outcomes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as text_clause

from leadwise.store.columns import document, key, text, whole

TABLES = ("event", "event_mark", "refused", "outcome")


def create() -> None:
    """Make them."""
    op.create_table(
        "event",
        key(),
        whole("identity_id"),
        text("source"),
        text("message_id"),
        text("type"),
        text("event"),
        text("name", null=True),
        whole("at_us"),
        whole("sent_us", null=True),
        whole("received_us"),
        whole("account_id", null=True),
        document("doc"),
        text("context", null=True),
        UniqueConstraint("source", "message_id", name="event_is_one"),
        Index("events_of_identity", "identity_id", "at_us"),
        Index(
            "events_of_account",
            "account_id",
            sqlite_where=text_clause("account_id IS NOT NULL"),
            postgresql_where=text_clause("account_id IS NOT NULL"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event_mark",
        key(),
        whole("event_id"),
        text("reason"),
        text("detail", null=True),
        whole("marked_us"),
        whole("cleared_us", null=True),
        text("cleared_by", null=True),
        text("cleared_why", null=True),
        UniqueConstraint("event_id", "reason", name="mark_is_one"),
    )
    op.create_table(
        "refused",
        key(),
        whole("received_us"),
        text("source"),
        whole("place"),
        text("code"),
        text("reason"),
        text("body"),
        text("protocol", server_default="segment"),
        whole("sent_again_us", null=True),
    )
    op.create_table(
        "outcome",
        key(),
        whole("lead_id"),
        whole("identity_id", null=True),
        text("kind"),
        whole("at_us"),
        whole("received_us"),
        whole("value", null=True),
        text("currency", null=True),
        text("reason", null=True),
        text("source"),
        text("message_id"),
        text("actor", null=True),
        UniqueConstraint("source", "message_id", name="outcome_is_one"),
        Index("outcomes_of_lead", "lead_id", "at_us"),
        sqlite_autoincrement=True,
    )
