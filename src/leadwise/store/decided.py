"""What became of leads that are still somebody's: whether they were qualified, whether won."""

# ruff: noqa: S608 - the SQL is our own

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, text

from leadwise.store.mirror.record import ACTIVE

QUALIFIED = frozenset({"sales_qualified", "opportunity", "won"})
"""A lead that came to any of these was qualified."""
LOST = frozenset({"lost", "sales_rejected"})
"""A lead that came to one of these, and was not won, was not."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A lead that was qualified, rejected or lost: `at_us` is the first outcome that says so.

    `won` is None while that is open; `mql_us` is when marketing handed it over, where that was
    reported.
    """

    lead_id: int
    at_us: int
    mql_us: int | None
    qualified: bool
    won: bool | None


def decided_leads(connection: Connection) -> list[Decided]:
    """By lead. Leads with neither are left out: nobody knows yet."""
    rows = connection.execute(
        text(
            "SELECT o.lead_id, o.kind, min(o.at_us) AS at_us FROM outcome AS o JOIN "
            f"(SELECT id FROM lead WHERE {ACTIVE}) AS l ON l.id = o.lead_id "
            "GROUP BY o.lead_id, o.kind ORDER BY o.lead_id"
        )
    )
    kinds: dict[int, dict[str, int]] = defaultdict(dict)
    for lead_id, kind, at_us in rows:
        kinds[lead_id][kind] = at_us
    found = []
    for lead_id, first in kinds.items():
        deciding = [at_us for kind, at_us in first.items() if kind in QUALIFIED | LOST]
        if deciding:
            qualified = any(kind in QUALIFIED for kind in first)
            won = True if "won" in first else False if LOST & first.keys() else None
            found.append(Decided(lead_id, min(deciding), first.get("mql"), qualified, won))
    return found


def outcomes_of(
    connection: Connection, goal: Literal["won", "sales_qualified"]
) -> dict[int, tuple[bool, int]]:
    """Each decided lead with whether it came to the goal, and when: the first time that it did,
    else the first time that it was lost or rejected. A lead that came back after a "no" did."""
    reached = frozenset({"won"}) if goal == "won" else QUALIFIED
    rows = connection.execute(
        text(
            "SELECT o.lead_id, o.kind, min(o.at_us) AS at_us FROM outcome AS o JOIN "
            f"(SELECT id FROM lead WHERE {ACTIVE}) AS l ON l.id = o.lead_id "
            "GROUP BY o.lead_id, o.kind"
        )
    )
    found: dict[int, tuple[bool, int]] = {}
    for lead_id, kind, at_us in rows:
        if kind not in reached | LOST:
            continue
        good, before = kind in reached, found.get(lead_id)
        if before is None or (good, -at_us) > (before[0], -before[1]):
            found[lead_id] = (good, at_us)
    return found
