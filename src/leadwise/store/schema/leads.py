"""Who: leads, the names they go by, the companies they belong to."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

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
