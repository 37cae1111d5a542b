"""What came in: events, what was refused, what became of leads."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import text as text_clause

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

event = Table(
    "event",
    metadata,
    key(),
    whole("identity_id"),
    text("source"),
    text("message_id"),
    text("type"),  # identify, track, page, screen, group, alias
    text("event"),  # the plain name, which cards are matched with
    text("name", null=True),  # the name as it was sent, where that differs
    whole("at_us"),
    whole("sent_us", null=True),
    whole("received_us"),
    whole("account_id", null=True),  # of a group call
    document("doc"),
    text("context", null=True),  # JSON: ip, user_agent, url, referrer, library
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

event_mark = Table(
    # Why an event is suspected to be no person's; it weighs nothing until the mark is cleared.
    "event_mark",
    metadata,
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

refused = Table(
    "refused",
    metadata,
    key(),
    whole("received_us"),
    text("source"),
    whole("place"),  # from 0, in what was sent
    text("code"),
    text("reason"),
    text("body"),
    text("protocol", server_default="segment"),  # how the body is read when it is sent again
    whole("sent_again_us", null=True),
)

outcome = Table(
    "outcome",
    metadata,
    key(),
    whole("lead_id"),
    whole("identity_id", null=True),  # the identity it was reported by: it moves with a merge
    text("kind"),  # as leadwise.store.outcomes has them: mql, called, won ...
    whole("at_us"),
    whole("received_us"),
    whole("value", null=True),  # hundredths of the currency
    text("currency", null=True),
    text("reason", null=True),
    text("source"),
    text("message_id"),
    text("actor", null=True),
    UniqueConstraint("source", "message_id", name="outcome_is_one"),
    Index("outcomes_of_lead", "lead_id", "at_us"),
    sqlite_autoincrement=True,
)
