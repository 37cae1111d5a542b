"""Qualification: conversations, answers, frames, and what models answered and cost."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, UniqueConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = ("conversation", "answer", "frame", "model_reply", "model_spending")


def create() -> None:
    """Make them."""
    op.create_table(
        "conversation",
        key(),
        whole("identity_id"),
        text("channel"),
        text("title", null=True),
        whole("held_us"),
        text("held_on"),
        text("language", null=True),
        text("product", null=True),
        text("digest"),
        document("turns", null=True),
        whole("received_us"),
        text("source"),
        text("actor"),
        UniqueConstraint("identity_id", "digest", name="conversation_is_one"),
        Index("conversations_of_identity", "identity_id", "held_us"),
    )
    op.create_table(
        "answer",
        key(),
        whole("identity_id"),
        whole("conversation_id", null=True),
        text("frame"),
        whole("frame_version"),
        text("question"),
        text("status"),
        document("value"),
        whole("confidence"),
        document("quotes"),
        text("why"),
        text("answered_by"),
        whole("at_us"),
        whole("said_us"),
        text("review"),
        text("reviewed_by", null=True),
        whole("reviewed_us", null=True),
        whole("corrects", null=True),
        Index("answers_of_identity", "identity_id", "at_us"),
        Index("answers_of_conversation", "conversation_id"),
        Index("answers_by_review", "review", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "frame",
        key(),
        text("name"),
        whole("version"),
        text("text"),
        whole("created_us"),
        text("created_by"),
        UniqueConstraint("name", "version", name="frame_is_one"),
    )
    op.create_table(
        "model_reply",
        text("key", primary_key=True),
        text("text"),
        whole("made_us"),
        Index("model_replies_by_age", "made_us"),
    )
    op.create_table(
        "model_spending",
        text("day", primary_key=True),
        whole("micro_usd"),
    )
