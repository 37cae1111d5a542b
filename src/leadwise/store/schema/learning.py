"""What was learned from the past: studies, models, and experiments with who is left alone."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

study = Table(
    # A question to the past and what came of it. Its document names no lead.
    "study",
    metadata,
    key(),
    text("kind"),  # backtest, learn, calibrate, refine, drift, gate, model
    whole("version_id"),
    text("goal"),  # won, sales_qualified
    document("options"),
    whole("asked_us"),
    text("asked_by"),
    text("job_id"),
    whole("done_us", null=True),
    document("document", null=True),
    text("problem", null=True),
    Index("studies_of_version", "version_id", "kind", "id"),
)

model = Table(
    # Its text is the model; it is never changed, a new one is another row.
    "model",
    metadata,
    key(),
    text("name"),
    whole("version_id"),
    text("kind"),  # lightgbm, ebm, logistic
    text("text"),
    document("document"),
    whole("created_us"),
    whole("used_us", null=True),  # since when, or last; none: nobody has put it to use yet
    whole("retired_us", null=True),
    Index("models_by_name", "name", "id"),
)

experiment = Table(
    # Some leads of these bands get no follow-up, by lot: `leadwise.learn.refinement.uplift`.
    "experiment",
    metadata,
    key(),
    text("name"),
    whole("share_ppm"),  # of a million leads so many are left alone
    document("bands"),
    whole("from_us"),
    whole("until_us", null=True),
    text("made_by"),
    UniqueConstraint("name", name="experiment_is_one"),
)

held_out = Table(
    # The lot of every lead that entered one of the bands, drawn once; `held` 1: is left alone.
    "held_out",
    metadata,
    whole("experiment_id"),
    whole("lead_id"),
    whole("at_us"),
    text("band"),
    whole("held"),
    PrimaryKeyConstraint("experiment_id", "lead_id"),
    Index("lots_of_lead", "lead_id"),
    sqlite_with_rowid=False,
)
