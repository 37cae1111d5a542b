"""Whether the facts of leads are what their events say."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, func, select

from leadwise.store.facts import facts_of, folded_facts
from leadwise.store.findings import Finding, counted, fine, wrong
from leadwise.store.schema import lead

SOME = 2_000
"""Leads whose facts are folded again where not all of them are asked for: a second or two."""


def check_facts(
    connection: Connection, *, every: bool, progress: Callable[[int, int], None] | None = None
) -> Finding:
    """Fold the events of leads again (`every`, or `SOME` spread evenly) and compare."""
    number = connection.execute(select(func.count()).select_from(lead)).scalar_one()
    step = 1 if every else max(1, number // SOME)
    bad: list[str] = []
    done = 0
    last = 0
    while True:
        rows = select(lead.c.id).where(lead.c.id > last).order_by(lead.c.id).limit(500)
        ids = connection.scalars(rows if step == 1 else rows.where(lead.c.id % step == 0)).all()
        if not ids:
            break
        bad += [
            f"lead {lead_id}"
            for lead_id in ids
            if facts_of(connection, lead_id) != folded_facts(connection, lead_id)
        ]
        done, last = done + len(ids), ids[-1]
        if progress is not None:
            progress(done, max(done, number // step))
    if bad:
        return wrong(
            "facts", f"the facts of {counted(len(bad), 'lead')} are not what their events say", bad
        )
    what = counted(done, "lead") if step == 1 else f"{done:,} of {counted(number, 'lead')}"
    return fine("facts", f"the facts of {what} are what their events say")
