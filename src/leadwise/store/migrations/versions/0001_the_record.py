"""The tables of the record as they were first released, by section in `first_tables`.

Written out, and not taken from `leadwise.store.schema`: what a migration makes must never change.
"""

from __future__ import annotations

from alembic import op

from leadwise.store.migrations.first_tables import (
    connections,
    house,
    leads,
    learning,
    members,
    messages,
    playbooks,
    qualification,
    received,
    scored,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SECTIONS = (
    leads, received, scored, house, members, qualification, learning, playbooks, messages,
    connections,
)  # fmt: skip


def upgrade() -> None:
    """Make every table."""
    for section in SECTIONS:
        section.create()


def downgrade() -> None:
    """Drop every table."""
    for section in reversed(SECTIONS):
        for name in reversed(section.TABLES):
            op.drop_table(name)
