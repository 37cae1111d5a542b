"""The tables of the record, one schema for SQLite and PostgreSQL.

Instants end in `_us` (microseconds since 1970 UTC), amounts of points are whole hundredths, yes and
no are 1 and 0. What came in (`event`) and what was said (`score_history`, `band_change`, `audit`)
is only ever added to; what follows from it (`lead_fact`, `score`) is worked out again at any time.
"""

from __future__ import annotations

from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import text as text_clause

from leadwise.store.columns import document, key, text, whole

metadata = MetaData()

# --- who: leads, the names they go by, the companies they belong to

lead = Table(
    "lead",
    metadata,
    key(),
    whole("created_us"),
    whole("known", server_default="0"),  # 1 once a user id, e-mail or CRM id is known
    whole("account_id", null=True),
    whole("merged_into", null=True),  # the lead that now has its identities
    whole("objected_us", null=True),  # objected to being scored
    whole("erased_us", null=True),
    Index("lead_by_account", "account_id"),
    sqlite_autoincrement=True,
)

identity = Table(
    "identity",
    metadata,
    key(),
    text("kind"),  # anonymous, user, email, crm
    text("value"),
    whole("created_us"),
    UniqueConstraint("kind", "value", name="identity_is_one"),
    sqlite_autoincrement=True,
)

identity_lead = Table(
    # Whose an identity is: merging and undoing it edit this table and no other.
    "identity_lead",
    metadata,
    whole("identity_id"),
    whole("lead_id"),
    whole("from_us"),
    whole("until_us"),
    PrimaryKeyConstraint("identity_id", "from_us"),
    Index("identities_of_lead", "lead_id", "identity_id"),
    sqlite_with_rowid=False,
)

merge = Table(
    "merge",
    metadata,
    key(),
    whole("kept_id"),
    whole("other_id"),
    whole("at_us"),
    text("cause"),  # identify, alias, email, person
    text("actor"),
    document("moved"),  # the rows of identity_lead as they were: [[identity, from, until], ...]
    whole("undone_us", null=True),
    text("undone_by", null=True),
    Index("merges_of_lead", "kept_id"),
)

account = Table(
    "account",
    metadata,
    key(),
    text("name", null=True),
    whole("created_us"),
    document("doc"),  # the traits of the company as they are now
)

account_key = Table(
    # A company goes by its e-mail domain and by the ids that systems have for it.
    "account_key",
    metadata,
    text("kind"),  # domain, group
    text("value"),
    whole("account_id"),
    PrimaryKeyConstraint("kind", "value"),
    Index("keys_of_account", "account_id"),
)

# --- what came in

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
)

# --- what follows: facts over time, scores

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
    Index("history_of_lead", "lead_id", "as_of_us"),
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

# --- the house: keys, who did what, what is told to others, the mirror

api_key = Table(
    "api_key",
    metadata,
    key(),
    text("name"),
    text("kind"),  # write (tracking), api
    text("prefix"),  # its first signs, to tell keys apart
    text("hash"),  # SHA-256 of the whole key, in hex
    text("scopes"),  # a space between
    text("origins"),  # a space between; empty: any
    whole("created_us"),
    text("created_by"),
    whole("expires_us", null=True),
    whole("revoked_us", null=True),
    whole("last_used_us", null=True),
    UniqueConstraint("hash", name="key_is_one"),
)

audit = Table(
    # Who did what, and who read or exported what is known of a person. Says ids, never contents.
    "audit",
    metadata,
    key(),
    whole("at_us"),
    text("actor"),
    text("action"),
    text("subject"),  # lead, account, card, key ...
    text("subject_id", null=True),
    text("detail", null=True),
    Index("audit_of_subject", "subject", "subject_id"),
)

form = Table("form", metadata, text("name", primary_key=True), text("doc"), whole("created_us"))

incoming = Table(
    # A source of CloudEvents or Standard Webhooks.
    "incoming",
    metadata,
    text("name", primary_key=True),
    text("doc"),
    whole("created_us"),
)

webhook = Table(
    "webhook",
    metadata,
    key(),
    text("url"),
    text("secret"),
    whole("created_us"),
    text("created_by"),
    whole("after_id"),  # the last band change it was told of
    whole("disabled_us", null=True),
    text("disabled_why", null=True),
)

# --- the people who work with leads

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

mirror_file = Table(
    "mirror_file",
    metadata,
    text("kind"),  # events, facts, leads
    whole("bucket"),
    text("path"),
    whole("rows"),
    whole("written_us"),
    PrimaryKeyConstraint("kind", "bucket"),
)

meta = Table("meta", metadata, text("key", primary_key=True), text("value"))
