"""Why leads that something fitted were not started: of each reason the latest, no more.

A playbook that starts by a visit and wants leads of one country leaves a million leads out: that is
one reason, and worth its number and its latest KEPT leads, not a million rows. A schedule goes
through all leads to find those who meet `when`: that the others do not is worth no row at all. What
is not remembered of a lead is worked out when somebody asks (`playbooks.why`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from leadwise.playbooks.triggers.cursors import cursor, move
from leadwise.playbooks.triggers.model import Candidate
from leadwise.store.bulk import insert_rows
from leadwise.store.left_out import SOURCE
from leadwise.store.schema import playbook_left_out

KEPT = 500
"""Leads that are remembered of each playbook and reason, the latest."""
NOT_MET, UNKNOWN = "does not meet `when`", "`when` is unknown"


def remember(
    connection: Connection, playbook: str, left: Sequence[tuple[Candidate, str]],
    counts: Mapping[str, int], now_us: int,
) -> None:  # fmt: skip
    """Keep these leads; `counts` says how many there were of each reason."""
    by_reason: dict[str, dict[int, Candidate]] = {}
    for one, why in left:
        of_schedule = one.by == "schedule" and why in (NOT_MET, UNKNOWN)
        if one.lead_id is not None and not of_schedule:
            by_reason.setdefault(why, {})[one.lead_id] = one
    for why, leads in sorted(by_reason.items()):
        source = f"{SOURCE}:{playbook}:{why}"
        had = cursor(connection, source) or 0
        rows = [
            (playbook, why, (had + n) % KEPT, lead_id, one.by, now_us)
            for n, (lead_id, one) in enumerate(leads.items())
        ]
        insert_rows(
            connection, playbook_left_out, ("playbook", "why", "slot", "lead_id", "kind", "at_us"),
            rows, conflict="ON CONFLICT (playbook, why, slot) DO UPDATE SET "
            "lead_id = excluded.lead_id, kind = excluded.kind, at_us = excluded.at_us",
        )  # fmt: skip
        move(connection, source, had + max(counts.get(why, 0), len(rows)))
