"""Learning: studies of the past, models, experiments."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from leadwise.store.columns import document, key, text, whole

TABLES = ("study", "model", "experiment", "held_out")


def create() -> None:
    """Make them."""
    op.create_table(
        "study",
        key(),
        text("kind"),
        whole("version_id"),
        text("goal"),
        document("options"),
        whole("asked_us"),
        text("asked_by"),
        text("job_id"),
        whole("done_us", null=True),
        document("document", null=True),
        text("problem", null=True),
        Index("studies_of_version", "version_id", "kind", "id"),
    )
    op.create_table(
        "model",
        key(),
        text("name"),
        whole("version_id"),
        text("kind"),
        text("text"),
        document("document"),
        whole("created_us"),
        whole("used_us", null=True),
        whole("retired_us", null=True),
        Index("models_by_name", "name", "id"),
    )
    op.create_table(
        "experiment",
        key(),
        text("name"),
        whole("share_ppm"),
        document("bands"),
        whole("from_us"),
        whole("until_us", null=True),
        text("made_by"),
        UniqueConstraint("name", name="experiment_is_one"),
    )
    op.create_table(
        "held_out",
        whole("experiment_id"),
        whole("lead_id"),
        whole("at_us"),
        text("band"),
        whole("held"),
        PrimaryKeyConstraint("experiment_id", "lead_id"),
        Index("lots_of_lead", "lead_id"),
        sqlite_with_rowid=False,
    )
