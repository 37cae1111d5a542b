"""The people who work with leads: who they are, what is theirs."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from leadwise.store.columns import key, text, whole
from leadwise.store.schema.base import metadata

member = Table(
    # Somebody who signs in.
    "member",
    metadata,
    key(),
    text("name"),
    text("email"),  # in lower case
    text("role"),  # administrator, marketing, representative, read_only
    text("password", null=True),  # a hash of Argon2; none: signs in through the provider alone
    text("subject", null=True),  # the identity provider's address and its id for the person
    text("language", null=True),
    text("zone", null=True),
    whole("created_us"),
    text("created_by"),
    whole("disabled_us", null=True),
    whole("last_in_us", null=True),
    UniqueConstraint("email", name="member_is_one"),
    UniqueConstraint("subject", name="subject_is_one"),
)

session = Table(
    "session",
    metadata,
    key(),
    text("hash"),  # SHA-256 of what the cookie holds, in hex
    whole("member_id"),
    text("token"),  # against requests that other sites forge
    whole("created_us"),
    whole("seen_us"),
    text("agent"),
    UniqueConstraint("hash", name="session_is_one"),
    Index("sessions_of_member", "member_id"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    key(),
    text("email"),
    text("address"),
    whole("at_us"),
    Index("failures_of_email", "email", "at_us"),
    Index("failures_of_address", "address", "at_us"),
)

lead_owner = Table(
    # Whose lead it is to call.
    "lead_owner",
    metadata,
    whole("lead_id", primary_key=True, autoincrement=False),
    whole("member_id"),
    whole("since_us"),
    text("actor"),
    Index("leads_of_member", "member_id"),
)

snooze = Table(
    # A lead that a member does not want to see until then.
    "snooze",
    metadata,
    whole("lead_id"),
    whole("member_id"),
    whole("until_us"),
    PrimaryKeyConstraint("lead_id", "member_id"),
    Index("snoozes_of_member", "member_id", "until_us"),
)

saved_view = Table(
    "saved_view",
    metadata,
    key(),
    whole("member_id"),
    text("page"),  # queue
    text("name"),
    text("query"),  # as it stands in the address
    whole("shared", server_default="0"),  # 1: everybody sees it
    whole("created_us"),
    UniqueConstraint("member_id", "page", "name", name="view_is_one"),
)

card_draft = Table(
    # A card that somebody is writing: it may be wrong still.
    "card_draft",
    metadata,
    key(),
    text("subject"),  # lead, account
    text("name"),
    text("text"),
    whole("based_on", null=True),  # the version it was begun from
    whole("member_id"),
    whole("revision", server_default="1"),  # so that two who write do not overwrite each other
    whole("created_us"),
    whole("changed_us"),
)
