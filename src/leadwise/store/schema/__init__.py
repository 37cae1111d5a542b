"""The tables of the record, one schema for SQLite and PostgreSQL.

Instants end in `_us` (microseconds since 1970 UTC), amounts of points are whole hundredths, yes and
no are 1 and 0. What came in (`event`) and what was said (`score_history`, `band_change`, `audit`)
is only ever added to; what follows from it (`lead_fact`, `score`) is worked out again at any time.
"""

from __future__ import annotations

from leadwise.store.schema.base import metadata
from leadwise.store.schema.connections import (
    connection,
    connection_cursor,
    exchange,
    pushed,
    remote_record,
)
from leadwise.store.schema.events import (
    event,
    event_mark,
    outcome,
    refused,
)
from leadwise.store.schema.house import (
    api_key,
    audit,
    form,
    incoming,
    meta,
    mirror_file,
    webhook,
)
from leadwise.store.schema.leads import (
    account,
    account_key,
    identity,
    identity_lead,
    lead,
    merge,
)
from leadwise.store.schema.learning import experiment, held_out, model, study
from leadwise.store.schema.members import (
    card_draft,
    lead_owner,
    member,
    saved_view,
    session,
    sign_in_failure,
    snooze,
)
from leadwise.store.schema.messages import (
    contact,
    mail,
    mail_attachment,
    mail_template,
    suppression,
)
from leadwise.store.schema.playbooks import (
    absence,
    playbook_cursor,
    playbook_lead,
    playbook_left_out,
    playbook_pending,
    playbook_run,
    playbook_step,
    playbook_version,
    task,
    turn,
)
from leadwise.store.schema.qualification import (
    answer,
    conversation,
    frame,
    model_reply,
    model_spending,
)
from leadwise.store.schema.scores import (
    SCORE_COLUMNS,
    account_score,
    account_touched,
    band_change,
    card_version,
    changed,
    lead_fact,
    override,
    score,
    score_history,
    touched,
)

__all__ = [
    "SCORE_COLUMNS",
    "absence",
    "account",
    "account_key",
    "account_score",
    "account_touched",
    "answer",
    "api_key",
    "audit",
    "band_change",
    "card_draft",
    "card_version",
    "changed",
    "connection",
    "connection_cursor",
    "contact",
    "conversation",
    "event",
    "event_mark",
    "exchange",
    "experiment",
    "form",
    "frame",
    "held_out",
    "identity",
    "identity_lead",
    "incoming",
    "lead",
    "lead_fact",
    "lead_owner",
    "mail",
    "mail_attachment",
    "mail_template",
    "member",
    "merge",
    "meta",
    "metadata",
    "mirror_file",
    "model",
    "model_reply",
    "model_spending",
    "outcome",
    "override",
    "playbook_cursor",
    "playbook_lead",
    "playbook_left_out",
    "playbook_pending",
    "playbook_run",
    "playbook_step",
    "playbook_version",
    "pushed",
    "refused",
    "remote_record",
    "saved_view",
    "score",
    "score_history",
    "session",
    "sign_in_failure",
    "snooze",
    "study",
    "suppression",
    "task",
    "touched",
    "turn",
    "webhook",
]
