"""Those who sign in: members and sessions, owners, snoozes, views, drafts."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from leadwise.store.columns import key, text, whole

TABLES = (
    "member",
    "session",
    "sign_in_failure",
    "lead_owner",
    "snooze",
    "saved_view",
    "card_draft",
)


def create() -> None:
    """Make them."""
    op.create_table(
        "member",
        key(),
        text("name"),
        text("email"),
        text("role"),
        text("password", null=True),
        text("subject", null=True),
        text("language", null=True),
        text("zone", null=True),
        whole("created_us"),
        text("created_by"),
        whole("disabled_us", null=True),
        whole("last_in_us", null=True),
        UniqueConstraint("email", name="member_is_one"),
        UniqueConstraint("subject", name="subject_is_one"),
    )
    op.create_table(
        "session",
        key(),
        text("hash"),
        whole("member_id"),
        text("token"),
        whole("created_us"),
        whole("seen_us"),
        text("agent"),
        UniqueConstraint("hash", name="session_is_one"),
        Index("sessions_of_member", "member_id"),
    )
    op.create_table(
        "sign_in_failure",
        key(),
        text("email"),
        text("address"),
        whole("at_us"),
        Index("failures_of_email", "email", "at_us"),
        Index("failures_of_address", "address", "at_us"),
    )
    op.create_table(
        "lead_owner",
        whole("lead_id", primary_key=True, autoincrement=False),
        whole("member_id"),
        whole("since_us"),
        text("actor"),
        Index("leads_of_member", "member_id"),
    )
    op.create_table(
        "snooze",
        whole("lead_id"),
        whole("member_id"),
        whole("until_us"),
        PrimaryKeyConstraint("lead_id", "member_id"),
        Index("snoozes_of_member", "member_id", "until_us"),
    )
    op.create_table(
        "saved_view",
        key(),
        whole("member_id"),
        text("page"),
        text("name"),
        text("query"),
        whole("shared", server_default="0"),
        whole("created_us"),
        UniqueConstraint("member_id", "page", "name", name="view_is_one"),
    )
    op.create_table(
        "card_draft",
        key(),
        text("subject"),
        text("name"),
        text("text"),
        whole("based_on", null=True),
        whole("member_id"),
        whole("revision", server_default="1"),
        whole("created_us"),
        whole("changed_us"),
    )
