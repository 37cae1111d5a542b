"""Connections to other systems: how far they were followed, and what was sent and refused."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

connection = Table(
    "connection",
    metadata,
    key(),
    text("name"),
    text("kind"),  # hubspot, salesforce ...
    document("options"),
    document("secrets"),  # each as it is, or `env:NAME`
    document("mapping"),  # their field to ours
    whole("pulls", server_default="1"),
    whole("pushes", server_default="0"),
    whole("created_us"),
    text("created_by"),
    whole("paused_us", null=True),
    text("trouble", null=True),  # what went wrong last, until it goes well
    whole("trouble_us", null=True),
    UniqueConstraint("name", name="connection_is_one"),
)

connection_cursor = Table(
    # How far a connection was followed: `pull`, and `push` (the id of the last score told).
    "connection_cursor",
    metadata,
    whole("connection_id"),
    text("what"),
    text("cursor"),
    whole("at_us"),
    PrimaryKeyConstraint("connection_id", "what"),
    sqlite_with_rowid=False,
)

pushed = Table(
    # The score that a system has of a lead, as far as we know.
    "pushed",
    metadata,
    whole("connection_id"),
    whole("lead_id"),
    text("remote_id", null=True),
    whole("as_of_us"),
    text("digest"),  # of what was told, without the instant
    text("state"),  # sent, same, newer, unknown, refused, later; blanking, blanked
    text("why", null=True),
    whole("at_us"),
    whole("again_us", null=True),
    PrimaryKeyConstraint("connection_id", "lead_id"),
    Index("pushed_again", "connection_id", "again_us"),
    sqlite_with_rowid=False,
)

remote_record = Table(
    # Records that were made for a run's step, by its key: made once, however often it is done.
    "remote_record",
    metadata,
    whole("connection_id"),
    text("key"),
    text("noun"),
    text("remote_id"),
    whole("at_us"),
    PrimaryKeyConstraint("connection_id", "key"),
    sqlite_with_rowid=False,
)

exchange = Table(
    # What was asked of systems and what they asked of us: for people who look into it.
    "exchange",
    metadata,
    key(),
    whole("connection_id"),
    whole("at_us"),
    text("direction"),  # in, out
    text("what"),  # pull, push, webhook, create ...
    text("state"),  # done, refused, failed
    whole("records"),
    text("detail", null=True),
    Index("exchanges_of_connection", "connection_id", "id"),
)
