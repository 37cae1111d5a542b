"""What follows from it: facts, what is to be scored, cards, scores, overrides."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = (
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
)


def create() -> None:
    """Make them."""
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
        whole("shown_before", null=True),
        text("cause", null=True),
        Index("history_of_lead", "lead_id", "as_of_us"),
        sqlite_autoincrement=True,
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
