"""Checks of follow-up: runs that hang or are late, mails nobody decided on, what was pushed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from leadwise.plan.relations import FOREVER
from leadwise.store.findings import SHOWN, Finding, counted, fine, warned, wrong
from leadwise.store.runs import PAUSED, RUN, TASK

LATE_US = 5 * 60_000_000
"""A run that is due for longer than this is late: the service looks four times a second."""
LONG_US = 3_600_000_000
"""A mail that is on its way for longer than this, and a score that a system was not told."""
MOST = 100_000
"""Rows are counted up to this many."""


def check_runs(connection: Connection) -> Finding:
    """Every run that is under way has a version, a lead and something that ends its wait."""
    bad = []
    given = {"never": FOREVER, "paused": PAUSED, "task": TASK, "run": RUN}
    for words, sql in _HANGING.items():
        own = {name: value for name, value in given.items() if f":{name}" in sql}
        rows = connection.execute(text(f"{sql} LIMIT {SHOWN}"), own)
        bad += [words.format(*row) for row in rows]
    if bad:
        hint = "`leadwise playbook run N` shows one; go-on or stop ends its wait."
        return wrong("runs", "runs of playbooks that nothing will ever move on", bad, hint=hint)
    active = _count(connection, "playbook_run", "state IN ('waiting', 'working', 'held')")
    held = _count(
        connection, "playbook_run", "state = 'held' AND why <> :paused", paused=PAUSED
    )  # fmt: skip
    return fine("runs", f"{_up_to(active, 'run')} under way, {held:,} held for a person")


def check_lateness(connection: Connection, now_us: int) -> Finding:
    """No run, and nothing that is to start one, is long past its time."""
    late = []
    for words, table, where in _LATE:
        sql = f"SELECT min(due_us) FROM {table} WHERE {where} AND due_us <= :before"  # noqa: S608 - our own SQL
        oldest = connection.execute(text(sql), {"before": now_us - LATE_US}).scalar()
        if oldest is not None:
            number = _count(connection, table, f"{where} AND due_us <= :before",
                            before=now_us - LATE_US)  # fmt: skip
            age = timedelta(seconds=(now_us - oldest) // 1_000_000)
            late.append(f"{_up_to(number, words)} due, the longest for {age}")
    if late:
        hint = "Is `leadwise serve` running? Its log says what keeps it from following up."
        return warned("follow-up", "; ".join(late), hint=hint)
    return fine("follow-up", "nothing that was due waits")


def check_mails(connection: Connection, now_us: int) -> Finding:
    """No mail waits for a person, none has been on its way for long."""
    unsure = _count(connection, "mail", "state = 'unsure'")
    waiting = "state IN ('ready', 'sending') AND created_us < :before"
    stuck = _count(connection, "mail", waiting, before=now_us - LONG_US)
    if unsure:
        return warned(
            "mails", f"{_up_to(unsure, 'mail')} of which nobody knows whether they went",
            hint="`leadwise mail list --state unsure`, then `leadwise mail settle` each.",
        )  # fmt: skip
    if stuck:
        return warned(
            "mails", f"{_up_to(stuck, 'mail')} on their way for more than an hour",
            hint="leadwise mail test says whether the mail server takes any.",
        )  # fmt: skip
    return fine("mails", "none waits for a decision, none is stuck")


def check_pushed(connection: Connection) -> Finding:
    """No system was told a later score than there is here: a backup was restored since."""
    found = [
        f"{_up_to(number, 'lead')} at {name}"
        for name, number in connection.execute(text(_AHEAD), {"most": MOST})
    ]
    if found:
        return warned(
            "pushed", f"systems have later scores than there are here: {', '.join(found)}",
            hint="As after a restored backup. They are told anew once they are scored.",
        )  # fmt: skip
    return fine("pushed", "no system has a later score of a lead than there is here")


def _count(connection: Connection, table: str, where: str, **given: Any) -> int:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where} LIMIT {MOST}) AS found"  # noqa: S608 - our own SQL
    return int(connection.execute(text(sql), given).scalar_one())


def _up_to(number: int, what: str) -> str:
    return counted(number, what) if number < MOST else f"{MOST:,} {what}s or more"


_HANGING = {
    "run {0} is of version {1} of a playbook, which is not there":
        "SELECT id, version_id FROM playbook_run AS r WHERE NOT EXISTS "
        "(SELECT 1 FROM playbook_version AS v WHERE v.id = r.version_id)",
    "run {0} is of lead {1}, which is not there":
        "SELECT id, lead_id FROM playbook_run AS r WHERE lead_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = r.lead_id)",
    "run {0} waits for ever, and for nothing":
        "SELECT id FROM playbook_run AS r WHERE state = 'waiting' AND due_us >= :never "
        "AND awaits IS NULL",
    "run {0} waits for its task, which is not open":
        "SELECT id FROM playbook_run AS r WHERE state = 'waiting' AND due_us >= :never "
        "AND awaits = :task AND NOT EXISTS "
        "(SELECT 1 FROM task AS t WHERE t.run_id = r.id AND t.state = 'open')",
    "run {0} waits for a run of its lead, and there is none":
        "SELECT id FROM playbook_run AS r WHERE state = 'waiting' AND due_us >= :never "
        "AND awaits = :run AND NOT EXISTS (SELECT 1 FROM playbook_run AS o "
        "WHERE o.lead_id = r.lead_id AND o.id <> r.id "
        "AND o.state IN ('waiting', 'working', 'held'))",
    "run {0} is held, and nobody is asked":
        "SELECT id FROM playbook_run AS r WHERE state = 'held' AND why <> :paused AND NOT EXISTS "
        "(SELECT 1 FROM task AS t WHERE t.run_id = r.id AND t.state = 'open')",
    "run {0} is held by a pause that is over":
        "SELECT id FROM playbook_run AS r WHERE state = 'held' AND why = :paused AND NOT EXISTS "
        "(SELECT 1 FROM playbook_version AS v WHERE v.playbook = r.playbook "
        "AND v.status = 'paused')",
    "step {1} of run {0} is of no run":
        "SELECT run_id, number FROM playbook_step AS s WHERE NOT EXISTS "
        "(SELECT 1 FROM playbook_run AS r WHERE r.id = s.run_id)",
}  # fmt: skip
_RUNS_ON = (
    "state IN ('waiting', 'working') AND playbook NOT IN "
    "(SELECT playbook FROM playbook_version WHERE status = 'paused')"
)
_LATE = (("run", "playbook_run", _RUNS_ON), ("start", "playbook_pending", "true"))
_AHEAD = """
SELECT c.name, count(*) FROM (
    SELECT p.connection_id FROM pushed AS p JOIN score AS s ON s.lead_id = p.lead_id
    JOIN card_version AS v ON v.id = s.card_version_id AND v.status = 'live'
    AND v.subject = 'lead' WHERE p.as_of_us > s.as_of_us LIMIT :most
) AS ahead JOIN connection AS c ON c.id = ahead.connection_id GROUP BY c.name ORDER BY c.name
"""
