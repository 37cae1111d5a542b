"""Scores of files at the end of each day, kept as a table of DuckDB: numbers of leads and days.

The card is asked in parts of the leads, so that memory stays flat however many there are.
"""

# ruff: noqa: S608 - the SQL is made of quoted names and whole numbers only

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from leadwise.asking.instants import DAY_US, SECOND_US
from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.plan import Each, compile_ledger, render
from leadwise.plan.relations import LEADS, MOMENTS
from leadwise.playbooks.model import ScoreTrigger, Trigger
from leadwise.playbooks.triggers.scores import Scored
from leadwise.store.said import Change

MOST_DAYS = 6_000_000
"""Leads times days that are scored; of more, a share of the leads stands for all."""
AT_ONCE = 200_000
"""Leads times days that one query scores."""


@dataclass(frozen=True, slots=True)
class Day:
    """How a lead stood at the end of a day."""

    at_us: int
    band: str | None
    points: int


@dataclass(slots=True)
class Daily:
    """`share`: one lead in so many was asked. Leads have the numbers of their ids in order."""

    engine: DuckDBEngine
    share: int

    def changes(self, triggers: Sequence[Trigger]) -> tuple[list[Change], list[Scored]]:
        """Each day that ended in another band than the one before, and each score that went over
        the line of a trigger."""
        rows = self.engine.connection.execute(
            "SELECT row_number() OVER (ORDER BY at_us, lead), * FROM ("
            "SELECT lead, at_us, points, band, lag(points) OVER w AS was, "
            "lag(band) OVER w AS before, row_number() OVER w AS n "
            "FROM daily WINDOW w AS (PARTITION BY lead ORDER BY at_us)) "
            f"WHERE n > 1 AND (band IS DISTINCT FROM before OR {_crosses(triggers)}) "
            "ORDER BY at_us, lead"
        ).fetchall()
        changes, said = [], []
        for id_, lead, at_us, points, band, was, before, _ in rows:
            said.append(Scored(id_, lead, 1, at_us, points, was, None))
            if band != before:
                changes.append(Change(id_, lead, 1, at_us, before, band, points, "event", None))
        return changes, said

    def days_of(self, leads: Collection[int]) -> dict[int, list[Day]]:
        """The days of some leads, in order."""
        found: dict[int, list[Day]] = {lead: [] for lead in leads}
        listed = ", ".join(str(lead) for lead in found)
        rows = self.engine.connection.execute(
            f"SELECT lead, at_us, band, points FROM daily WHERE lead IN ({listed}) ORDER BY at_us"
        ).fetchall() if found else []  # fmt: skip
        for lead, *day in rows:
            found[lead].append(Day(*day))
        return found


def scored_daily(
    engine: DuckDBEngine, card: Card, leads: int, from_us: int, until_us: int
) -> Daily:
    """The leads of the files scored at the end of each day, and of the day before."""
    days = -(-(until_us - from_us) // DAY_US) + 1
    share = max(1, -(-leads * days // MOST_DAYS))
    engine.create("numbered", f"SELECT lead_id, row_number() OVER (ORDER BY lead_id) - 1 AS lead "
                  f"FROM {LEADS}")  # fmt: skip
    ledger = render(compile_ledger(card, Each()), "duckdb")
    asked = (
        f"SELECT n.lead, m.as_of_us AS at_us, m.score AS points, m.band FROM ({ledger}) AS m "
        "JOIN numbered AS n ON n.lead_id = m.lead_id"
    )
    for number, some in enumerate(_parts(leads, days, share)):
        engine.create(
            MOMENTS,
            "SELECT row_number() OVER () AS _moment, lead_id, "
            f"{until_us - SECOND_US} - day * {DAY_US} AS as_of_us, as_of_us AS known_by_us "
            f"FROM (SELECT lead_id FROM numbered WHERE {some}), range({days}) AS days(day)",
        )
        if number:
            engine.connection.execute(f"INSERT INTO daily {asked}")
        else:
            engine.create("daily", asked)
    engine.drop(MOMENTS)
    return Daily(engine, share)


def _parts(leads: int, days: int, share: int) -> Iterator[str]:
    width = max(1, AT_ONCE // days) * share
    for start in range(0, max(leads, 1), width):
        yield f"lead >= {start} AND lead < {start + width} AND lead % {share} = 0"


def _crosses(triggers: Sequence[Trigger]) -> str:
    lines = ["false"]
    for one in triggers:
        if isinstance(one, ScoreTrigger) and one.rises_past is not None:
            lines.append(f"was <= {one.rises_past} AND points > {one.rises_past}")
        elif isinstance(one, ScoreTrigger) and one.falls_below is not None:
            lines.append(f"was >= {one.falls_below} AND points < {one.falls_below}")
    return " OR ".join(f"({line})" for line in lines)
