"""What follows from what came in: facts over time, scores, what was said of them."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

lead_fact = Table(
    # One whole row for each change: facts as of a moment are one look-up.
    "lead_fact",
    metadata,
    whole("lead_id"),
    whole("from_us"),
    whole("until_us"),
    document("doc"),
    PrimaryKeyConstraint("lead_id", "from_us"),
    sqlite_with_rowid=False,
)

touched = Table(
    # Leads whose score may have changed: written with what may have changed it, never updated.
    "touched",
    metadata,
    key(),
    whole("lead_id"),
    text("cause"),  # event, fact, time, card, import, merge, correction, override
    whole("event_id", null=True),
    whole("at_us"),
    whole("not_before_us", server_default="0"),  # leads with very many events are made to wait
    sqlite_autoincrement=True,
)

account_touched = Table(
    "account_touched", metadata, key(), whole("account_id"), sqlite_autoincrement=True
)

changed = Table(
    # Leads that the mirror has to read again: written by the scorer, deleted by the mirror.
    "changed",
    metadata,
    key(),
    whole("lead_id"),
    sqlite_autoincrement=True,
)

card_version = Table(
    "card_version",
    metadata,
    key(),
    text("subject"),  # lead, account
    text("card"),  # the id that the card gives itself
    whole("number"),  # the version that the card gives itself
    text("hash"),  # of its content: `leadwise.card.content_hash`
    text("text"),
    text("status"),  # draft, shadow, publishing, live, retired
    whole("created_us"),
    text("created_by"),
    whole("published_us", null=True),
    text("published_by", null=True),
    text("why", null=True),
    Index("card_by_status", "status"),
)

SCORE_COLUMNS = ("as_of_us", "score", "band", "grade", "unknown", "ledger", "totals")

score = Table(
    "score",
    metadata,
    whole("card_version_id"),
    whole("lead_id"),
    whole("as_of_us"),
    whole("score"),
    text("band", null=True),
    text("grade", null=True),
    text("unknown"),
    text("ledger"),  # JSON: the amounts of `leadwise.plan.lines`, in their order
    text("totals"),  # JSON: the dimensions' totals, in their order
    whole("shown_score"),  # with a person's override, as is shown_band
    text("shown_band", null=True),
    whole("band_since_us"),
    whole("stable_until_us"),
    whole("due_us"),  # when to ask again although nothing happened
    PrimaryKeyConstraint("card_version_id", "lead_id"),
    Index("scores_by_priority", "card_version_id", "shown_score", "lead_id"),
    Index("scores_due", "card_version_id", "due_us"),
    sqlite_with_rowid=False,
)

score_history = Table(
    "score_history",
    metadata,
    key(),
    whole("lead_id"),
    whole("card_version_id"),
    whole("as_of_us"),
    whole("score"),
    text("band", null=True),
    whole("shown_score"),
    text("shown_band", null=True),
    whole("shown_before", null=True),  # under the same card; NULL: there was none
    text("cause", null=True),  # as of a change of band; NULL: not known
    Index("history_of_lead", "lead_id", "as_of_us"),
    sqlite_autoincrement=True,
)

band_change = Table(
    "band_change",
    metadata,
    key(),
    whole("lead_id"),
    whole("card_version_id"),
    whole("at_us"),
    text("from_band", null=True),  # NULL: it had none yet
    text("to_band", null=True),
    whole("score"),
    text("cause"),
    whole("event_id", null=True),
    Index("band_changes_of_lead", "lead_id", "at_us"),
    sqlite_autoincrement=True,
)

account_score = Table(
    "account_score",
    metadata,
    whole("card_version_id"),
    whole("account_id"),
    whole("as_of_us"),
    whole("score"),
    text("band", null=True),
    text("grade", null=True),
    text("unknown"),
    text("ledger"),
    text("totals"),
    document("doc"),  # the facts that were scored: traits and what its people amount to
    whole("due_us"),
    PrimaryKeyConstraint("card_version_id", "account_id"),
    Index("accounts_by_priority", "card_version_id", "score", "account_id"),
    Index("accounts_due", "card_version_id", "due_us"),
    sqlite_with_rowid=False,
)

override = Table(
    "override",
    metadata,
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
