"""What a scrape asks the record of follow-up: how late it is, mails, tasks, connections.

The thread that follows up tells how it fares itself; these hold where it stands still, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from leadwise.store.opening import Store
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import mail, playbook_pending, playbook_run, task
from leadwise.web.metrics import Metrics
from leadwise.web.service import Clock

MOST = 100_000
"""More than this is not counted."""
MAIL_STATES = ("ready", "sending", "unsure")
MAILS, MAILS_TEXT = "leadwise_mails", "Mails that are not over, by state, counted up to 100,000."
TROUBLE = "leadwise_connection_trouble"
TROUBLE_TEXT = "1 where what was last asked of a connection failed, else 0; none of those paused."
GAUGES: dict[str, str] = {
    "leadwise_playbook_oldest_seconds": "How long the run or start longest due waits by now.",
    "leadwise_playbook_starts": "Starts of playbooks that wait, counted up to 100,000.",
    "leadwise_tasks_overdue": "Open tasks whose time is over, counted up to 100,000.",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """What is asked, of this store and by this clock."""

    store: Store
    clock: Clock

    def watch(self, metrics: Metrics) -> None:
        """Have a scrape ask it all."""
        reads = {
            "leadwise_playbook_oldest_seconds": self.oldest_seconds,
            "leadwise_playbook_starts": self.starts,
            "leadwise_tasks_overdue": self.overdue,
        }
        for name, text in GAUGES.items():
            metrics.watch(name, text, reads[name])
        metrics.watch_by(MAILS, MAILS_TEXT, "state", self.mails)
        metrics.watch_by(TROUBLE, TROUBLE_TEXT, "connection", self.troubles)

    def oldest_seconds(self) -> float:
        """0 where nothing is due. A run at work is due when its job is looked for."""
        run, pending = playbook_run.c, playbook_pending.c
        states = [select(func.min(run.due_us)).where(run.state == one)
                  for one in ("waiting", "working")]  # fmt: skip
        with self.store.read() as connection:
            asked = (*states, select(func.min(pending.due_us)))
            due = [at_us for one in asked if (at_us := connection.execute(one).scalar())]
        return max(0.0, (self.clock() - min(due)) / 1e6) if due else 0.0

    def starts(self) -> float:
        """Those that have to hold for longer, or wait for a day that is not full."""
        return self._count(playbook_pending)

    def overdue(self) -> float:
        """A task without a time is never overdue."""
        return self._count(task, task.c.state == "open", task.c.due_us < self.clock())

    def mails(self) -> Mapping[str, float]:
        """By state; `unsure` ones wait for a person."""
        return {state: self._count(mail, mail.c.state == state) for state in MAIL_STATES}

    def troubles(self) -> Mapping[str, float]:
        """By the connection's name."""
        table = connection_table.c
        rows = select(table.name, table.trouble).where(table.paused_us.is_(None))
        with self.store.read() as connection:
            return {row.name: float(bool(row.trouble)) for row in connection.execute(rows)}

    def _count(self, table: Table, *where: ColumnElement[Any]) -> float:
        key = next(iter(table.primary_key.columns))
        some = select(key).where(*where).limit(MOST).subquery()
        with self.store.read() as connection:
            return float(connection.execute(select(func.count()).select_from(some)).scalar_one())
