"""What people said and what was read from it: conversations, answers with their quotes, frames.

Both belong to an identity, as events do: whose they are follows from `identity_lead` at the instant
of the conversation, so that a merge and its undoing move them without touching them.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

conversation = Table(
    "conversation",
    metadata,
    key(),
    whole("identity_id"),
    text("channel"),  # call, email_thread, chat
    text("title", null=True),
    whole("held_us"),
    text("held_on"),  # the day where it was held: what relative dates count from
    text("language", null=True),
    text("product", null=True),
    text("digest"),  # SHA-256 of the turns, in hex
    document("turns", null=True),  # [[speaker, side, text, start_s, said_on], ...]; null: aged out
    whole("received_us"),
    text("source"),
    text("actor"),
    UniqueConstraint("identity_id", "digest", name="conversation_is_one"),
    Index("conversations_of_identity", "identity_id", "held_us"),
)

answer = Table(
    # Only the latest of a conversation (or form) and question counts: the others are `replaced`.
    "answer",
    metadata,
    key(),
    whole("identity_id"),
    whole("conversation_id", null=True),  # none: told on a form
    text("frame"),
    whole("frame_version"),
    text("question"),
    text("status"),  # stated, none, not_discussed, contradicted
    document("value"),
    whole("confidence"),  # percent
    document("quotes"),  # [[turn, start, text, speaker], ...]
    text("why"),
    text("answered_by"),  # embedded/1, a member, prospect
    whole("at_us"),  # when it is known: the instant of the conversation
    whole("said_us"),  # when it was read or typed
    text("review"),  # none, waiting, confirmed, corrected, rejected, replaced
    text("reviewed_by", null=True),
    whole("reviewed_us", null=True),
    whole("corrects", null=True),  # the answer that this one is in the place of
    Index("answers_of_identity", "identity_id", "at_us"),
    Index("answers_of_conversation", "conversation_id"),
    Index("answers_by_review", "review", "id"),
    sqlite_autoincrement=True,
)

frame = Table(
    # A team's own frames, each version as it was.
    "frame",
    metadata,
    key(),
    text("name"),
    whole("version"),
    text("text"),
    whole("created_us"),
    text("created_by"),
    UniqueConstraint("name", "version", name="frame_is_one"),
)

model_reply = Table(
    # What a model provider answered, by what was asked: the same is not paid for twice.
    "model_reply",
    metadata,
    text("key", primary_key=True),
    text("text"),
    whole("made_us"),
    Index("model_replies_by_age", "made_us"),
)

model_spending = Table(
    # What models have cost, by day (UTC), in millionths of a US dollar.
    "model_spending",
    metadata,
    text("day", primary_key=True),
    whole("micro_usd"),
)
