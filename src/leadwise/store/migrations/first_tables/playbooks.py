"""Follow-up: playbooks, runs, tasks, absences."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, literal_column

from leadwise.store.columns import document, key, text, whole

TASK_ORDER = "coalesce(due_us, 4611686018427387904)"
TABLES = (
    "playbook_version",
    "playbook_run",
    "playbook_step",
    "playbook_lead",
    "playbook_pending",
    "playbook_left_out",
    "playbook_cursor",
    "task",
    "absence",
    "turn",
)


def create() -> None:
    """Make them."""
    op.create_table(
        "playbook_version",
        key(),
        text("playbook"),
        whole("number"),
        text("hash"),
        text("text"),
        text("status"),
        whole("created_us"),
        text("created_by"),
        whole("published_us", null=True),
        text("published_by", null=True),
        text("why", null=True),
        Index("playbooks_by_status", "status"),
        Index("versions_of_playbook", "playbook", "id"),
    )
    op.create_table(
        "playbook_run",
        key(),
        text("playbook"),
        whole("version_id"),
        whole("lead_id", null=True),
        text("trigger"),
        text("state"),
        whole("at"),
        whole("number"),
        whole("due_us"),
        text("awaits", null=True),
        whole("began_us"),
        whole("ended_us", null=True),
        text("why", null=True),
        document("doc"),
        UniqueConstraint("playbook", "trigger", name="run_is_one"),
        Index("runs_due", "state", "due_us"),
        Index("runs_of_lead", "lead_id", "state"),
        Index("runs_of_version", "version_id", "state", "at"),
        Index("runs_of_playbook", "playbook", "id"),
        Index("runs_by_state", "state", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "playbook_step",
        whole("run_id"),
        whole("number"),
        text("step"),
        text("kind"),
        whole("began_us"),
        whole("ended_us", null=True),
        text("state"),
        text("why", null=True),
        document("doc"),
        PrimaryKeyConstraint("run_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "playbook_lead",
        text("playbook"),
        whole("lead_id"),
        whole("started_us", null=True),
        whole("ended_us", null=True),
        whole("starts", server_default="0"),
        whole("armed", server_default="1"),
        PrimaryKeyConstraint("playbook", "lead_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "playbook_pending",
        text("playbook"),
        text("trigger"),
        whole("lead_id", null=True),
        text("why"),
        whole("since_us"),
        whole("due_us"),
        document("doc"),
        PrimaryKeyConstraint("playbook", "trigger"),
        Index("pending_due", "due_us"),
        Index("pending_of_lead", "lead_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "playbook_left_out",
        text("playbook"),
        text("why"),
        whole("slot"),
        whole("lead_id"),
        text("kind"),
        whole("at_us"),
        PrimaryKeyConstraint("playbook", "why", "slot"),
        Index("left_out_of_lead", "lead_id"),
        Index("left_out_at", "at_us"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "playbook_cursor",
        text("source", primary_key=True),
        whole("after_id"),
    )
    op.create_table(
        "task",
        key(),
        whole("lead_id", null=True),
        text("kind"),
        text("title"),
        text("about"),
        whole("member_id", null=True),
        text("state"),
        whole("created_us"),
        whole("due_us", null=True),
        whole("ended_us", null=True),
        text("ended_by", null=True),
        text("said", null=True),
        whole("run_id", null=True),
        whole("number", null=True),
        document("doc"),
        UniqueConstraint("run_id", "number", name="task_is_one"),
        Index("tasks_of_member", "member_id", "state", literal_column(TASK_ORDER), "id"),
        Index("tasks_of_lead", "lead_id", "state"),
        Index("tasks_due", "state", "due_us"),
        Index("tasks_in_order", "state", literal_column(TASK_ORDER), "id"),
        Index("tasks_ended", "ended_us"),
    )
    op.create_table(
        "absence",
        key(),
        whole("member_id"),
        whole("from_us"),
        whole("until_us"),
        text("reason"),
        Index("absences_of_member", "member_id", "until_us"),
    )
    op.create_table(
        "turn",
        text("pool"),
        whole("member_id"),
        whole("given", server_default="0"),
        whole("last_us", null=True),
        PrimaryKeyConstraint("pool", "member_id"),
        sqlite_with_rowid=False,
    )
