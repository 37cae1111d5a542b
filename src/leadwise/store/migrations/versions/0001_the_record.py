"""The tables of the record as they were first released.

Written out, and not taken from `leadwise.store.schema`: what a migration makes must never change.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy import text as text_clause

from leadwise.store.columns import document, key, text, whole

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "lead",
    "identity",
    "identity_lead",
    "merge",
    "account",
    "account_key",
    "event",
    "event_mark",
    "refused",
    "outcome",
    "lead_fact",
    "touched",
    "account_touched",
    "changed",
    "card_version",
    "score",
    "score_history",
    "band_change",
    "account_score",
    "override",
    "api_key",
    "audit",
    "form",
    "incoming",
    "webhook",
    "member",
    "session",
    "sign_in_failure",
    "lead_owner",
    "snooze",
    "saved_view",
    "card_draft",
    "mirror_file",
    "meta",
)


def upgrade() -> None:
    """Make every table."""
    _who()
    _what_came_in()
    _what_follows()
    _the_house()
    _the_people()


def downgrade() -> None:
    """Drop every table."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _who() -> None:
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


def _what_came_in() -> None:
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
    )


def _what_follows() -> None:
    op.create_table(
        "lead_fact",
        whole("lead_id"),
        whole("from_us"),
        whole("until_us"),
        document("doc"),
        PrimaryKeyConstraint("lead_id", "from_us"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "touched",
        key(),
        whole("lead_id"),
        text("cause"),
        whole("event_id", null=True),
        whole("at_us"),
        whole("not_before_us", server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_table("account_touched", key(), whole("account_id"), sqlite_autoincrement=True)
    op.create_table(
        "changed",
        key(),
        whole("lead_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card_version",
        key(),
        text("subject"),
        text("card"),
        whole("number"),
        text("hash"),
        text("text"),
        text("status"),
        whole("created_us"),
        text("created_by"),
        whole("published_us", null=True),
        text("published_by", null=True),
        text("why", null=True),
        Index("card_by_status", "status"),
    )
    op.create_table(
        "score",
        whole("card_version_id"),
        whole("lead_id"),
        whole("as_of_us"),
        whole("score"),
        text("band", null=True),
        text("grade", null=True),
        text("unknown"),
        text("ledger"),
        text("totals"),
        whole("shown_score"),
        text("shown_band", null=True),
        whole("band_since_us"),
        whole("stable_until_us"),
        whole("due_us"),
        PrimaryKeyConstraint("card_version_id", "lead_id"),
        Index("scores_by_priority", "card_version_id", "shown_score", "lead_id"),
        Index("scores_due", "card_version_id", "due_us"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "score_history",
        key(),
        whole("lead_id"),
        whole("card_version_id"),
        whole("as_of_us"),
        whole("score"),
        text("band", null=True),
        whole("shown_score"),
        text("shown_band", null=True),
        Index("history_of_lead", "lead_id", "as_of_us"),
    )
    op.create_table(
        "band_change",
        key(),
        whole("lead_id"),
        whole("card_version_id"),
        whole("at_us"),
        text("from_band", null=True),
        text("to_band", null=True),
        whole("score"),
        text("cause"),
        whole("event_id", null=True),
        Index("band_changes_of_lead", "lead_id", "at_us"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_score",
        whole("card_version_id"),
        whole("account_id"),
        whole("as_of_us"),
        whole("score"),
        text("band", null=True),
        text("grade", null=True),
        text("unknown"),
        text("ledger"),
        text("totals"),
        document("doc"),
        whole("due_us"),
        PrimaryKeyConstraint("card_version_id", "account_id"),
        Index("accounts_by_priority", "card_version_id", "score", "account_id"),
        Index("accounts_due", "card_version_id", "due_us"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "override",
        key(),
        whole("lead_id"),
        text("band", null=True),
        whole("points", null=True),
        text("reason"),
        whole("from_us"),
        whole("until_us", null=True),
        text("actor"),
        whole("ended_us", null=True),
        text("ended_by", null=True),
        Index("overrides_of_lead", "lead_id"),
    )


def _the_house() -> None:
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


def _the_people() -> None:
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
