"""Follow-up: playbooks, the runs of leads through them, tasks, and what keeps to the limits."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint, literal_column

from leadwise.store.columns import document, key, text, whole
from leadwise.store.schema.base import metadata

TASK_ORDER = "coalesce(due_us, 4611686018427387904)"
"""When a task is due, for its place in lists: what is never due comes last. Indexes have it as it
is written here, so queries have to, too."""

playbook_version = Table(
    "playbook_version",
    metadata,
    key(),
    text("playbook"),  # the id that it gives itself
    whole("number"),
    text("hash"),
    text("text"),
    text("status"),  # draft, live, paused, retired
    whole("created_us"),
    text("created_by"),
    whole("published_us", null=True),
    text("published_by", null=True),
    text("why", null=True),
    Index("playbooks_by_status", "status"),
    Index("versions_of_playbook", "playbook", "id"),
)

playbook_run = Table(
    # One lead's way through a playbook: it waits here for its time, and for nothing else.
    "playbook_run",
    metadata,
    key(),
    text("playbook"),
    whole("version_id"),
    whole("lead_id", null=True),  # none: of a message that is no lead's
    text("trigger"),  # what started it, so that the same starts one run
    text("state"),  # waiting, working, held, done, stopped, failed
    whole("at"),  # the place in the version's steps
    whole("number"),  # steps taken so far: with the id, the key of all that the next one does
    whole("due_us"),
    text("awaits", null=True),  # the event that ends the wait before its time
    whole("began_us"),
    whole("ended_us", null=True),
    text("why", null=True),  # why it stands or ended as it did
    document("doc"),  # what started it, and what came of each step
    UniqueConstraint("playbook", "trigger", name="run_is_one"),
    Index("runs_due", "state", "due_us"),
    Index("runs_of_lead", "lead_id", "state"),
    Index("runs_of_version", "version_id", "state", "at"),
    Index("runs_of_playbook", "playbook", "id"),
    Index("runs_by_state", "state", "id"),
    sqlite_autoincrement=True,
)

playbook_step = Table(
    # What a run did, step by step.
    "playbook_step",
    metadata,
    whole("run_id"),
    whole("number"),
    text("step"),
    text("kind"),
    whole("began_us"),
    whole("ended_us", null=True),
    text("state"),  # working, done, waited, skipped, held, failed
    text("why", null=True),
    document("doc"),
    PrimaryKeyConstraint("run_id", "number"),
    sqlite_with_rowid=False,
)

playbook_lead = Table(
    # What a playbook remembers of a lead between runs.
    "playbook_lead",
    metadata,
    text("playbook"),
    whole("lead_id"),
    whole("started_us", null=True),
    whole("ended_us", null=True),
    whole("starts", server_default="0"),
    whole("armed", server_default="1"),  # below 0: minus the bits of starts that wait to be back
    PrimaryKeyConstraint("playbook", "lead_id"),
    sqlite_with_rowid=False,
)

playbook_pending = Table(
    # A trigger that starts a run later: when it has held for long enough, or on another day.
    "playbook_pending",
    metadata,
    text("playbook"),
    text("trigger"),
    whole("lead_id", null=True),
    text("why"),  # settles, full
    whole("since_us"),
    whole("due_us"),
    document("doc"),
    PrimaryKeyConstraint("playbook", "trigger"),
    Index("pending_due", "due_us"),
    Index("pending_of_lead", "lead_id"),
    sqlite_with_rowid=False,
)

playbook_left_out = Table(
    # Leads that something fitted and that were not started all the same: of each reason the latest,
    # in as many places as are kept, one after the other.
    "playbook_left_out",
    metadata,
    text("playbook"),
    text("why"),
    whole("slot"),
    whole("lead_id"),
    text("kind"),  # event, band, score, answer, task, schedule
    whole("at_us"),
    PrimaryKeyConstraint("playbook", "why", "slot"),
    Index("left_out_of_lead", "lead_id"),
    Index("left_out_at", "at_us"),
    sqlite_with_rowid=False,
)

playbook_cursor = Table(
    # How far what happened was looked at: changes of bands, events, answers, outcomes, tasks.
    "playbook_cursor",
    metadata,
    text("source", primary_key=True),
    whole("after_id"),
)

task = Table(
    # Something for a person to do; an approval is one too.
    "task",
    metadata,
    key(),
    whole("lead_id", null=True),
    text("kind"),  # call, approval, review, to-do ...
    text("title"),
    text("about"),
    whole("member_id", null=True),
    text("state"),  # open, done, refused, dropped
    whole("created_us"),
    whole("due_us", null=True),
    whole("ended_us", null=True),
    text("ended_by", null=True),
    text("said", null=True),  # what whoever ended it said
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

absence = Table(
    # When a member is not there: nothing new is given to them.
    "absence",
    metadata,
    key(),
    whole("member_id"),
    whole("from_us"),
    whole("until_us"),
    text("reason"),
    Index("absences_of_member", "member_id", "until_us"),
)

turn = Table(
    # Whose turn it is among those who share leads.
    "turn",
    metadata,
    text("pool"),
    whole("member_id"),
    whole("given", server_default="0"),
    whole("last_us", null=True),
    PrimaryKeyConstraint("pool", "member_id"),
    sqlite_with_rowid=False,
)
